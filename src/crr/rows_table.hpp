// crsql_internal_rows: what a RowList holds, as a table that the engine's own statements read.
#pragma once

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Registers the table. Returns a result code of SQLite.
int register_rows_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
