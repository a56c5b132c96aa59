// Reading changes and merging them, on the default table.
#include <malloc.h>

#include <algorithm>
#include <memory>
#include <span>

#include <rejoin/replica.hpp>

#include "application.hpp"
#include "changes.hpp"
#include "limit_merge.hpp"
#include "workload.hpp"

namespace bench {

namespace {

const Shape kShape;

/// How the changes get in.
enum class Road { kStatementAChange, kInsertSelect, kLongValues, kLibrary };
/// What they find.
enum class Found { kNothing, kThemselves, kOthers };

struct Merge {
  Road road;
  Found found;
  int rows;

  [[nodiscard]] std::string name() const {
    static constexpr const char* kRoads[] = {"statement_a_change", "insert_select", "long_values", "library"};
    static constexpr const char* kFound[] = {"empty", "no_op", "conflict"};
    return std::string("merge/") + kFound[static_cast<int>(found)] + "/" + kRoads[static_cast<int>(road)];
  }
  [[nodiscard]] bool row_together() const { return road != Road::kStatementAChange; }
};

/// What a peer has written to all rows. Where two meet in conflict each wins in every second row.
const std::vector<rejoin::Change>& peers_changes(int rows, bool every_second_wins) {
  static std::vector<rejoin::Change> changes;
  static std::pair<int, bool> made_for{-1, false};
  if (made_for == std::pair{rows, every_second_wins}) return changes;
  Database peer(Engine{Engine::Kind::kRejoin});
  peer.engine().create_table(peer.get(), kShape);
  Application application(peer, kShape);
  application.insert_rounds(rows, every_second_wins ? 1 : 0, 0);
  changes = changes_of(peer);
  made_for = {rows, every_second_wins};
  return changes;
}

void merge_by_statement(Database& database, const std::vector<rejoin::Change>& changes) {
  Prepared insert(database.get(), "INSERT INTO crsql_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  for (const rejoin::Change& change : changes) {
    bind_change(insert.get(), 1, change);
    insert.run();
  }
}

std::string values_sql(std::size_t changes) {
  std::string sql = "INSERT INTO crsql_changes VALUES ";
  for (std::size_t i = 0; i < changes; ++i) sql += i == 0 ? "(?,?,?,?,?,?,?,?,?)" : ",(?,?,?,?,?,?,?,?,?)";
  return sql;
}

/// A hundred changes a statement.
void merge_by_values(Database& database, const std::vector<rejoin::Change>& changes) {
  constexpr std::size_t kMost = 100;
  std::size_t at = 0;
  const auto merge = [&](Prepared& insert, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) bind_change(insert.get(), 1 + 9 * static_cast<int>(i), changes[at++]);
    insert.run();
  };
  Prepared long_one(database.get(), values_sql(kMost));
  while (changes.size() - at >= kMost) merge(long_one, kMost);
  if (at == changes.size()) return;
  Prepared rest(database.get(), values_sql(changes.size() - at));
  merge(rest, changes.size() - at);
}

void merge_by_library(Database& database, const std::vector<rejoin::Change>& changes) {
  auto replica = rejoin::Replica::on(database.get());
  if (!replica.ok()) give_up(replica.status().message());
  constexpr std::size_t kBatch = 10000;
  const std::span<const rejoin::Change> all(changes);
  for (std::size_t at = 0; at < all.size(); at += kBatch) {
    const auto merged = replica->merge(all.subspan(at, std::min(kBatch, all.size() - at)));
    if (!merged.ok()) give_up(merged.status().message());
  }
}

void merge_into_engine(const Merge& merge, Database& database, const std::vector<rejoin::Change>& changes) {
  switch (merge.road) {
    case Road::kStatementAChange:
      return merge_by_statement(database, changes);
    case Road::kInsertSelect:
      return database.run("INSERT INTO crsql_changes SELECT * FROM source.changes ORDER BY rowid");
    case Road::kLongValues:
      return merge_by_values(database, changes);
    default:
      return merge_by_library(database, changes);
  }
}

/// The same values into a table without clocks: a statement a cell, or a statement a row.
void merge_into_plain(const Merge& merge, Database& database, const std::vector<rejoin::Change>& changes) {
  const std::vector<std::string> cells = kShape.cell_names();
  std::vector<std::unique_ptr<Prepared>> upserts;
  for (const std::string& cell : cells) {
    upserts.push_back(std::make_unique<Prepared>(
        database.get(), listed({cell}, "INSERT INTO t (id, $) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET $ = ?2")));
  }
  Prepared row(database.get(), "INSERT INTO t VALUES (?1, " + listed(cells, "?#", 2) + ") ON CONFLICT DO UPDATE SET " +
                                   listed(cells, "$ = excluded.$"));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i / cells.size()) + 1;
    const auto cell = i % cells.size();
    Prepared& statement = merge.row_together() ? row : *upserts[cell];
    sqlite3_bind_int64(statement.get(), 1, id);
    bind_value(statement.get(), merge.row_together() ? 2 + static_cast<int>(cell) : 2, changes[i].value);
    if (!merge.row_together() || cell + 1 == cells.size()) statement.run();
  }
}

void fill_source(Database& database, const std::vector<rejoin::Change>& changes) {
  database.run("ATTACH ':memory:' AS source; CREATE TABLE source.changes (a, b, c, d, e, f, g, h, i); BEGIN");
  {
    Prepared insert(database.get(), "INSERT INTO source.changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    for (const rejoin::Change& change : changes) {
      bind_change(insert.get(), 1, change);
      insert.run();
    }
  }
  database.run("COMMIT");
}

void merge_into(const Merge& merge, Database& database, const std::vector<rejoin::Change>& changes, Meter& meter) {
  const bool crdt = database.engine().is_crdt();
  if (crdt && merge.road == Road::kInsertSelect) fill_source(database, changes);
  std::optional<LimitMerger> limit;
  if (database.engine().kind == Engine::Kind::kLimit) limit.emplace(database, kShape);
  meter.start();
  database.run("BEGIN");
  if (crdt) {
    merge_into_engine(merge, database, changes);
  } else if (!limit) {
    merge_into_plain(merge, database, changes);
  } else if (merge.row_together()) {
    limit->merge_together(changes);
  } else {
    for (const rejoin::Change& change : changes) limit->merge(change);
  }
  database.run("COMMIT");
  meter.stop();
}

/// A file as the changes find it.
const std::filesystem::path& found_by(const Merge& merge, const Engine& engine) {
  static constexpr const char* kNames[] = {"merge nothing ", "merge themselves ", "merge others "};
  const std::string name = kNames[static_cast<int>(merge.found)] + std::to_string(merge.rows);
  return filled_once(name, engine, [&](Database& database) {
    NoMeter meter;
    engine.create_table(database.get(), kShape);
    if (merge.found == Found::kThemselves) {
      merge_into({Road::kStatementAChange, Found::kNothing, merge.rows}, database, peers_changes(merge.rows, false),
                 meter);
    } else if (merge.found == Found::kOthers) {
      Application(database, kShape).insert_rounds(merge.rows, 0, 1);
    }
  });
}

void run(const Merge& merge, Database& database, Meter& meter) {
  merge_into(merge, database, peers_changes(merge.rows, merge.found == Found::kOthers), meter);
}

Workload workload(const Merge& merge, double changes_per_second) {
  Workload work;
  work.name = merge.name();
  work.family = "merge";
  work.items = merge.rows * kShape.columns;
  work.item = "change";
  if (changes_per_second > 0) work.targets.push_back({Target::Kind::kPerSecond, changes_per_second});
  work.on_other = merge.road != Road::kLibrary;
  work.limit_ways = {Engine::Way::kRow};
  work.run = [merge](const Engine& engine, Meter& meter) {
    Database database(engine, found_by(merge, engine));
    run(merge, database, meter);
    return 0.0;
  };
  work.verify = [merge](const Engine& limit, const Engine& engine) {
    NoMeter meter;
    Database by_limit(limit, found_by(merge, limit));
    Database by_engine(engine, found_by(merge, engine));
    run(merge, by_limit, meter);
    run(merge, by_engine, meter);
    compare_databases(merge.name(), by_limit, by_engine, kShape);
  };
  return work;
}

// --- memory ---

/// What malloc has given out, SQLite's share and C++'s.
double allocated() {
#ifdef __GLIBC__
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

/// The most memory, looked at every hundred changes, that a merge in one transaction had above what was there before.
double memory_of_merge(const Engine& engine, int rows) {
  const std::vector<rejoin::Change>& changes = peers_changes(rows, false);
  Database database(engine);
  engine.create_table(database.get(), kShape);
  const double before = allocated();
  double most = before;
  {
    database.run("BEGIN");
    Prepared insert(database.get(), "INSERT INTO crsql_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    for (std::size_t i = 0; i < changes.size(); ++i) {
      bind_change(insert.get(), 1, changes[i]);
      insert.run();
      if (i % 100 == 0) most = std::max(most, allocated());
    }
  }
  database.run("COMMIT");
  return std::max(most, allocated()) - before;
}

Workload memory_workload(int rows, const std::string& smaller) {
  Workload work;
  work.name = "merge/memory/" + std::to_string(rows * kShape.columns) + "_changes";
  work.family = "memory";
  work.item = "merge";
  work.on_plain = false;
  work.limit_ways.clear();
  work.in_memory = true;
  // Bounded: ten times as many changes take hardly more.
  if (!smaller.empty()) work.targets.push_back({Target::Kind::kTimesOther, 1.1, smaller});
  work.run = [rows](const Engine& engine, Meter&) { return memory_of_merge(engine, rows); };
  return work;
}

// --- reading ---

std::string read_sql(const Engine& engine) {
  if (engine.kind == Engine::Kind::kPlain) return "SELECT * FROM t";
  if (engine.is_crdt()) return "SELECT * FROM crsql_changes WHERE db_version > ?1";
  return limit_read_sql(kShape);
}

Workload read_workload(int rows) {
  Workload work;
  work.name = "read/all";
  work.family = "read";
  work.items = rows * kShape.columns;
  work.item = "change";
  work.targets.push_back({Target::Kind::kPerSecond, 1.5e6});
  work.limit_ways = {Engine::Way::kBulk};
  work.run = [rows](const Engine& engine, Meter& meter) {
    const auto& path = filled_once("read " + std::to_string(rows), engine, [&](Database& database) {
      engine.create_table(database.get(), kShape);
      Application(database, kShape).run(Operation::kInsert, 1, rows, true, 0);
    });
    Database database(engine, path);
    Prepared read(database.get(), read_sql(engine));
    meter.start();
    const int count = read_rows(read, 0);
    meter.stop();
    if (count != (engine.kind == Engine::Kind::kPlain ? 1 : kShape.columns) * rows) give_up("not all was read");
    return 0.0;
  };
  return work;
}

}  // namespace

std::string limit_read_sql(const Shape& shape) {
  return "SELECT 't', k.id, c.col_name, CASE c.col_name " + listed(shape.cell_names(), "WHEN '$' THEN t.$", 1, " ") +
         " END, c.col_version, c.db_version, x'00112233445566778899aabbccddeeff', coalesce(s.col_version, 1), c.seq "
         "FROM t__crsql_clock AS c CROSS JOIN t__crsql_pks AS k ON k.__crsql_key = c.key LEFT JOIN t ON t.id = k.id "
         "LEFT JOIN t__crsql_clock AS s ON s.key = c.key AND s.col_name = '-1' WHERE c.db_version > ?1 "
         "ORDER BY c.db_version, c.seq";
}

int read_rows(Prepared& read, std::int64_t since) {
  sqlite3_bind_int64(read.get(), 1, since);
  int count = 0;
  const int columns = sqlite3_column_count(read.get());
  for (; read.row(); ++count) {
    for (int i = 0; i < columns; ++i) {
      if (sqlite3_column_type(read.get(), i) == SQLITE_TEXT) sqlite3_column_text(read.get(), i);
    }
  }
  read.reset();
  return count;
}

void add_change_workloads(const Sizes& sizes, std::vector<Workload>& workloads) {
  workloads.push_back(read_workload(sizes.rows));
  const int rows = sizes.merged_rows;
  workloads.push_back(workload({Road::kStatementAChange, Found::kNothing, rows}, 400e3));
  workloads.push_back(workload({Road::kInsertSelect, Found::kNothing, rows}, 900e3));
  workloads.push_back(workload({Road::kLongValues, Found::kNothing, rows}, 900e3));
  workloads.push_back(workload({Road::kLibrary, Found::kNothing, rows}, 1.5e6));
  workloads.push_back(workload({Road::kStatementAChange, Found::kThemselves, rows}, 1e6));
  workloads.push_back(workload({Road::kInsertSelect, Found::kThemselves, rows}, 0));
  workloads.push_back(workload({Road::kLibrary, Found::kThemselves, rows}, 0));
  workloads.push_back(workload({Road::kStatementAChange, Found::kOthers, rows}, 700e3));
  workloads.push_back(workload({Road::kInsertSelect, Found::kOthers, rows}, 0));
  workloads.push_back(workload({Road::kLibrary, Found::kOthers, rows}, 0));
  workloads.push_back(memory_workload(rows / 2, ""));
  workloads.push_back(memory_workload(rows * 5, workloads.back().name));
}

}  // namespace bench
