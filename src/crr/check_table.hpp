// The table rejoin_check: a row for each fault that check.hpp finds.
#pragma once

#include "crr/engine.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

int register_check_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
