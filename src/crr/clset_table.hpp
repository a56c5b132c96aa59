// CREATE VIRTUAL TABLE t_schema USING clset (column definitions): makes table t and upgrades it to a CRR. The virtual
// table itself holds nothing: it stands for the table's definition, and dropping it drops t and t's shadow tables.
#pragma once

#include "crr/engine.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

int register_clset_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
