#include "crr/check_table.hpp"

#include "crr/check.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

// The key is packed, as in crsql_changes; NULL where the fault is of no row whose key is known.
constexpr const char* kCheckDeclaration = "CREATE TABLE x([table] TEXT NOT NULL, [pk] BLOB, [fault] TEXT NOT NULL)";
enum CheckColumn { kCheckTable, kCheckPk, kCheckFault };

using CheckTable = OwnedTable<Engine>;

using CheckCursor = ListCursor<Fault>;

CheckCursor& check_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<CheckCursor*>(cursor); }

int check_connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  return connect_owned<CheckTable>(db, kCheckDeclaration, engine, out);
}

int check_best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  // All rows of all tables are visited: in a join, once is enough.
  info->estimatedCost = 1e9;
  return SQLITE_OK;
}

int check_open(sqlite3_vtab*, sqlite3_vtab_cursor** out) { return hand_over(new (std::nothrow) CheckCursor(), out); }

int check_filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
  CheckCursor& cursor = check_cursor_of(base);
  return table_callback(base->pVtab, [&] {
    cursor.row = 0;
    cursor.rows.clear();
    return find_faults(*static_cast<CheckTable*>(base->pVtab)->owner, cursor.rows);
  });
}

int check_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const Fault& fault = check_cursor_of(base).rows[check_cursor_of(base).row];
  if (number == kCheckPk) {
    if (!fault.pk.empty()) sqlite3_result_blob64(context, fault.pk.data(), fault.pk.size(), SQLITE_TRANSIENT);
    return SQLITE_OK;
  }
  const std::string& text = number == kCheckTable ? fault.table : fault.text;
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return SQLITE_OK;
}

sqlite3_module check_module() {
  sqlite3_module module = list_module<CheckCursor>();
  module.xConnect = check_connect;  // and no xCreate: it is there without being created
  module.xBestIndex = check_best_index;
  module.xDisconnect = delete_table<CheckTable>;
  module.xOpen = check_open;
  module.xFilter = check_filter;
  module.xColumn = check_column;
  return module;
}

}  // namespace

int register_check_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = check_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "rejoin_check", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal
