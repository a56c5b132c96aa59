// Two internal virtual tables that exist for what SQLite tells their modules.
//
// crsql_internal_transaction is written once a transaction, which makes it hear of the commit before it happens
// (xSync), of savepoints and of the end; so the engine needs neither the commit hook nor the rollback hook, which are
// the application's. crsql_internal_guard is never part of a statement of the engine's: sqlite3_close disconnects it
// before it looks for statements that are still open, and that is when the engine lets go of its own.
#pragma once

#include "crr/engine.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

int register_transaction_table(sqlite3* db, Engine* engine);
int register_guard_table(sqlite3* db, Engine* engine);

}  // namespace rejoin::internal
