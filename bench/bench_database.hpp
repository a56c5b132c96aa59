// Databases for benchmarks: a file each, WAL, synchronous off, the same table with and without the engine.
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <rejoin/attach.hpp>

namespace bench {

/// What a workload runs on. kPlain is SQLite alone: the same work without clocks.
enum class Kind { kPlain, kCrr };

[[noreturn]] inline void give_up(std::string_view what) {
  std::fprintf(stderr, "benchmark: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

/// A statement that is bound and stepped by hand.
class Prepared {
 public:
  Prepared(sqlite3* db, const std::string& sql) {
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { sqlite3_finalize(statement_); }

  sqlite3_stmt* get() { return statement_; }
  bool row() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) give_up(sqlite3_errmsg(sqlite3_db_handle(statement_)));
    return code == SQLITE_ROW;
  }
  void run() {
    while (row()) {
    }
    sqlite3_reset(statement_);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  explicit Database(Kind kind) {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path() / ("rejoin-bench-" + std::to_string(++number) + ".db");
    remove_files();
    if (sqlite3_open(path_.c_str(), &db_) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    if (kind == Kind::kCrr && !rejoin::attach(db_).ok()) give_up("cannot attach");
    run("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a TEXT, b INTEGER, c REAL, d TEXT, e BLOB)");
    if (kind == Kind::kCrr) run("SELECT crsql_as_crr('t')");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (sqlite3_close(db_) != SQLITE_OK) give_up("the connection did not close");
    remove_files();
  }

  sqlite3* get() { return db_; }
  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
  }

  /// Inserts rows first … first + count - 1; in one transaction, or one a row.
  void insert(int first, int count, bool one_transaction) {
    Prepared insert(
        db_, "INSERT INTO t VALUES (?1, 'the text of row ' || ?1, ?1 * 3, ?1 * 1.5, 'more text', x'0011223344556677')");
    if (one_transaction) run("BEGIN");
    for (int i = first; i < first + count; ++i) {
      sqlite3_bind_int(insert.get(), 1, i);
      insert.run();
    }
    if (one_transaction) run("COMMIT");
  }

 private:
  void remove_files() {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + suffix);
  }

  std::filesystem::path path_;
  sqlite3* db_ = nullptr;
};

}  // namespace bench
