// Changes in memory, as a peer would have received them.
#pragma once

#include <vector>

#include <rejoin/change.hpp>

#include "database.hpp"

namespace bench {

/// Everything that `crsql_changes` has.
std::vector<rejoin::Change> changes_of(Database& database);

/// Binds the nine values of a row of crsql_changes from parameter `first` on; nothing is copied.
void bind_change(sqlite3_stmt* statement, int first, const rejoin::Change& change);
void bind_value(sqlite3_stmt* statement, int index, const rejoin::Value& value);

}  // namespace bench
