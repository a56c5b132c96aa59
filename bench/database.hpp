// Databases for workloads: a file each, WAL, synchronous off, and what they are run by.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "shape.hpp"

namespace bench {

[[noreturn]] void give_up(std::string_view what);

/// A statement that is bound and stepped by hand.
class Prepared {
 public:
  Prepared(sqlite3* db, const std::string& sql);
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { sqlite3_finalize(statement_); }

  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }
  /// True: there is a row.
  bool row();
  /// Steps to the end and resets.
  void run();
  void reset() { sqlite3_reset(statement_); }

 private:
  sqlite3_stmt* statement_;
};

/// What a workload runs on.
///   plain   SQLite alone: the same statements without clocks
///   limit   hand-prepared statements outside any trigger write the same rows of table and shadow tables (limit.hpp)
///   rejoin  this library
///   other   a library with the entry point sqlite3_crsqlite_init, given with --engine
struct Engine {
  enum class Kind { kPlain, kLimit, kRejoin, kOther };
  /// When and how the limit writes the shadow rows: by a few statements a row, after each of the application's rows or
  /// at the end of the transaction; or by a few statements a transaction that read a log in memory as a table.
  enum class Way { kRow, kEnd, kBulk };

  Kind kind = Kind::kPlain;
  Way way = Way::kRow;
  std::string library = {};

  [[nodiscard]] std::string name() const;
  [[nodiscard]] bool is_crdt() const { return kind == Kind::kRejoin || kind == Kind::kOther; }
  void attach(sqlite3* db) const;
  /// Makes the table, and what this engine keeps beside it.
  void create_table(sqlite3* db, const Shape& shape, const std::string& table = "t") const;
};

/// Loads a library with sqlite3_crsqlite_init to see that it is one, and keeps it loaded.
void load_engine(const std::string& path);

class Database {
 public:
  /// A new one, or a copy of a file.
  explicit Database(const Engine& engine, const std::filesystem::path& original = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] sqlite3* get() const { return db_; }
  [[nodiscard]] const Engine& engine() const { return engine_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void run(const std::string& sql);
  [[nodiscard]] std::int64_t number(const std::string& sql) const;

 private:
  Engine engine_;
  std::filesystem::path path_;
  sqlite3* db_ = nullptr;
};

/// The file of a database that `fill` has filled, made the first time that it is asked for by this name and engine.
const std::filesystem::path& filled_once(const std::string& name, const Engine& engine,
                                         const std::function<void(Database&)>& fill);

/// Removes what filled_once has made.
void forget_filled();

}  // namespace bench
