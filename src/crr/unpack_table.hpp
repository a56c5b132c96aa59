// The table-valued function crsql_unpack_columns: the values of a packed key (packed_key.hpp), one a row.
#pragma once

#include "sqlite/api.hpp"

namespace rejoin::internal {

/// It needs nothing of the engine.
int register_unpack_table(sqlite3* db);

}  // namespace rejoin::internal
