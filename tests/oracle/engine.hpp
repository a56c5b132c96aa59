// What the differential tests drive twice with the same script: Rejoin, and the real cr-sqlite.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rejoin/change.hpp>

#include "support/database.hpp"

namespace rejoin::oracle {

using test::Row;
using test::Rows;

/// An error of SQLite; `code` is its primary result code.
struct Failure {
  int code = 0;
  std::string message;
};

/// What came of some SQL: the rows of each statement that was run, and the error that ended it, if there was one.
struct Answer {
  std::vector<Rows> results;
  std::optional<Failure> failure;
  bool autocommit = true;
  bool trapped = false;  ///< the reference aborted; all its databases are gone
};

/// Named databases with a merge engine attached. Throws std::runtime_error where the test itself is broken.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  /// A fresh database in memory. One that has the name already is closed.
  virtual void open(const std::string& db) = 0;

  /// A database file with this content (empty: new), of which `content` gives the bytes at any time outside a
  /// transaction.
  virtual void open_file(const std::string& db, const Blob& content) = 0;
  virtual Blob content(const std::string& db) = 0;

  virtual void close(const std::string& db) = 0;

  /// Runs all statements of `sql` up to the first error. `params` are bound to each statement that has any.
  virtual Answer run(const std::string& db, const std::string& sql, const Row& params) = 0;

  Answer run(const std::string& db, const std::string& sql) { return run(db, sql, {}); }

  /// The rows of the last statement of `sql`. Throws where it fails.
  Rows rows(const std::string& db, const std::string& sql, const Row& params = {});
};

}  // namespace rejoin::oracle
