// What is the same for each of our virtual tables.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "sqlite/api.hpp"

namespace rejoin::internal {

/// Gives SQLite what `new (std::nothrow)` made.
template <typename Made, typename Base>
int hand_over(Made* made, Base** out) {
  *out = made;
  return made == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

/// A table that works for the `Owner` whom its module was registered with.
template <typename Owner>
struct OwnedTable : sqlite3_vtab {
  explicit OwnedTable(void* module_data) : sqlite3_vtab(), owner(static_cast<Owner*>(module_data)) {}
  Owner* owner;
};

/// xConnect of an OwnedTable with the columns of `declaration`.
template <typename Table>
int connect_owned(sqlite3* db, const char* declaration, void* owner, sqlite3_vtab** out) {
  const int code = sqlite3_declare_vtab(db, declaration);
  return code == SQLITE_OK ? hand_over(new (std::nothrow) Table(owner), out) : code;
}

/// xDisconnect. A message that SQLite has not asked for (it passes by that of an xDestroy) goes too.
template <typename Table>
int delete_table(sqlite3_vtab* table) {
  sqlite3_free(table->zErrMsg);
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

/// xClose.
template <typename Cursor>
int delete_cursor(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

/// A cursor whose rows are all there when xFilter is done.
template <typename Row>
struct ListCursor : sqlite3_vtab_cursor {
  ListCursor() : sqlite3_vtab_cursor() {}
  std::vector<Row> rows;
  std::size_t row = 0;
};

/// A module of tables with such a cursor: walking the rows. The rest is left open.
template <typename Cursor>
sqlite3_module list_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xClose = delete_cursor<Cursor>;
  module.xNext = [](sqlite3_vtab_cursor* cursor) {
    ++static_cast<Cursor*>(cursor)->row;
    return SQLITE_OK;
  };
  module.xEof = [](sqlite3_vtab_cursor* base) {
    const auto& cursor = *static_cast<Cursor*>(base);
    return cursor.row >= cursor.rows.size() ? 1 : 0;
  };
  module.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row) + 1;
    return SQLITE_OK;
  };
  return module;
}

/// A module of tables that are there without being created and are read from end to end: walking, for a cursor that has
/// start(), next(), ended() and number(), which is the row's. xConnect, xOpen and xColumn are left open.
template <typename Table, typename Cursor>
sqlite3_module walked_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xBestIndex = [](sqlite3_vtab*, sqlite3_index_info* info) {
    info->estimatedRows = 1000;
    info->estimatedCost = 1000;
    return SQLITE_OK;
  };
  module.xDisconnect = delete_table<Table>;
  module.xClose = delete_cursor<Cursor>;
  module.xFilter = [](sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
    static_cast<Cursor*>(cursor)->start();
    return SQLITE_OK;
  };
  module.xNext = [](sqlite3_vtab_cursor* cursor) {
    static_cast<Cursor*>(cursor)->next();
    return SQLITE_OK;
  };
  module.xEof = [](sqlite3_vtab_cursor* cursor) { return static_cast<Cursor*>(cursor)->ended() ? 1 : 0; };
  module.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = static_cast<Cursor*>(cursor)->number();
    return SQLITE_OK;
  };
  return module;
}

/// A module of tables that never have a row: all that reading them takes. xConnect and xDisconnect are left open.
sqlite3_module empty_module();

}  // namespace rejoin::internal
