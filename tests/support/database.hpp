// A SQLite database for tests: RAII, errors as exceptions, rows as values.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/change.hpp>

namespace rejoin::test {

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// An error of SQLite, with its (primary) code.
class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

/// A prepared statement. Must be gone before its database.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql);

  Statement& bind(int index, const Value& value);
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, const std::string& value);
  Statement& bind(int index, const Blob& value);

  /// True: a row is there. Throws SqlError, after a reset.
  bool step();
  void reset() { sqlite3_reset(get()); }
  /// Steps once and resets: for statements without rows.
  void run();

  [[nodiscard]] Value column(int index) const;
  [[nodiscard]] std::int64_t integer(int index) const { return sqlite3_column_int64(get(), index); }
  [[nodiscard]] Row row() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  [[nodiscard]] sqlite3_stmt* get() const { return statement_.get(); }
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class Engine { kAttached, kAbsent };

class Database {
 public:
  /// Opens `path` (by default a database in memory) and attaches the engine unless told not to.
  explicit Database(const std::string& path = ":memory:", Engine engine = Engine::kAttached,
                    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

  /// A copy in memory of all that `original` holds, with the engine attached.
  static Database copy_of(const Database& original);

  [[nodiscard]] sqlite3* handle() const { return db_.get(); }

  /// Runs all statements of `sql` and gives the rows of the last one. Throws SqlError.
  Rows query(std::string_view sql) const;
  /// The same where rows do not matter.
  void exec(std::string_view sql) const { query(sql); }
  /// The error of `sql`, if it has one.
  [[nodiscard]] std::optional<SqlError> error_of(std::string_view sql) const;

  /// The first column of the first row; NULL where there is none.
  [[nodiscard]] Value value(std::string_view sql) const;
  [[nodiscard]] std::int64_t integer(std::string_view sql) const;
  [[nodiscard]] std::string text(std::string_view sql) const;
  [[nodiscard]] Blob blob(std::string_view sql) const;

  /// Rows as text: SQL literals, separated by a bar.
  [[nodiscard]] std::vector<std::string> lines(std::string_view sql) const;

  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

  /// Closes with sqlite3_close, which refuses where statements are left, and gives its code.
  int close();

 private:
  void attach_engine() const;

  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

/// `value` as a SQL literal that gives it back exactly.
std::string literal(const Value& value);
std::string literal(const Row& row);

/// `name` as a SQL identifier.
std::string quoted(std::string_view name);

}  // namespace rejoin::test
