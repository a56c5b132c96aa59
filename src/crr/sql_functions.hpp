// The crsql_* functions.
#pragma once

#include "crr/engine.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

/// Registers every function; each registration holds the engine.
int register_functions(sqlite3* db, Engine* engine);
/// Takes them back, for an attach that failed later on.
void unregister_functions(sqlite3* db);

}  // namespace rejoin::internal
