#include "crr/shadow_schema.hpp"

#include "crr/format.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

/// `prefix"a",prefix"b"`.
std::string listed(const std::vector<Column>& columns, std::string_view prefix = {}) {
  std::string out;
  for (const Column& column : columns) {
    if (!out.empty()) out += ',';
    out += prefix;
    out += quoted_name(column.name);
  }
  return out;
}

std::string trigger(const Table& table, std::string_view suffix, std::string_view event, const std::string& call) {
  return "CREATE TRIGGER main." + quoted_name(table.shadow(suffix)) + " AFTER " + std::string(event) + " ON " +
         quoted_name(table.name) + " WHEN crsql_internal_sync_bit() = 0 BEGIN VALUES (" + call + "); END;";
}

}  // namespace

std::string create_engine_tables_sql() {
  return R"(CREATE TABLE IF NOT EXISTS main.crsql_tracked_peers ("site_id" BLOB NOT NULL, "version" INTEGER NOT NULL,)"
         R"( "seq" INTEGER DEFAULT 0, "tag" INTEGER, "event" INTEGER, PRIMARY KEY ("site_id", "tag", "event")) STRICT;)"
         R"(CREATE TABLE IF NOT EXISTS main."crsql_master" ("key" TEXT PRIMARY KEY, "value" ANY);)"
         R"(CREATE TABLE IF NOT EXISTS main."crsql_site_id" (site_id BLOB NOT NULL, ordinal INTEGER PRIMARY KEY);)"
         R"(CREATE UNIQUE INDEX IF NOT EXISTS main.crsql_site_id_site_id ON "crsql_site_id" (site_id);)";
}

std::string create_shadow_tables_sql(const Table& table) {
  const std::string clock = table.shadow(kClockSuffix);
  const std::string keys = table.shadow(kKeysSuffix);
  const std::string columns = listed(table.keys);
  return "CREATE TABLE IF NOT EXISTS main." + quoted_name(clock) +
         " (key INTEGER NOT NULL, col_name TEXT NOT NULL, col_version INTEGER NOT NULL, db_version INTEGER NOT NULL, "
         "site_id INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, PRIMARY KEY (key, col_name)) WITHOUT ROWID, STRICT;"
         "CREATE INDEX IF NOT EXISTS main." +
         quoted_name(clock + "_dbv_idx") + " ON " + quoted_name(clock) +
         " (\"db_version\");"
         "CREATE TABLE IF NOT EXISTS main." +
         quoted_name(keys) + " (__crsql_key INTEGER PRIMARY KEY, " + columns +
         ");"
         "CREATE UNIQUE INDEX IF NOT EXISTS main." +
         quoted_name(keys + "_pks") + " ON " + quoted_name(keys) + " (" + columns + ");";
}

std::string drop_shadow_tables_sql(const Table& table) {
  return "DROP TABLE IF EXISTS main." + quoted_name(table.shadow(kClockSuffix)) + ";DROP TABLE IF EXISTS main." +
         quoted_name(table.shadow(kKeysSuffix)) + ";";
}

std::string create_triggers_sql(const Table& table) {
  const std::string name = quoted_text(table.name);
  const std::string new_keys = listed(table.keys, "NEW.");
  const std::string old_keys = listed(table.keys, "OLD.");
  std::string update = "crsql_after_update(" + name + ", " + new_keys + ", " + old_keys;
  if (!table.cells.empty()) update += ", " + listed(table.cells, "NEW.") + ", " + listed(table.cells, "OLD.");
  return trigger(table, kInsertTriggerSuffix, "INSERT", "crsql_after_insert(" + name + ", " + new_keys + ")") +
         trigger(table, kUpdateTriggerSuffix, "UPDATE", update + ")") +
         trigger(table, kDeleteTriggerSuffix, "DELETE", "crsql_after_delete(" + name + ", " + old_keys + ")");
}

std::string drop_triggers_sql(const Table& table) {
  std::string out;
  for (const std::string_view suffix : {kInsertTriggerSuffix, kUpdateTriggerSuffix, kDeleteTriggerSuffix}) {
    out += "DROP TRIGGER IF EXISTS main." + quoted_name(table.shadow(suffix)) + ";";
  }
  return out;
}

}  // namespace rejoin::internal
