#include "crr/shadow_schema.hpp"

#include "crr/column_list.hpp"
#include "crr/format.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

std::string trigger(const Table& table, std::string_view suffix, const char* event, const std::string& call) {
  return compose("CREATE TRIGGER main.%n AFTER %s ON %n WHEN crsql_internal_sync_bit() = 0 BEGIN VALUES (%s); END;",
                 {table.shadow(suffix), event, table.name, call});
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
  const std::string columns = listed(table.keys, "%n", ",");
  return compose(
      "CREATE TABLE IF NOT EXISTS main.%n (key INTEGER NOT NULL, col_name TEXT NOT NULL, col_version INTEGER NOT NULL, "
      "db_version INTEGER NOT NULL, site_id INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, PRIMARY KEY (key, "
      "col_name)) WITHOUT ROWID, STRICT;"
      "CREATE INDEX IF NOT EXISTS main.%n ON %n (\"db_version\");"
      "CREATE TABLE IF NOT EXISTS main.%n (__crsql_key INTEGER PRIMARY KEY, %s);"
      "CREATE UNIQUE INDEX IF NOT EXISTS main.%n ON %n (%s);",
      {clock, clock + "_dbv_idx", clock, keys, columns, keys + "_pks", keys, columns});
}

std::string drop_shadow_tables_sql(const Table& table) {
  return compose("DROP TABLE IF EXISTS main.%n;DROP TABLE IF EXISTS main.%n;",
                 {table.shadow(kClockSuffix), table.shadow(kKeysSuffix)});
}

std::string create_triggers_sql(const Table& table) {
  const std::string new_keys = listed(table.keys, "NEW.%n", ",");
  const std::string old_keys = listed(table.keys, "OLD.%n", ",");
  std::string update = compose("crsql_after_update(%t, %s, %s", {table.name, new_keys, old_keys});
  if (!table.cells.empty())
    append(update, ", %s, %s", {listed(table.cells, "NEW.%n", ","), listed(table.cells, "OLD.%n", ",")});
  update += ')';
  return trigger(table, kInsertTriggerSuffix, "INSERT", compose("crsql_after_insert(%t, %s)", {table.name, new_keys})) +
         trigger(table, kUpdateTriggerSuffix, "UPDATE", update) +
         trigger(table, kDeleteTriggerSuffix, "DELETE", compose("crsql_after_delete(%t, %s)", {table.name, old_keys}));
}

std::string drop_triggers_sql(const Table& table) {
  std::string out;
  for (const std::string_view suffix : {kInsertTriggerSuffix, kUpdateTriggerSuffix, kDeleteTriggerSuffix}) {
    append(out, "DROP TRIGGER IF EXISTS main.%n;", {table.shadow(suffix)});
  }
  return out;
}

}  // namespace rejoin::internal
