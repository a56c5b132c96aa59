// An engine that records nothing, to be given to --engine: crsql_as_crr makes the triggers that Rejoin makes, whose
// functions return at once. What it takes beyond plain SQLite is the price of having triggers at all.
#include <sqlite3.h>

#include <string>

#include <rejoin/export.h>

namespace {

void nothing(sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_int(context, 0); }

std::string listed(const std::string& prefix, const std::string& names) {
  return names.empty() ? "" : ", " + prefix + names;
}

/// The names of columns, joined so that `prefix` goes before each but the first.
std::string columns(sqlite3* db, const char* table, const char* which, const std::string& prefix) {
  const std::string sql =
      "SELECT group_concat('\"' || name || '\"', ', " + prefix + "') FROM pragma_table_info(?1) WHERE " + which;
  sqlite3_stmt* statement = nullptr;
  std::string out;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
      out = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  return out;
}

void as_crr(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3* db = sqlite3_context_db_handle(context);
  const auto* table = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const std::string name = std::string("'") + table + "'";
  const auto part = [&](const char* which, const std::string& prefix) {
    return listed(prefix, columns(db, table, which, prefix));
  };
  const std::string new_keys = part("pk > 0", "NEW.");
  const std::string old_keys = part("pk > 0", "OLD.");
  const auto trigger = [&](const std::string& event, const std::string& arguments) {
    return "CREATE TRIGGER " + std::string(table) + "_" + event + " AFTER " + event + " ON " + table +
           " WHEN crsql_internal_sync_bit() = 0 BEGIN VALUES (crsql_after_" + event + "(" + name + arguments +
           ")); END;";
  };
  const std::string sql = trigger("insert", new_keys) + trigger("delete", old_keys) +
                          trigger("update", new_keys + old_keys + part("pk = 0", "NEW.") + part("pk = 0", "OLD."));
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    sqlite3_result_error(context, sqlite3_errmsg(db), -1);
}

}  // namespace

extern "C" REJOIN_API int sqlite3_crsqlite_init(sqlite3* db, char**, const struct sqlite3_api_routines*) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
  sqlite3_create_function(db, "crsql_as_crr", 1, SQLITE_UTF8, nullptr, as_crr, nullptr, nullptr);
  for (const char* name : {"crsql_finalize", "crsql_internal_sync_bit", "crsql_after_insert", "crsql_after_update",
                           "crsql_after_delete"}) {
    sqlite3_create_function(db, name, -1, kFlags, nullptr, nothing, nullptr, nullptr);
  }
  return SQLITE_OK;
}
