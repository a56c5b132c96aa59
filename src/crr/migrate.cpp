#include "crr/migrate.hpp"

#include "crr/format.hpp"
#include "crr/shadow_schema.hpp"
#include "sqlite/error.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

struct Scan {
  sqlite3_stmt* statement = nullptr;
  ~Scan() { sqlite3_finalize(statement); }
};

std::string name_of(const Table& table, std::string_view suffix) { return "main." + quoted_name(table.shadow(suffix)); }

std::string listed_keys(const Table& table) {
  std::string out;
  for (const Column& key : table.keys) out += (out.empty() ? "" : ", ") + quoted_name(key.name);
  return out;
}

/// Whether shadow tables stand there already (the table was dropped and made anew, or a trigger was dropped), and for these key columns.
Status inspect_leftovers(Engine& engine, const Table& table, bool& there, bool& same_key) {
  Table keys;
  there = engine.catalogue().describe(table.shadow(kKeysSuffix), keys).ok();
  same_key = there && keys.cells.size() == table.keys.size();
  for (std::size_t i = 0; same_key && i < table.keys.size(); ++i) same_key = keys.cells[i].name == table.keys[i].name;
  return {};
}

/// Brings leftover clocks in line with the rows that are there now: those of dropped columns and of rows that are gone go,
/// tombstones stay.
Status align(sqlite3* db, const Table& table) {
  const std::string clock = name_of(table, kClockSuffix);
  const std::string keys = name_of(table, kKeysSuffix);
  std::string joined;
  for (const Column& key : table.keys) {
    joined += (joined.empty() ? "t." : " AND t.") + quoted_name(key.name) + " = k." + quoted_name(key.name);
  }
  std::string columns = "'-1'";
  for (const Column& cell : table.cells) columns += ", " + quoted_text(cell.name);
  return execute(db,
                 "DELETE FROM " + clock + " WHERE key IN (SELECT k.__crsql_key FROM " + keys +
                     " AS k WHERE NOT EXISTS (SELECT 1 FROM main." + quoted_name(table.name) + " AS t WHERE " + joined +
                     ")) AND key NOT IN (SELECT key FROM " + clock + " WHERE col_name = '-1' AND (col_version & 1) = 0);" +
                     "DELETE FROM " + clock + " WHERE col_name NOT IN (" + columns + ");" + "DELETE FROM " + keys +
                     " AS k WHERE NOT EXISTS (SELECT 1 FROM " + clock + " AS c WHERE c.key = k.__crsql_key)",
                 "bringing old clocks in line");
}

/// Gives each row that the clocks do not know as alive a clock row for every cell, in key order.
Status backfill(Engine& engine, const Table& table) {
  const std::string clock = name_of(table, kClockSuffix);
  std::string joined;
  for (const Column& key : table.keys) {
    joined += (joined.empty() ? "k." : " AND k.") + quoted_name(key.name) + " = t." + quoted_name(key.name);
  }
  const std::string sql = "SELECT " + listed_keys(table) + " FROM main." + quoted_name(table.name) +
                          " AS t WHERE NOT EXISTS (SELECT 1 FROM " + name_of(table, kKeysSuffix) + " AS k JOIN " + clock +
                          " AS c ON c.key = k.__crsql_key WHERE " + joined +
                          " AND (c.col_name <> '-1' OR (c.col_version & 1) = 1)) ORDER BY " + listed_keys(table);
  Scan scan;
  int code = sqlite3_prepare_v2(engine.db(), sql.c_str(), -1, &scan.statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(engine.db(), code, "reading rows for their first clocks");
  KeyValues key(table.keys.size());
  while ((code = sqlite3_step(scan.statement)) == SQLITE_ROW) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = ValueView::of_column(scan.statement, static_cast<int>(i));
      if (key[i].type == SQLITE_NULL) {
        return {ErrorCode::kNotEligible, "table " + quoted_name(table.name) +
                                             " cannot become a CRR: a row of it has NULL in key column " +
                                             quoted_name(table.keys[i].name)};
      }
    }
    std::int64_t version = 0;
    REJOIN_TRY(engine.clock().next_version(0, version));
    std::int64_t row = 0;
    bool fresh = false;
    REJOIN_TRY(engine.clock().key_of(table, key, row, fresh));
    REJOIN_TRY(fresh ? engine.clock().write_new_row(table, row, version) : engine.clock().write_again(table, row, version));
  }
  return code == SQLITE_DONE ? Status() : sqlite_error(engine.db(), code, "reading rows for their first clocks");
}

/// The version as it is seen now, so that it can be kept when the clock rows that carry it go.
Status present_version(Engine& engine, std::int64_t& version) {
  REJOIN_TRY(engine.clock().committed_version(version));
  version = std::max(version, engine.clock().counters().stored_version);
  return {};
}

Status keep_version(Engine& engine, std::int64_t version) {
  std::int64_t highest = 0;
  REJOIN_TRY(engine.enter_to_read());
  REJOIN_TRY(engine.clock().max_version(highest));
  return highest >= version ? Status() : engine.clock().write_master(kPreCompactKey, version);
}

Status upgrade(Engine& engine, std::string_view name) {
  Table table;
  REJOIN_TRY(engine.catalogue().describe(name, table));
  Status status;
  if (engine.catalogue().find(table.name, status) != nullptr) return {};
  REJOIN_TRY(std::move(status));
  REJOIN_TRY(engine.catalogue().check_eligible(table));
  std::int64_t version = 0;
  REJOIN_TRY(present_version(engine, version));
  bool leftovers = false;
  bool same_key = false;
  REJOIN_TRY(inspect_leftovers(engine, table, leftovers, same_key));
  sqlite3* db = engine.db();
  if (leftovers && !same_key) REJOIN_TRY(execute(db, drop_shadow_tables_sql(table), "dropping old shadow tables"));
  REJOIN_TRY(execute(db, create_shadow_tables_sql(table), "creating shadow tables"));
  if (leftovers && same_key) REJOIN_TRY(align(db, table));
  REJOIN_TRY(execute(db, drop_triggers_sql(table) + create_triggers_sql(table), "creating triggers"));
  REJOIN_TRY(engine.enter_to_read());
  const auto crr = engine.catalogue().find(table.name, status);
  REJOIN_TRY(std::move(status));
  if (crr == nullptr) return {ErrorCode::kCorrupt, "table " + quoted_name(table.name) + " did not become a CRR"};
  REJOIN_TRY(backfill(engine, *crr));
  return leftovers ? keep_version(engine, version) : Status();
}

Status downgrade(Engine& engine, std::string_view name) {
  Table table;
  if (!engine.catalogue().describe(name, table).ok()) return {};
  std::int64_t version = 0;
  REJOIN_TRY(present_version(engine, version));
  REJOIN_TRY(execute(engine.db(), drop_triggers_sql(table) + drop_shadow_tables_sql(table), "dropping shadow tables"));
  return keep_version(engine, version);
}

/// Runs `work` in a savepoint of its own.
template <typename Work>
Status in_savepoint(Engine& engine, Work&& work) {
  REJOIN_TRY(engine.enter_to_read());
  Savepoint savepoint(engine.db());
  REJOIN_TRY(savepoint.begin());
  REJOIN_TRY(engine.enter_to_write());
  REJOIN_TRY(work());
  return savepoint.release();
}

}  // namespace

Status make_crr(Engine& engine, std::string_view name) {
  return in_savepoint(engine, [&] { return upgrade(engine, name); });
}

Status make_plain(Engine& engine, std::string_view name) {
  return in_savepoint(engine, [&] { return downgrade(engine, name); });
}

}  // namespace rejoin::internal
