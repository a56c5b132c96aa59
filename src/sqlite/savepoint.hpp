// A savepoint, so that a failure undoes our own work and nothing of the caller's: it knows only ROLLBACK TO and
// RELEASE, and a ROLLBACK of a transaction that it began itself.
#pragma once

#include <sqlite3.h>

#include <rejoin/status.hpp>

#include "sqlite/error.hpp"

namespace rejoin::internal {

class Savepoint {
 public:
  explicit Savepoint(sqlite3* db) : db_(db) {}
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint() {
    if (!open_) return;
    // A full disk or an out of memory may have rolled back the whole transaction already: then there is nothing to do.
    sqlite3_exec(db_, "ROLLBACK TO crsql_savepoint; RELEASE crsql_savepoint", nullptr, nullptr, nullptr);
    // With no transaction around it the RELEASE is a commit, which a reader may hold off even where nothing is left.
    if (outermost_ && sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }

  Status begin() {
    outermost_ = sqlite3_get_autocommit(db_) != 0;
    const int code = sqlite3_exec(db_, "SAVEPOINT crsql_savepoint", nullptr, nullptr, nullptr);
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
  sqlite3* db_;
  bool open_ = false;
  bool outermost_ = false;  // no transaction was open when it began
};

/// Runs statements that give no rows.
inline Status execute(sqlite3* db, const std::string& sql, std::string_view doing) {
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : sqlite_error(db, code, doing);
}

}  // namespace rejoin::internal
