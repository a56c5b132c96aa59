// Database files as the commands see them: opened without ever being created, and every failure an exception that names
// the file.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <rejoin/change.hpp>
#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace rejoin::cli {

/// What went wrong, as a sentence for a person. Ends the command with exit code 1.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Access {
  kRead,   ///< the file and its write-ahead log keep every byte
  kWrite,  ///< refused where the file cannot be written
};

struct OpenOptions {
  Access access = Access::kRead;
  std::chrono::milliseconds wait{5000};  ///< how long to wait for another program's lock
  bool create = false;                   ///< make the file if it is not there
};

class Database {
 public:
  static Database open(const std::string& path, const OpenOptions& options);

  /// An empty database on temporary storage that goes when it is closed, however the program ends.
  static Database scratch(const std::string& name);

  /// A private copy, as scratch() makes; it goes by the same path in messages.
  Database scratch_copy() const;

  sqlite3* handle() const { return db_.get(); }
  const std::string& path() const { return path_; }

  void execute(const std::string& sql) const;

  /// Whether the engine has been attached to this file before. Attaching to one where it was not writes to it.
  bool is_replica() const;

  /// The engine on this connection.
  Replica attach() const;

  /// The failure that SQLite last reported on this connection.
  Failure failure() const;
  /// The failure that a Status tells of.
  Failure failure(const Status& status) const;

  void check(const Status& status) const {
    if (!status.ok()) throw failure(status);
  }
  template <typename T>
  T take(Result<T> result) const {
    if (!result.ok()) throw failure(result.status());
    return std::move(result).value();
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  Database(std::string path, OpenOptions options, sqlite3* db);
  Failure explain(int code, std::string_view message) const;

  std::string path_;
  OpenOptions options_;
  std::unique_ptr<sqlite3, Close> db_;
};

/// One prepared statement.
class Query {
 public:
  /// Prepares the first statement of `sql`; `rest` becomes what follows it. Holds none where `sql` has only comments.
  Query(const Database& db, std::string_view sql, std::string_view* rest = nullptr);

  Query& bind(int parameter, std::string_view text);
  Query& bind(int parameter, std::int64_t number);
  Query& bind_value(int parameter, const Value& value);
  bool step();  ///< whether there is a row
  void reset();

  explicit operator bool() const { return statement_ != nullptr; }
  int columns() const;
  std::string column_name(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Value value(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Database& db_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A transaction that is rolled back unless it is committed.
class Transaction {
 public:
  /// Takes the file's write lock at once: two writers wait for each other here, not half-way.
  explicit Transaction(const Database& db);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  const Database& db_;
  bool open_ = true;
};

/// A read transaction: what is read inside it is one state of the file.
class Snapshot {
 public:
  explicit Snapshot(const Database& db);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  const Database& db_;
};

}  // namespace rejoin::cli
