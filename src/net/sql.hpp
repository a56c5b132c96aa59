// SQL for this layer: statements with errors as Statuses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <rejoin/status.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace rejoin::net {

/// One prepared statement. Parameters and columns count from 1 and 0, as SQLite counts them.
class Statement {
 public:
  static Result<Statement> prepare(sqlite3* db, std::string_view sql);

  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::int64_t number);
  /// Whether there is a row.
  Result<bool> step();
  std::string text(int column);
  std::int64_t integer(int column);
  bool is_null(int column);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// The error that SQLite last had on this connection.
Status error_of(sqlite3* db);

/// Runs all statements of `sql`; their rows do not matter.
Status execute(sqlite3* db, const std::string& sql);

/// The first column of the first row as a number; 0 where there is none.
Result<std::int64_t> number_of(sqlite3* db, std::string_view sql);

/// `name` as a SQL identifier, and `text` as a SQL literal.
std::string quoted_name(std::string_view name);
std::string quoted_text(std::string_view text);

}  // namespace rejoin::net
