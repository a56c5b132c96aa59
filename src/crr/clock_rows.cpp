// Clock: what is recorded of one row, and its key row.
#include "crr/clock.hpp"
#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

void bind_key(Lease& lease, const KeyValues& key) {
  for (std::size_t i = 0; i < key.size(); ++i) lease.bind(static_cast<int>(i) + 1, key[i]);
}

}  // namespace

Status Clock::look_up(const Table& table, ByteView pk, const KeyValues& key, std::string_view column, int cell,
                      LocalClock& local) {
  constexpr std::size_t kFew = 8;  // so many clock rows are read about as fast as one of them
  local = {};
  const bool same = cache_.is_of(table.slot, pk);
  if (undisturbed() && same && cache_.whole) {
    show_row(column, cell, local);
    return {};
  }
  if (same || table.cells.size() <= kFew) {
    REJOIN_TRY(load_row(table, pk, key));
    show_row(column, cell, local);
    return {};
  }
  REJOIN_TRY(look_up_cell(table, key, column, local));
  cache_.begin(table.slot, pk, table.cells.size());  // another change of the same row will read the whole of it
  return {};
}

// sqlite3_total_changes64 counts each row that is written, our own ones at once, those of a statement on crsql_changes
// when that is done.
bool Clock::undisturbed() {
  const std::int64_t now = sqlite3_total_changes64(db_);
  if (now == total_changes_) return true;
  const bool expected = now == total_changes_ + outer_changes_;
  total_changes_ = now;
  outer_changes_ = 0;
  return expected;
}

Status Clock::load_row(const Table& table, ByteView pk, const KeyValues& key) {
  cache_.begin(table.slot, pk, table.cells.size());
  Lease lease;
  REJOIN_TRY(lend(table, kLoadRow, load_row_sql, lease));
  bind_key(lease, key);
  Status status;
  std::size_t guess = 0;
  while (lease.step(status, kReading)) {
    cache_.row = lease.integer(0);
    if (lease.is_null(1)) continue;
    const RowCache::Clock clock{true, lease.integer(2), lease.integer(3), lease.integer(4)};
    const std::string_view column = lease.text(1);
    if (column == kSentinel) {
      cache_.sentinel = clock;
    } else if (const int cell = table.cell_index(column, guess); cell >= 0) {
      cache_.cells[static_cast<std::size_t>(cell)] = clock;
      guess = static_cast<std::size_t>(cell) + 1;
    } else {
      cache_.foreign = true;
    }
  }
  cache_.whole = status.ok();
  return status;
}

void Clock::show_row(std::string_view column, int cell, LocalClock& local) const {
  local.key = cache_.row;
  local.has_sentinel = cache_.sentinel.known;
  local.sentinel_db_version = cache_.sentinel.db_version;
  local.sentinel_site = cache_.sentinel.site;
  if (cell >= 0 && column != kSentinel) {
    const RowCache::Clock& clock = cache_.cells[static_cast<std::size_t>(cell)];
    local.has_cell = clock.known;
    local.column_version = clock.column_version;
    local.cell_db_version = clock.db_version;
    local.cell_site = clock.site;
  }
  local.causal_length = cache_.sentinel.known ? cache_.sentinel.column_version : cache_.any_clock() ? 1 : 0;
}

void Clock::number_row(const Table& table, ByteView pk, std::int64_t row) {
  if (cache_.is_of(table.slot, pk)) cache_.row = row;
}

void Clock::keep_row(bool all_known) {
  if (!all_known) cache_.clear();
  total_changes_ = sqlite3_total_changes64(db_);
}

Status Clock::look_up_cell(const Table& table, const KeyValues& key, std::string_view column, LocalClock& local) {
  Lease lease;
  REJOIN_TRY(lend(table, kSelectClock, select_clock_sql, lease));
  bind_key(lease, key);
  lease.bind(static_cast<int>(key.size()) + 1, column);
  Status status;
  if (!lease.step(status, kReading)) return status;
  local.key = lease.integer(0);
  local.has_sentinel = !lease.is_null(1);
  local.sentinel_db_version = lease.integer(2);
  local.sentinel_site = lease.integer(3);
  local.has_cell = column != kSentinel && !lease.is_null(4);
  local.column_version = lease.integer(4);
  local.cell_db_version = lease.integer(5);
  local.cell_site = lease.integer(6);
  if (local.has_sentinel) {
    local.causal_length = lease.integer(1);
  } else if (local.has_cell) {
    local.causal_length = 1;
  } else {
    REJOIN_TRY(lend(table, kSelectAnyClock, select_any_clock_sql, lease));
    lease.bind(1, local.key);
    local.causal_length = lease.step(status, kReading) ? 1 : 0;
  }
  return status;
}

Status Clock::key_of(const Table& table, const KeyValues& key, std::int64_t& row, bool& fresh) {
  Lease lease;
  REJOIN_TRY(lend(table, kInsertKey, insert_key_sql, lease));
  bind_key(lease, key);
  REJOIN_TRY(lease.run(kWriting));
  fresh = sqlite3_changes(db_) != 0;
  if (fresh) {
    row = sqlite3_last_insert_rowid(db_);
    return {};
  }
  REJOIN_TRY(find_key(table, key, row));
  if (row != 0) return {};
  return {ErrorCode::kCorrupt, "the index of " + quoted_name(table.shadow(kKeysSuffix)) + " disagrees with its table"};
}

Status Clock::known_key_of(const Table& table, const KeyValues& key, std::int64_t& row) {
  REJOIN_TRY(find_key(table, key, row));
  bool fresh = false;
  return row != 0 ? Status() : key_of(table, key, row, fresh);
}

Status Clock::find_key(const Table& table, const KeyValues& key, std::int64_t& row) {
  row = 0;
  Lease lease;
  REJOIN_TRY(lend(table, kSelectKey, select_key_sql, lease));
  bind_key(lease, key);
  Status status;
  if (lease.step(status, kReading)) row = lease.integer(0);
  return status;
}

}  // namespace rejoin::internal
