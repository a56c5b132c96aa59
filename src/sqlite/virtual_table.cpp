#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

using EmptyCursor = ListCursor<char>;

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) { return hand_over(new (std::nothrow) EmptyCursor(), out); }
int filter(sqlite3_vtab_cursor*, int, const char*, int, sqlite3_value**) { return SQLITE_OK; }
int column(sqlite3_vtab_cursor*, sqlite3_context*, int) { return SQLITE_OK; }

}  // namespace

sqlite3_module empty_module() {
  sqlite3_module module = list_module<EmptyCursor>();
  module.xBestIndex = best_index;
  module.xOpen = open;
  module.xFilter = filter;
  module.xColumn = column;
  return module;
}

}  // namespace rejoin::internal
