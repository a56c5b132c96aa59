#include "crr/wanted_key_table.hpp"

#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kDeclaration = "CREATE TABLE x(key INTEGER, source HIDDEN)";
enum ColumnNumber { kKey, kSource };
constexpr const char* kPointerName = "rejoin wanted key";

struct WantedKeyCursor : sqlite3_vtab_cursor {
  WantedKeyCursor() : sqlite3_vtab_cursor() {}
  const std::int64_t* key = nullptr;  // null: a table without rows, as for all but the engine
};

WantedKeyCursor& cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<WantedKeyCursor*>(cursor); }

int connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** out, char**) {
  const int code = sqlite3_declare_vtab(db, kDeclaration);
  return code == SQLITE_OK ? hand_over(new (std::nothrow) sqlite3_vtab(), out) : code;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kSource || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
  }
  info->estimatedCost = 1;
  info->estimatedRows = 1;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) { return hand_over(new (std::nothrow) WantedKeyCursor(), out); }

int filter(sqlite3_vtab_cursor* base, int, const char*, int count, sqlite3_value** values) {
  WantedKeyCursor& cursor = cursor_of(base);
  cursor.key = nullptr;
  if (count > 0) cursor.key = static_cast<const std::int64_t*>(sqlite3_value_pointer(values[0], kPointerName));
  return SQLITE_OK;
}

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  if (number == kKey) sqlite3_result_int64(context, *cursor_of(base).key);
  return SQLITE_OK;
}

sqlite3_module wanted_key_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xConnect = connect;  // and no xCreate: it is there without being created
  module.xBestIndex = best_index;
  module.xDisconnect = delete_table<sqlite3_vtab>;
  module.xOpen = open;
  module.xClose = delete_cursor<WantedKeyCursor>;
  module.xFilter = filter;
  module.xNext = [](sqlite3_vtab_cursor*) { return SQLITE_OK; };
  module.xEof = [](sqlite3_vtab_cursor* cursor) { return cursor_of(cursor).key == nullptr ? 1 : 0; };
  module.xColumn = column;
  module.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = *cursor_of(cursor).key;
    return SQLITE_OK;
  };
  return module;
}

}  // namespace

void bind_wanted_key(sqlite3_stmt* statement, int index, std::int64_t* key) {
  sqlite3_bind_pointer(statement, index, key, kPointerName, nullptr);
}

int register_wanted_key_table(sqlite3* db) {
  static const sqlite3_module kModule = wanted_key_module();
  return sqlite3_create_module_v2(db, "crsql_internal_wanted_key", &kModule, nullptr, nullptr);
}

}  // namespace rejoin::internal
