// crsql_changes: reading and merging changes as SQL.
#pragma once

#include "crr/engine.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

int register_changes_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
