// crsql_internal_wanted_key: a table of one number, the engine's own, that a statement reads anew for each of its rows
// and that never ends. It makes one statement that goes on of what would have to be reset for each row.
#pragma once

#include <cstdint>

#include "sqlite/api.hpp"

namespace rejoin::internal {

/// Binds the number that the table shows, as the table's argument; it must outlive the binding.
void bind_wanted_key(sqlite3_stmt* statement, int index, std::int64_t* key);

/// Registers the table. Returns a result code of SQLite.
int register_wanted_key_table(sqlite3* db);

}  // namespace rejoin::internal
