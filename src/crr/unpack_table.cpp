#include "crr/unpack_table.hpp"

#include "crr/packed_key.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/sql_text.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kUnpackDeclaration = "CREATE TABLE x(cell ANY, package BLOB HIDDEN)";
enum UnpackColumn { kUnpackCell, kUnpackPackage };
enum Plan { kNoPackage, kOfPackage };

struct UnpackCursor : ListCursor<ValueView> {  // the rows borrow from `package`
  Bytes package;
};

UnpackCursor& unpack_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<UnpackCursor*>(cursor); }

int unpack_connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** out, char**) {
  int code = sqlite3_declare_vtab(db, kUnpackDeclaration);
  // It reads nothing but its argument: views and triggers of any schema may use it.
  if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  if (code != SQLITE_OK) return code;
  return hand_over(new (std::nothrow) sqlite3_vtab(), out);
}

bool is_equality(int op) { return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS; }

int unpack_best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  bool wanted = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kUnpackPackage || !is_equality(constraint.op)) continue;
    wanted = true;
    if (constraint.usable == 0) continue;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->idxNum = kOfPackage;
    info->estimatedCost = 10;
    info->estimatedRows = 5;
    return SQLITE_OK;
  }
  // The package comes from a table that this plan visits later: no plan. Without any package xFilter says so.
  info->idxNum = kNoPackage;
  return wanted ? SQLITE_CONSTRAINT : SQLITE_OK;
}

int unpack_open(sqlite3_vtab*, sqlite3_vtab_cursor** out) { return hand_over(new (std::nothrow) UnpackCursor(), out); }

Status load(UnpackCursor& cursor, sqlite3_value* value) {
  const ValueView package = ValueView::of(value);
  if (package.type == SQLITE_NULL) return {};  // as for any column: nothing equals NULL
  if (package.type != SQLITE_BLOB) return invalid("crsql_unpack_columns: the package is not a blob");
  cursor.package.clear();
  append_bytes(cursor.package, package.bytes);
  const Status status = unpack({cursor.package.data(), cursor.package.size()}, cursor.rows);
  if (status.ok()) return {};
  cursor.rows.clear();
  return invalid("crsql_unpack_columns: %s", {status.message()});
}

int unpack_filter(sqlite3_vtab_cursor* base, int plan, const char*, int, sqlite3_value** values) {
  UnpackCursor& cursor = unpack_cursor_of(base);
  return table_callback(base->pVtab, [&]() -> Status {
    cursor.row = 0;
    cursor.rows.clear();
    if (plan == kOfPackage) return load(cursor, values[0]);
    return invalid(
        "crsql_unpack_columns: what to unpack is missing: WHERE package = ..., or crsql_unpack_columns(...)");
  });
}

int unpack_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const UnpackCursor& cursor = unpack_cursor_of(base);
  if (number == kUnpackCell) {
    result_view(context, cursor.rows[cursor.row], SQLITE_TRANSIENT);
  } else {
    sqlite3_result_blob64(context, cursor.package.data(), cursor.package.size(), SQLITE_TRANSIENT);
  }
  return SQLITE_OK;
}

sqlite3_module unpack_module() {
  sqlite3_module module = list_module<UnpackCursor>();
  module.xConnect = unpack_connect;  // and no xCreate: it is there without being created
  module.xBestIndex = unpack_best_index;
  module.xDisconnect = delete_table<sqlite3_vtab>;
  module.xOpen = unpack_open;
  module.xFilter = unpack_filter;
  module.xColumn = unpack_column;
  return module;
}

}  // namespace

int register_unpack_table(sqlite3* db) {
  static const sqlite3_module kModule = unpack_module();
  return sqlite3_create_module_v2(db, "crsql_unpack_columns", &kModule, nullptr, nullptr);
}

}  // namespace rejoin::internal
