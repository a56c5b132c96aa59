// A savepoint, so that a failure undoes our own work and nothing of the caller's: it knows only ROLLBACK TO and
// RELEASE, and a ROLLBACK of a transaction that it began itself.
#pragma once

#include <rejoin/status.hpp>

#include "sqlite/api.hpp"
#include "sqlite/error.hpp"
#include "sqlite/owned_statement.hpp"

namespace rejoin::internal {

class Savepoint {
 public:
  explicit Savepoint(sqlite3* db) : db_(db) {}
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint() { undo(); }

  /// Undoes what was done since begin(), unless it was released. False where there was no memory even for that (inside
  /// a statement SQLite refuses everything after the first allocation that failed): then it is all still there.
  bool undo() {
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

  Status begin() {
    int code = SQLITE_OK;
    // Prepared now, for there may be no memory left when it is needed.
    if (sqlite3_get_autocommit(db_) != 0) code = rollback_.prepare(db_, "ROLLBACK");
    if (code == SQLITE_OK) code = sqlite3_exec(db_, "SAVEPOINT crsql_savepoint", nullptr, nullptr, nullptr);
    open_ = code == SQLITE_OK;
    return open_ ? Status() : sqlite_error(db_, code, "beginning a savepoint");
  }

  Status release() {
    const int code = sqlite3_exec(db_, "RELEASE crsql_savepoint", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return sqlite_error(db_, code, "releasing a savepoint");
    open_ = false;
    return {};
  }

 private:
  bool run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

  sqlite3* db_;
  bool open_ = false;
  OwnedStatement rollback_;  // where no transaction was open when it began
};

/// Runs statements that give no rows.
inline Status execute(sqlite3* db, const std::string& sql, std::string_view doing) {
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : sqlite_error(db, code, doing);
}

}  // namespace rejoin::internal
