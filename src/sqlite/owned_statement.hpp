// A statement of its own, outside the cache, that is finalized with its scope: also where something is thrown.
#pragma once

#include "sqlite/api.hpp"

namespace rejoin::internal {

class OwnedStatement {
 public:
  OwnedStatement() = default;
  OwnedStatement(const OwnedStatement&) = delete;
  OwnedStatement& operator=(const OwnedStatement&) = delete;
  ~OwnedStatement() { sqlite3_finalize(statement_); }

  /// SQLite's result code.
  int prepare(sqlite3* db, const char* sql, int size = -1) {
    finalize();
    return sqlite3_prepare_v2(db, sql, size, &statement_, nullptr);
  }
  void finalize() {
    sqlite3_finalize(statement_);
    statement_ = nullptr;
  }
  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace rejoin::internal
