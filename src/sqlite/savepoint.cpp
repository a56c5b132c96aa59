#include "sqlite/savepoint.hpp"

namespace rejoin::internal {

bool Savepoint::undo() {
  if (!open_) return true;
  open_ = false;
  // A full disk or an out of memory may have rolled back the whole transaction already: then there is nothing to do.
  if (sqlite3_get_autocommit(db_) != 0) return true;
  // With no transaction around it the RELEASE would be a commit, which a reader may hold off even where nothing is
  // left.
  if (rollback_.get() != nullptr) return sqlite3_step(rollback_.get()) == SQLITE_DONE;
  const bool undone = run("ROLLBACK TO crsql_savepoint");
  run("RELEASE crsql_savepoint");
  return undone;
}

Status Savepoint::begin() {
  int code = SQLITE_OK;
  // Prepared now, for there may be no memory left when it is needed.
  if (sqlite3_get_autocommit(db_) != 0) code = rollback_.prepare(db_, "ROLLBACK");
  if (code == SQLITE_OK) code = sqlite3_exec(db_, "SAVEPOINT crsql_savepoint", nullptr, nullptr, nullptr);
  open_ = code == SQLITE_OK;
  return open_ ? Status() : sqlite_error(db_, code, "beginning a savepoint");
}

Status Savepoint::release() {
  REJOIN_TRY(execute(db_, "RELEASE crsql_savepoint", "releasing a savepoint"));
  open_ = false;
  return {};
}

Status execute(sqlite3* db, const char* sql, const char* doing) {
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : sqlite_error(db, code, doing);
}

}  // namespace rejoin::internal
