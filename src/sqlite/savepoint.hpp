// A savepoint, so that a failure undoes our own work and nothing of the caller's: it knows only ROLLBACK TO and
// RELEASE, and a ROLLBACK of a transaction that it began itself.
#pragma once

#include <string>

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
  bool undo();
  Status begin();
  Status release();

 private:
  bool run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

  sqlite3* db_;
  bool open_ = false;
  OwnedStatement rollback_;  // where no transaction was open when it began
};

/// Runs statements that give no rows.
Status execute(sqlite3* db, const char* sql, const char* doing);
inline Status execute(sqlite3* db, const std::string& sql, const char* doing) {
  return execute(db, sql.c_str(), doing);
}
inline Status execute(sqlite3* db, const std::string& sql, const std::string& doing) {
  return execute(db, sql.c_str(), doing.c_str());
}

}  // namespace rejoin::internal
