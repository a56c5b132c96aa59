#include "crr/wanted_key_table.hpp"

#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kWantedKeyDeclaration = "CREATE TABLE x(key INTEGER, source HIDDEN)";
enum WantedKeyColumn { kWantedKey, kWantedSource };
constexpr const char* kWantedKeyPointer = "rejoin wanted key";

struct WantedKeyCursor : sqlite3_vtab_cursor {
  WantedKeyCursor() : sqlite3_vtab_cursor() {}
  const std::int64_t* key = nullptr;  // null: a table without rows, as for all but the engine
};

WantedKeyCursor& wanted_key_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<WantedKeyCursor*>(cursor); }

int wanted_key_connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** out, char**) {
  const int code = sqlite3_declare_vtab(db, kWantedKeyDeclaration);
  return code == SQLITE_OK ? hand_over(new (std::nothrow) sqlite3_vtab(), out) : code;
}

int wanted_key_best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kWantedSource || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
  }
  info->estimatedCost = 1;
  info->estimatedRows = 1;
  return SQLITE_OK;
}

int wanted_key_open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  return hand_over(new (std::nothrow) WantedKeyCursor(), out);
}

int wanted_key_filter(sqlite3_vtab_cursor* base, int, const char*, int count, sqlite3_value** values) {
  WantedKeyCursor& cursor = wanted_key_cursor_of(base);
  cursor.key = nullptr;
  if (count > 0) cursor.key = static_cast<const std::int64_t*>(sqlite3_value_pointer(values[0], kWantedKeyPointer));
  return SQLITE_OK;
}

int wanted_key_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  if (number == kWantedKey) sqlite3_result_int64(context, *wanted_key_cursor_of(base).key);
  return SQLITE_OK;
}

sqlite3_module wanted_key_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xConnect = wanted_key_connect;  // and no xCreate: it is there without being created
  module.xBestIndex = wanted_key_best_index;
  module.xDisconnect = delete_table<sqlite3_vtab>;
  module.xOpen = wanted_key_open;
  module.xClose = delete_cursor<WantedKeyCursor>;
  module.xFilter = wanted_key_filter;
  module.xNext = [](sqlite3_vtab_cursor*) { return SQLITE_OK; };
  module.xEof = [](sqlite3_vtab_cursor* cursor) { return wanted_key_cursor_of(cursor).key == nullptr ? 1 : 0; };
  module.xColumn = wanted_key_column;
  module.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = *wanted_key_cursor_of(cursor).key;
    return SQLITE_OK;
  };
  return module;
}

}  // namespace

void bind_wanted_key(sqlite3_stmt* statement, int index, std::int64_t* key) {
  sqlite3_bind_pointer(statement, index, key, kWantedKeyPointer, nullptr);
}

int register_wanted_key_table(sqlite3* db) {
  static const sqlite3_module kModule = wanted_key_module();
  return sqlite3_create_module_v2(db, "crsql_internal_wanted_key", &kModule, nullptr, nullptr);
}

}  // namespace rejoin::internal
