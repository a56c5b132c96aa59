// Prepared statements kept from one use to the next.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rejoin/status.hpp>

#include "sqlite/api.hpp"
#include "sqlite/value.hpp"

namespace rejoin::internal {

class StatementCache;

/// A statement on loan from the cache: reset, without bindings and given back when it goes out of scope.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept { *this = std::move(other); }
  Lease& operator=(Lease&& other) noexcept {
    std::swap(cache_, other.cache_);
    std::swap(statement_, other.statement_);
    std::swap(generation_, other.generation_);
    std::swap(table_, other.table_);
    std::swap(purpose_, other.purpose_);
    std::swap(bind_code_, other.bind_code_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { release(); }

  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }
  [[nodiscard]] explicit operator bool() const { return statement_ != nullptr; }

  /// Binds; a failure shows in the next step.
  Lease& bind(int index, std::int64_t value);
  Lease& bind(int index, std::string_view text);
  Lease& bind(int index, const ValueView& value);
  Lease& bind_blob(int index, ByteView bytes);

  /// True: there is a row. False: done, or `status` has the error.
  bool step(Status& status, const char* doing);
  /// Runs to the end; rows are passed over.
  Status run(const char* doing);
  /// The same for those who word the error themselves: gives SQLite's code, SQLITE_DONE where all is well.
  int run_to_code();
  void reset() { sqlite3_reset(statement_); }

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  [[nodiscard]] std::string_view text(int column) const;

  void release();

 private:
  friend class StatementCache;
  StatementCache* cache_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  std::uint64_t generation_ = 0;
  std::uint32_t table_ = 0;
  std::uint32_t purpose_ = 0;
  int bind_code_ = SQLITE_OK;
};

/// Keyed by table (a small number that the caller gives out; 0 for statements of no table) and purpose, and cleared as
/// one.
///
/// A host may finalize every statement of the connection behind our back right before it closes it; close() survives
/// that.
class StatementCache {
 public:
  explicit StatementCache(sqlite3* db) : db_(db) {}
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  /// Lends the statement for (table, purpose), made from `sql()` where there is none yet, or where it is lent already.
  template <std::invocable MakeSql>
  Status lend(std::uint32_t table, std::uint32_t purpose, MakeSql&& sql, Lease& lease) {
    if (find(table, purpose, lease)) return {};
    return prepare(table, purpose, sql().c_str(), lease);
  }
  Status lend(std::uint32_t table, std::uint32_t purpose, const char* sql, Lease& lease);

  /// Lends a statement that is not kept.
  Status lend_once(const char* sql, Lease& lease);
  Status lend_once(const std::string& sql, Lease& lease) { return lend_once(sql.c_str(), lease); }

  /// Finalizes every statement that is not on loan; those on loan go when they come back.
  void clear();
  /// clear(), when the connection is being closed: only what the connection still knows is finalized.
  void close();

 private:
  friend class Lease;
  struct Slot {
    sqlite3_stmt* statement = nullptr;
    bool lent = false;
  };

  bool find(std::uint32_t table, std::uint32_t purpose, Lease& lease);
  Status prepare(std::uint32_t table, std::uint32_t purpose, const char* sql, Lease& lease);
  void take_back(Lease& lease);
  Slot* slot(std::uint32_t table, std::uint32_t purpose);

  sqlite3* db_;
  std::uint64_t generation_ = 1;
  std::vector<std::vector<Slot>> slots_;
};

}  // namespace rejoin::internal
