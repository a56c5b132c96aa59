// Clock: what is recorded of one row, and its key row.
#include "crr/clock.hpp"
#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr std::size_t kFewCells = 8;  // so many clock rows are read about as fast as one of them

/// The key packed as the table would store it. False: it holds a real, which may equal a key of other bytes.
bool repack(const KeyValues& key, Bytes& out) {
  out.assign(1, static_cast<std::uint8_t>(key.size()));
  bool exact = true;
  for (const ValueView& value : key) {
    append_packed_value(out, value);
    exact = exact && value.type != SQLITE_FLOAT;
  }
  return exact;
}

void show(const CachedRow& row, std::string_view column, int cell, LocalClock& local) {
  local.key = row.row;
  local.has_sentinel = row.sentinel.known;
  local.sentinel_db_version = row.sentinel.db_version;
  local.sentinel_site = row.sentinel.site;
  if (cell >= 0 && column != kSentinel) {
    const CachedClock& clock = row.cells[static_cast<std::size_t>(cell)];
    local.has_cell = clock.known;
    local.column_version = clock.column_version;
    local.cell_db_version = clock.db_version;
    local.cell_site = clock.site;
  }
  local.causal_length = row.sentinel.known ? row.sentinel.column_version : row.any_clock() ? 1 : 0;
}

}  // namespace

Status Clock::look_up(const std::shared_ptr<const Table>& table, ByteView pk, const KeyValues& key,
                      std::string_view column, int cell, LocalClock& local) {
  local = {};
  if (!undisturbed()) {
    REJOIN_TRY(write_merged());
    cache_.clear();
  }
  CachedRow* row = cache_.present(table->slot, pk);
  const bool again = row != nullptr;
  if (!again) {
    const bool exact = repack(key, key_);
    if (!exact) REJOIN_TRY(write_merged());
    row = cache_.find(table->slot, key_);
    if (row == nullptr) {
      row = &cache_.begin(table, pk);
      row->key = key_;
      row->may_wait = exact;
    }
  }
  if (!row->whole && (again || table->cells.size() <= kFewCells)) REJOIN_TRY(load_row(*table, key, *row));
  if (row->whole) {
    show(*row, column, cell, local);
    return {};
  }
  // Another change of the same row will read the whole of it.
  REJOIN_TRY(look_up_cell(*table, key, column, local));
  row->whole = local.key == 0;
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

Status Clock::load_row(const Table& table, const KeyValues& key, CachedRow& row) {
  Lease lease;
  REJOIN_TRY(lend(table, kLoadRow, kLoadRowSql, lease));
  bind_key(lease, key);
  Status status;
  std::size_t guess = 0;
  while (lease.step(status, kReading)) {
    row.row = lease.integer(0);
    if (lease.is_null(1)) continue;
    const CachedClock clock{true, true, false, lease.integer(2), lease.integer(3), lease.integer(4)};
    const std::string_view column = lease.text(1);
    if (column == kSentinel) {
      row.sentinel = clock;
    } else if (const int cell = table.cell_index(column, guess); cell >= 0) {
      row.cells[static_cast<std::size_t>(cell)] = clock;
      guess = static_cast<std::size_t>(cell) + 1;
    } else {
      row.foreign = true;
    }
  }
  row.whole = status.ok();
  if (!row.whole) cache_.drop_present();
  return status;
}

Status Clock::look_up_cell(const Table& table, const KeyValues& key, std::string_view column, LocalClock& local) {
  Lease lease;
  REJOIN_TRY(lend(table, kSelectClock, kSelectClockSql, lease));
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
    REJOIN_TRY(lend(table, kSelectAnyClock, kSelectAnyClockSql, lease));
    lease.bind(1, local.key);
    local.causal_length = lease.step(status, kReading) ? 1 : 0;
  }
  return status;
}

Status Clock::key_of(const Table& table, const KeyValues& key, std::int64_t& row, bool& fresh) {
  Lease lease;
  REJOIN_TRY(lend(table, kInsertKey, kInsertKeySql, lease));
  bind_key(lease, key);
  REJOIN_TRY(lease.run(kWriting));
  fresh = sqlite3_changes(db_) != 0;
  if (fresh) {
    row = sqlite3_last_insert_rowid(db_);
    return {};
  }
  REJOIN_TRY(find_key(table, key, row));
  if (row != 0) return {};
  return failure(ErrorCode::kCorrupt, "the index of %n disagrees with its table", {table.shadow(kKeysSuffix)});
}

Status Clock::known_key_of(const Table& table, const KeyValues& key, std::int64_t& row) {
  REJOIN_TRY(find_key(table, key, row));
  bool fresh = false;
  return row != 0 ? Status() : key_of(table, key, row, fresh);
}

Status Clock::find_key(const Table& table, const KeyValues& key, std::int64_t& row) {
  row = 0;
  Lease lease;
  REJOIN_TRY(lend(table, kSelectKey, kSelectKeySql, lease));
  bind_key(lease, key);
  Status status;
  if (lease.step(status, kReading)) row = lease.integer(0);
  return status;
}

}  // namespace rejoin::internal
