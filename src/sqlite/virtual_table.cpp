#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) { return hand_over(new (std::nothrow) sqlite3_vtab_cursor(), out); }
int filter(sqlite3_vtab_cursor*, int, const char*, int, sqlite3_value**) { return SQLITE_OK; }
int next(sqlite3_vtab_cursor*) { return SQLITE_OK; }
int eof(sqlite3_vtab_cursor*) { return 1; }
int column(sqlite3_vtab_cursor*, sqlite3_context*, int) { return SQLITE_OK; }
int rowid(sqlite3_vtab_cursor*, sqlite3_int64* out) {
  *out = 0;
  return SQLITE_OK;
}

}  // namespace

sqlite3_module empty_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xBestIndex = best_index;
  module.xOpen = open;
  module.xClose = delete_cursor<sqlite3_vtab_cursor>;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

}  // namespace rejoin::internal
