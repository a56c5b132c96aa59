// crsql_internal_clocks (row, name, col_version, db_version, site_id, seq): those clocks of merged rows that the clock
// table lacks, for the engine's own SQL (Clock::insert_merged).
#pragma once

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Registers the table. Returns a result code of SQLite.
int register_clocks_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
