// The table rejoin_check: a row for each fault that check.hpp finds.
#pragma once

#include <sqlite3.h>

#include "crr/engine.hpp"

namespace rejoin::internal {

int register_check_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
