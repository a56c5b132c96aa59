#include "sqlite/statement_cache.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "sqlite/error.hpp"

namespace rejoin::internal {

Lease& Lease::bind(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Lease& Lease::bind(int index, std::string_view text) {
  ValueView view;
  view.type = SQLITE_TEXT;
  view.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  return bind(index, view);
}

Lease& Lease::bind(int index, const ValueView& value) {
  if (const int code = bind_view(statement_, index, value); code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Lease& Lease::bind_blob(int index, ByteView bytes) {
  ValueView view;
  view.type = SQLITE_BLOB;
  view.bytes = bytes;
  return bind(index, view);
}

bool Lease::step(Status& status, const char* doing) {
  const int code = bind_code_ != SQLITE_OK ? bind_code_ : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) status = sqlite_error(sqlite3_db_handle(statement_), code, doing);
  return false;
}

Status Lease::run(const char* doing) {
  Status status;
  while (step(status, doing)) {
  }
  sqlite3_reset(statement_);
  return status;
}

int Lease::run_to_code() {
  int code = bind_code_ != SQLITE_OK ? bind_code_ : SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement_);
  return code;
}

std::string_view Lease::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Lease::release() {
  if (statement_ == nullptr) return;
  cache_->take_back(*this);
  statement_ = nullptr;
  bind_code_ = SQLITE_OK;
}

StatementCache::Slot* StatementCache::slot(std::uint32_t table, std::uint32_t purpose) {
  if (table >= slots_.size() || purpose >= slots_[table].size()) return nullptr;
  return &slots_[table][purpose];
}

bool StatementCache::find(std::uint32_t table, std::uint32_t purpose, Lease& lease) {
  lease.release();
  Slot* found = slot(table, purpose);
  if (found == nullptr || found->statement == nullptr || found->lent) return false;
  found->lent = true;
  lease.cache_ = this;
  lease.statement_ = found->statement;
  lease.generation_ = generation_;
  lease.table_ = table;
  lease.purpose_ = purpose;
  return true;
}

Status StatementCache::lend(std::uint32_t table, std::uint32_t purpose, const char* sql, Lease& lease) {
  return find(table, purpose, lease) ? Status() : prepare(table, purpose, sql, lease);
}

Status StatementCache::lend_once(const char* sql, Lease& lease) {
  lease.release();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_, code, "preparing a statement of the engine");
  lease.cache_ = this;
  lease.statement_ = statement;
  lease.generation_ = 0;  // never the cache's: it is finalized when it comes back
  return {};
}

Status StatementCache::prepare(std::uint32_t table, std::uint32_t purpose, const char* sql, Lease& lease) {
  if (table >= slots_.size()) slots_.resize(table + 1);
  if (purpose >= slots_[table].size()) slots_[table].resize(purpose + 1);
  REJOIN_TRY(lend_once(sql, lease));
  Slot& place = slots_[table][purpose];
  if (place.statement != nullptr) return {};  // that one is on loan further up the stack
  place = {lease.statement_, true};
  lease.generation_ = generation_;
  lease.table_ = table;
  lease.purpose_ = purpose;
  return {};
}

void StatementCache::take_back(Lease& lease) {
  sqlite3_reset(lease.statement_);
  if (lease.generation_ == generation_) {
    sqlite3_clear_bindings(lease.statement_);
    slots_[lease.table_][lease.purpose_].lent = false;
  } else {
    sqlite3_finalize(lease.statement_);
  }
}

void StatementCache::clear() {
  ++generation_;
  for (std::vector<Slot>& purposes : slots_) {
    for (const Slot& kept : purposes) {
      if (!kept.lent) sqlite3_finalize(kept.statement);
    }
  }
  slots_.clear();
}

void StatementCache::close() {
  std::size_t count = 0;
  for (sqlite3_stmt* next = sqlite3_next_stmt(db_, nullptr); next != nullptr; next = sqlite3_next_stmt(db_, next)) {
    ++count;
  }
  // The connection is closed whether there is memory or not; without, each statement is looked for one by one.
  const std::unique_ptr<sqlite3_stmt*[]> alive(new (std::nothrow) sqlite3_stmt*[count + 1]);
  sqlite3_stmt** end = alive.get();
  for (sqlite3_stmt* next = sqlite3_next_stmt(db_, nullptr); next != nullptr; next = sqlite3_next_stmt(db_, next)) {
    if (alive != nullptr) *end++ = next;
  }
  // C's own functions: those of <algorithm> would be a kilobyte of code for this alone.
  const auto by_address = [](const void* a, const void* b) {
    const auto left = reinterpret_cast<std::uintptr_t>(*static_cast<sqlite3_stmt* const*>(a));
    const auto right = reinterpret_cast<std::uintptr_t>(*static_cast<sqlite3_stmt* const*>(b));
    return (left > right ? 1 : 0) - (left < right ? 1 : 0);
  };
  if (alive != nullptr) std::qsort(alive.get(), count, sizeof(sqlite3_stmt*), by_address);
  const auto lives = [&](const sqlite3_stmt* statement) {
    if (alive != nullptr) return std::bsearch(&statement, alive.get(), count, sizeof statement, by_address) != nullptr;
    sqlite3_stmt* next = sqlite3_next_stmt(db_, nullptr);
    while (next != nullptr && next != statement) next = sqlite3_next_stmt(db_, next);
    return next != nullptr;
  };
  for (std::vector<Slot>& purposes : slots_) {
    for (Slot& kept : purposes) {
      if (kept.statement != nullptr && !lives(kept.statement)) kept.statement = nullptr;
    }
  }
  clear();
}

}  // namespace rejoin::internal
