// What must not grow with the database: writes and reads of a few rows in large tables, polls, attaching.
#include <algorithm>
#include <map>
#include <memory>

#include "application.hpp"
#include "workload.hpp"

namespace bench {

namespace {

const Shape kShape;

std::string size_name(int rows) {
  if (rows % 1000000 == 0) return std::to_string(rows / 1000000) + "M";
  return rows % 1000 == 0 ? std::to_string(rows / 1000) + "k" : std::to_string(rows);
}

const std::filesystem::path& table_of(int rows, const Engine& engine) {
  return filled_once("growth " + std::to_string(rows), engine, [&](Database& database) {
    engine.create_table(database.get(), kShape);
    Application application(database, kShape);
    constexpr int kPart = 500000;  // a peer gets a large table in transactions of some size, too
    for (int first = 1; first <= rows; first += kPart) {
      application.run(Operation::kInsert, first, std::min(kPart, rows - first + 1), true, 0);
    }
  });
}

/// A large table's copy is kept from one run to the next, each of which goes on where the last one ended.
struct Kept {
  std::unique_ptr<Database> database;
  std::unique_ptr<Application> application;
  std::int64_t done = 0;
};

Kept& kept(const std::string& name, int rows, const Engine& engine) {
  static std::map<std::string, Kept> all;
  const std::string full_name = name + " " + engine.name();
  if (!all.contains(full_name)) {
    std::erase_if(all, [&](const auto& entry) { return !entry.first.starts_with(name + " "); });
    Kept& made = all[full_name];
    made.database = std::make_unique<Database>(engine, table_of(rows, engine));
    made.application = std::make_unique<Application>(*made.database, kShape);
  }
  return all[full_name];
}

/// At most 1.5 times what an item costs in the smallest table.
void must_not_grow(Workload& work, int rows, const Sizes& sizes, const std::string& name) {
  if (rows != sizes.growth.front()) {
    work.targets.push_back({Target::Kind::kTimesOther, 1.5, name + size_name(sizes.growth.front())});
  }
}

/// Scattered rows have a page of each tree for themselves in a large table, which SQLite's cache does not hold: what
/// grows there is SQLite's. Neighbours show the engine's own growth.
Workload write_workload(Operation operation, bool scattered, int rows, const Sizes& sizes) {
  const std::string prefix = std::string("grow/") + name_of(operation) + (scattered ? "_scattered/" : "/");
  Workload work;
  work.name = prefix + size_name(rows);
  work.family = "growth " + std::to_string(rows);
  work.items = sizes.growth_work;
  work.item = "row";
  work.limit_ways = {Engine::Way::kEnd};
  work.targets.push_back({Target::Kind::kTimesLimit, 1.25});
  must_not_grow(work, rows, sizes, prefix);
  work.run = [=, name = work.name, count = sizes.growth_work](const Engine& engine, Meter& meter) {
    Kept& table = kept(name, rows, engine);
    const int round = 1 + static_cast<int>(table.done / count);
    meter.start();
    if (operation == Operation::kInsert) {
      table.application->run(operation, rows + 1 + static_cast<int>(table.done), count, true, round);
    } else {
      table.application->run_by_key(operation, rows, count, round, table.done, scattered);
    }
    meter.stop();
    table.done += count;
    return 0.0;
  };
  return work;
}

/// The changes of the last transaction, which has written all five cells of 20 rows.
Workload tail_workload(int rows, const Sizes& sizes) {
  constexpr int kReads = 50;
  constexpr int kTail = 100;
  Workload work;
  work.name = "grow/tail_of_100_changes/" + size_name(rows);
  work.family = "growth " + std::to_string(rows);
  work.items = kReads;
  work.item = "tail";
  work.on_plain = false;
  work.limit_ways = {Engine::Way::kEnd};
  work.targets.push_back({Target::Kind::kMicroseconds, 100});
  must_not_grow(work, rows, sizes, "grow/tail_of_100_changes/");
  work.run = [rows, name = work.name](const Engine& engine, Meter& meter) {
    Kept& table = kept(name, rows, engine);
    if (table.done == 0) {
      table.application->run_by_key(Operation::kUpdateAll, rows, kTail / kShape.columns, 1, 0, true);
      table.done = table.database->number("SELECT max(db_version) FROM t__crsql_clock") - 1;
    }
    Prepared read(table.database->get(),
                  engine.is_crdt() ? "SELECT * FROM crsql_changes WHERE db_version > ?1" : limit_read_sql(kShape));
    if (read_rows(read, table.done) != kTail) give_up("the tail is not as long as it should be");
    meter.start();
    for (int i = 0; i < kReads; ++i) read_rows(read, table.done);
    meter.stop();
    return 0.0;
  };
  return work;
}

// --- many tables ---

const std::filesystem::path& many_tables(const Sizes& sizes, const Engine& engine) {
  return filled_once("many tables", engine, [&](Database& database) {
    for (int i = 0; i < sizes.tables; ++i) {
      const std::string name = "t" + std::to_string(i);
      engine.create_table(database.get(), kShape, name);
    }
    database.run("BEGIN");
    for (int i = 0; i < sizes.tables; ++i) {
      database.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                   std::to_string(sizes.table_rows) + ") INSERT INTO t" + std::to_string(i) +
                   " SELECT i, 'text', i, i * 1.5, 'more', x'00' FROM n");
    }
    database.run("COMMIT");
  });
}

Workload many_tables_workload(const Sizes& sizes, const std::string& name, int items, const std::string& item) {
  Workload work;
  work.name = name + "/" + std::to_string(sizes.tables) + "_tables";
  work.family = "many tables";
  work.items = items;
  work.item = item;
  return work;
}

Workload poll_workload(const Sizes& sizes) {
  constexpr int kPolls = 1000;
  Workload work = many_tables_workload(sizes, "poll_without_news", kPolls, "poll");
  work.on_plain = false;
  work.targets.push_back({Target::Kind::kMicroseconds, 5});
  work.run = [sizes](const Engine& engine, Meter& meter) {
    Database database(engine, many_tables(sizes, engine));
    const std::int64_t version = database.number("SELECT crsql_db_version()");
    Prepared read(database.get(), "SELECT * FROM crsql_changes WHERE db_version > ?1");
    if (read_rows(read, version) != 0) give_up("there is news");
    meter.start();
    for (int i = 0; i < kPolls; ++i) read_rows(read, version);
    meter.stop();
    return 0.0;
  };
  return work;
}

/// SQLite's own reading of the schema is not in it: plain SQLite's figure is that.
Workload attach_workload(const Sizes& sizes) {
  Workload work = many_tables_workload(sizes, "attach", 1, "attach");
  work.targets.push_back({Target::Kind::kMicroseconds, 5000});
  work.run = [sizes](const Engine& engine, Meter& meter) {
    const bool plain = engine.kind == Engine::Kind::kPlain;
    Database database(Engine{}, many_tables(sizes, plain ? Engine{Engine::Kind::kRejoin} : engine));
    if (plain) meter.start();
    if (database.number("SELECT count(*) FROM sqlite_schema") == 0) give_up("no tables");
    if (!plain) meter.start();
    engine.attach(database.get());
    meter.stop();
    if (engine.kind == Engine::Kind::kOther) database.run("SELECT crsql_finalize()");
    return 0.0;
  };
  return work;
}

}  // namespace

void add_growth_workloads(const Sizes& sizes, std::vector<Workload>& workloads) {
  workloads.push_back(poll_workload(sizes));
  workloads.push_back(attach_workload(sizes));
  for (const int rows : sizes.growth) {
    for (const Operation operation : {Operation::kInsert, Operation::kUpdateOne, Operation::kDelete}) {
      workloads.push_back(write_workload(operation, false, rows, sizes));
    }
    workloads.push_back(write_workload(Operation::kUpdateOne, true, rows, sizes));
    workloads.push_back(tail_workload(rows, sizes));
  }
}

Sizes Sizes::full() {
  Sizes sizes;
  sizes.growth = {50000, 500000, 5000000};
  return sizes;
}

Sizes Sizes::quick() { return {400, 1000, 60, 40, 5, 10, {400, 800}, 20}; }

Sizes Sizes::counted() { return {2000, 10000, 300, 500, 100, 5, {1000}, 500}; }

}  // namespace bench
