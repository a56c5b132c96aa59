// crsql_changes: reading and merging changes as SQL.
#pragma once

#include <sqlite3.h>

#include "crr/engine.hpp"

namespace rejoin::internal {

int register_changes_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
