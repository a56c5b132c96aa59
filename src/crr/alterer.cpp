#include "crr/alterer.hpp"

#include "crr/column_list.hpp"
#include "crr/format.hpp"
#include "crr/shadow_schema.hpp"
#include "sqlite/error.hpp"
#include "sqlite/query.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kAltering = "altering a CRR";

std::string list_of(const Table& table) { return listed(table.keys, "%n", ",") + listed(table.cells, ",%n", ""); }

/// Reads what is quoted at `at` and moves behind it; false where nothing is.
bool read_quoted(std::string_view text, std::size_t& at, char quote, std::string& out) {
  if (at >= text.size() || text[at] != quote) return false;
  out.clear();
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (i + 1 >= text.size() || text[i + 1] != quote) {
        at = i + 1;
        return true;
      }
      ++i;
    }
    out += text[i];
  }
  return false;
}

std::vector<std::string> read_list(std::string_view text, std::size_t& at) {
  std::vector<std::string> names;
  std::string name;
  while (read_quoted(text, at, '"', name)) {
    names.push_back(name);
    if (at < text.size() && text[at] == ',') ++at;
  }
  return names;
}

/// The triggers that meet `condition`: name, table, SQL.
Query triggers(sqlite3* db, const std::string& condition) {
  return {db, "SELECT name, tbl_name, sql FROM main.sqlite_master WHERE type = 'trigger' AND " + condition, kAltering};
}

std::string ends_with(std::string_view suffix) { return compose("substr(name, -%s) = %t", {suffix.size(), suffix}); }

std::string without(const std::string& name, std::string_view suffix) {
  return name.substr(0, name.size() - suffix.size());
}

}  // namespace

// --- savepoint ---

Status Alterer::open_savepoint() {
  undone_ = true;
  REJOIN_TRY(execute(db_, "SAVEPOINT crsql_alter", kAltering));
  ++open_savepoints_;
  return {};
}

Status Alterer::undo(Status cause) {
  undone_ = sqlite3_exec(db_, "ROLLBACK TO crsql_alter", nullptr, nullptr, nullptr) == SQLITE_OK ||
            sqlite3_get_autocommit(db_) != 0;
  sqlite3_exec(db_, "RELEASE crsql_alter", nullptr, nullptr, nullptr);
  if (open_savepoints_ > 0) --open_savepoints_;
  catalogue_.forget();
  return cause;
}

void Alterer::transaction_ended() {
  open_savepoints_ = 0;
  begun_.clear();
}

// --- begin ---

Status Alterer::mark(std::string_view name) {
  Table table;
  REJOIN_TRY(catalogue_.describe(name, table));
  Status status;
  if (catalogue_.find(table.name, status) == nullptr) {
    return status.ok() ? invalid("table %n is not a CRR", {table.name}) : status;
  }
  const std::string list = list_of(table);
  const std::string sql =
      compose("%sCREATE TRIGGER main.%n AFTER UPDATE OF %s ON %n WHEN %t IS NULL BEGIN SELECT 1; END",
              {drop_triggers_sql(table), table.shadow(kAlterTriggerSuffix), list, table.name, list});
  REJOIN_TRY(execute(db_, sql, kAltering));
  begun_.insert(table.name);
  catalogue_.forget();
  return {};
}

// --- commit ---

Status Alterer::release() {
  const int code = sqlite3_exec(db_, "RELEASE crsql_alter", nullptr, nullptr, nullptr);
  // The application may have gone back to a savepoint from before the alter, and ours with it.
  const bool released = code == SQLITE_OK || std::string_view(sqlite3_errmsg(db_)).starts_with("no such savepoint");
  if (!released) return sqlite_error(db_, code, kAltering);
  if (open_savepoints_ > 0) --open_savepoints_;  // a commit has set it to 0
  return {};
}

Status Alterer::find_marker(std::string_view name, Marker& marker) const {
  Query rows = triggers(db_, ends_with(kAlterTriggerSuffix));
  while (rows.step()) {
    const std::string trigger = rows.text(0);
    const std::string table = rows.text(1);
    const std::string owner = without(trigger, kAlterTriggerSuffix);
    if (table != name && owner != name) continue;
    marker.found = true;
    marker.owner = owner;
    marker.table = table;
    const std::string sql = rows.text(2);
    std::size_t at = compose("CREATE TRIGGER %n AFTER UPDATE OF ", {trigger}).size();
    marker.now = read_list(sql, at);
    std::string ignored;
    at += 4;  // " ON "
    if (!read_quoted(sql, at, '"', ignored)) return {};
    at += 6;  // " WHEN "
    std::string list;
    if (!read_quoted(sql, at, '\'', list)) return {};
    at = 0;
    marker.before = read_list(list, at);
    return {};
  }
  return rows.status();
}

/// Without a marker: the shadow tables are the table's own, or those of the name that its triggers still have.
Status Alterer::find_owner(const std::string& table, Marker& marker) const {
  marker.table = table;
  marker.owner = table;
  Table keys;
  bool there = false;
  REJOIN_TRY(catalogue_.look_for(table + std::string(kKeysSuffix), keys, there));
  if (there) return {};
  Query rows = triggers(db_, compose("tbl_name = %t AND %s", {table, ends_with(kInsertTriggerSuffix)}));
  const bool found = rows.step();
  if (found) marker.owner = without(rows.text(0), kInsertTriggerSuffix);
  REJOIN_TRY(rows.status());
  return found ? Status() : invalid("table %n is not a CRR, and no alter of it was begun", {table});
}

Status Alterer::finish(std::string_view name) {
  std::int64_t version = 0;
  REJOIN_TRY(clock_.committed_version(version));
  Marker marker;
  REJOIN_TRY(find_marker(name, marker));
  Table table;
  REJOIN_TRY(catalogue_.describe(marker.found ? marker.table : name, table));
  if (!marker.found) REJOIN_TRY(find_owner(table.name, marker));
  REJOIN_TRY(catalogue_.check_altered(table));
  REJOIN_TRY(take_over(marker, table));
  bool there = false;
  bool same_key = false;
  REJOIN_TRY(backfill_.inspect(catalogue_, table, there, same_key));
  if (there && !same_key) REJOIN_TRY(execute(db_, drop_shadow_tables_sql(table), kAltering));
  REJOIN_TRY(
      execute(db_, create_shadow_tables_sql(table) + drop_triggers_sql(table) + create_triggers_sql(table), kAltering));
  catalogue_.forget();
  REJOIN_TRY(catalogue_.refresh(false));
  REJOIN_TRY(clock_.refresh());
  Status status;
  const auto crr = catalogue_.find(table.name, status);
  REJOIN_TRY(std::move(status));
  if (crr == nullptr) return failure(ErrorCode::kCorrupt, "table %n is not a CRR after its alter", {table.name});
  // Peers run the same alter themselves, so what it fills in is no news. But a rebuild also drops the clocks of what
  // this transaction wrote before it, and that is news still.
  std::int64_t stamp = version;
  if (there && !same_key && clock_.counters().stored_version > version) REJOIN_TRY(clock_.next_version(0, stamp));
  REJOIN_TRY(align(*crr, stamp));
  // Clock rows went; the version must not go with them.
  return clock_.write_master(kPreCompactKey, version);
}

/// What went by old names goes by the new ones: the shadow tables, and the columns in them.
Status Alterer::take_over(const Marker& marker, const Table& table) {
  Table owner;
  owner.name = marker.owner;
  std::string sql = compose("DROP TRIGGER IF EXISTS main.%n;", {owner.shadow(kAlterTriggerSuffix)});
  if (owner.name != table.name) {
    sql += drop_triggers_sql(owner) + drop_shadow_tables_sql(table);
    for (const std::string_view suffix : {kClockSuffix, kKeysSuffix}) {
      append(sql, "ALTER TABLE main.%n RENAME TO %n;", {owner.shadow(suffix), table.shadow(suffix)});
    }
    // Their indices are made again under the new names.
    append(sql, "DROP INDEX IF EXISTS main.%n;DROP INDEX IF EXISTS main.%n;",
           {owner.shadow(kClockSuffix) + "_dbv_idx", owner.shadow(kKeysSuffix) + "_pks"});
  }
  REJOIN_TRY(execute(db_, sql, kAltering));
  std::vector<std::pair<std::string, std::string>> cells;
  std::string keys;
  for (std::size_t i = 0; i < marker.now.size() && i < marker.before.size(); ++i) {
    const std::string& before = marker.before[i];
    const std::string& now = marker.now[i];
    if (before == now) continue;
    if (table.cell_index(now) >= 0) {
      cells.emplace_back(before, now);
    } else {
      append(keys, "ALTER TABLE main.%n RENAME COLUMN %n TO %n;", {table.shadow(kKeysSuffix), before, now});
    }
  }
  if (!keys.empty()) REJOIN_TRY(execute(db_, keys, kAltering));
  return cells.empty() ? Status() : rename_clocks(table, cells);
}

/// In two steps, through names that no column has, since columns may have changed names with each other.
Status Alterer::rename_clocks(const Table& table, const std::vector<std::pair<std::string, std::string>>& renames) {
  const std::string clock = table.shadow(kClockSuffix);
  std::string there;
  std::string back;
  for (std::size_t i = 0; i < renames.size(); ++i) {
    const auto& [before, now] = renames[i];
    append(there, "UPDATE main.%n SET col_name = '__crsql_renamed_%s' WHERE col_name = %t;", {clock, i, before});
    // What may stand under the new name is of a column that was dropped.
    append(back,
           "DELETE FROM main.%n WHERE col_name = %t;"
           "UPDATE main.%n SET col_name = %t WHERE col_name = '__crsql_renamed_%s';",
           {clock, now, clock, now, i});
  }
  return execute(db_, there + back, kAltering);
}

Status Alterer::align(const Table& table, std::int64_t version) {
  REJOIN_TRY(backfill_.forget_columns(table));
  REJOIN_TRY(backfill_.forget_rows(table));
  REJOIN_TRY(backfill_.add_rows(table, version));
  REJOIN_TRY(backfill_.add_cells(table, version));
  clock_.forget_written();
  return {};
}

Status Alterer::finish_all() {
  for (const std::string& name : begun_) {
    Marker marker;
    REJOIN_TRY(find_marker(name, marker));
    if (marker.found) {
      REJOIN_TRY(finish(name));
      continue;
    }
    // Rebuilt, and left without triggers? What is a CRR again, and what was dropped, is fine.
    Table table;
    bool there = false;
    REJOIN_TRY(catalogue_.look_for(name, table, there));
    Status status;
    if (!there || catalogue_.find(table.name, status) != nullptr) continue;
    REJOIN_TRY(std::move(status));
    bool same_key = false;
    REJOIN_TRY(backfill_.inspect(catalogue_, table, there, same_key));
    if (there) REJOIN_TRY(finish(name));
  }
  return {};
}

}  // namespace rejoin::internal
