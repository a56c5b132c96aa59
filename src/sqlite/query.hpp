// A query that is read once, outside the cache.
#pragma once

#include <cstdint>
#include <string>

#include <rejoin/status.hpp>

#include "sqlite/owned_statement.hpp"

namespace rejoin::internal {

/// `while (query.step()) …`, and then status() tells whether that was all.
class Query {
 public:
  /// What fails shows in status().
  Query(sqlite3* db, const std::string& sql, const char* doing);

  /// Whether there is a row, or one more.
  bool step();
  [[nodiscard]] Status status() const;

  [[nodiscard]] sqlite3_stmt* get() const { return statement_.get(); }
  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(get(), column); }
  /// Empty where it is NULL.
  [[nodiscard]] std::string text(int column) const;

 private:
  sqlite3* db_;
  const char* doing_;
  OwnedStatement statement_;
  int code_;
};

}  // namespace rejoin::internal
