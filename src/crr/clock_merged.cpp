// Clock: what merges write. It waits in the row cache until someone must see it, and then goes in table by table, a few
// statements each.
#include <algorithm>

#include "crr/clock.hpp"
#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

constexpr std::size_t kWorthListing = 3;  // fewer are written one by one

/// Calls `visit(column, clock)` with each unwritten clock of a row.
template <typename Visit>
void for_each_unwritten(const CachedRow& row, Visit&& visit) {
  if (row.sentinel.unwritten) visit(kSentinel, row.sentinel);
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (row.cells[i].unwritten) visit(std::string_view(row.table->cells[i].name), row.cells[i]);
  }
}

/// What is shown is borrowed, and must not be seen any more afterwards.
struct HideAfter {
  MergedClocks& shown;
  ~HideAfter() { shown = {}; }
};

}  // namespace

Status Clock::store(const Table& table, ByteView pk, const KeyValues& key, int cell, std::int64_t version,
                    const Stamp& stamp) {
  ++doings_;
  const auto clock_in = [&](CachedRow& row) -> CachedClock& {
    return cell < 0 ? row.sentinel : row.cells[static_cast<std::size_t>(cell)];
  };
  CachedRow* row = cache_.present(table.slot, pk);
  if (joined_ && !track_lost_ && row != nullptr && row->whole && row->may_wait) {
    cache_.keep_present();
    CachedClock& clock = clock_in(*row);
    clock = {true, clock.stored, true, version, stamp.db_version, stamp.site, stamp.seq};
    note_version(table, stamp.db_version);
    return cache_.full() ? write_merged() : Status();
  }
  REJOIN_TRY(write_merged());
  row = cache_.present(table.slot, pk);
  std::int64_t number = row == nullptr ? 0 : row->row;
  bool fresh = false;
  const bool none = row != nullptr && row->whole;
  if (number == 0) REJOIN_TRY(none ? key_of(table, key, number, fresh) : known_key_of(table, key, number));
  cache_.drop_present();  // should this fail
  const std::string_view column =
      cell < 0 ? kSentinel : std::string_view(table.cells[static_cast<std::size_t>(cell)].name);
  REJOIN_TRY(write_cell(table, number, column, version, stamp));
  if (row == nullptr || !row->whole) return {};
  row->row = number;
  clock_in(*row) = {true, true, false, version, stamp.db_version, stamp.site, 0};
  cache_.make_present(*row);
  return {};
}

Status Clock::write_clock(const Table& table, std::int64_t row, std::string_view column, const CachedClock& clock) {
  return write_cell(table, row, column, clock.column_version, {clock.db_version, clock.seq, clock.site});
}

/// While it lives the rows stay where they are, whatever a failing statement makes SQLite tell us.
struct Clock::Writing {
  explicit Writing(Clock& of) : clock(of) { clock.writing_ = true; }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    clock.writing_ = false;
    if (!clock.joined_) clock.cache_.clear();  // SQLite has rolled back the transaction by itself
  }
  Clock& clock;
};

Status Clock::write_merged(std::shared_ptr<const Table>* last_written) {
  if (!cache_.unwritten() || writing_) return {};
  const Writing writing(*this);
  ++doings_;
  const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db_);
  RowCache::Rows* rows = nullptr;
  const std::size_t count = cache_.sort(rows);
  const auto end = rows->begin() + static_cast<std::ptrdiff_t>(count);
  for (auto first = rows->begin(); first != end;) {
    const Table& then = *(*first)->table;
    const auto last = std::find_if(first, end, [&](const auto& row) { return row->table->slot != then.slot; });
    Status status;
    // The schema may have changed since: what is not a CRR any more takes no clocks.
    const std::shared_ptr<const Table> now = catalogue_.find(then.name, status);
    REJOIN_TRY(std::move(status));
    if (now != nullptr) REJOIN_TRY(write_merged_of(*now, first, last));
    if (now != nullptr && last_written != nullptr) *last_written = now;
    first = last;
  }
  sqlite3_set_last_insert_rowid(db_, rowid);
  cache_.clear();
  total_changes_ = sqlite3_total_changes64(db_);
  return {};
}

Status Clock::write_merged_of(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last) {
  const EmptyAfter emptied{list_};
  list_.begin(*(*first)->table);
  REJOIN_TRY(number_merged(table, first, last));
  std::size_t fresh = 0;
  for (auto row = first; row != last; ++row) {
    for_each_unwritten(**row, [&](std::string_view, const CachedClock& clock) { fresh += clock.stored ? 0 : 1; });
  }
  const bool listed = fresh >= kWorthListing;
  for (auto row = first; row != last; ++row) {
    Status status;
    for_each_unwritten(**row, [&](std::string_view column, const CachedClock& clock) {
      if (status.ok() && (clock.stored || !listed)) status = write_clock(table, (*row)->row, column, clock);
    });
    REJOIN_TRY(std::move(status));
  }
  if (!listed) return {};
  return insert_merged(table, first, last);
}

/// The clocks that are not stored. Not by an upsert: one of many rows would, unlike this, keep a journal of its own, so
/// that SQLite would count what is written in xSavepoint as done after the savepoint.
Status Clock::insert_merged(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last) {
  const HideAfter hidden{merged_};
  merged_ = {first, last, &list_.order};
  Lease lease;
  REJOIN_TRY(lend(table, kInsertMerged, kInsertMergedSql, lease));
  Status status = lease.run(kWriting);
  const bool there = (status.sqlite_code() & 0xff) == SQLITE_CONSTRAINT;  // someone else has made one of them meanwhile
  if (there) status = {};
  for (auto row = first; row != last; ++row) {
    for_each_unwritten(**row, [&](std::string_view column, const CachedClock& clock) {
      if (there && status.ok() && !clock.stored) status = write_clock(table, (*row)->row, column, clock);
      last_column_ = column;
    });
  }
  last_row_ = (*(last - 1))->row;
  return status;
}

/// Gives the rows that have no key row one. They come last.
Status Clock::number_merged(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last) {
  first = std::find_if(first, last, [](const auto& row) { return row->row == 0; });
  if (first == last) return {};
  for (auto row = first; row != last; ++row) list_.rows.emplace_back().key = {(*row)->key.data(), (*row)->key.size()};
  if (list_.rows.size() >= kWorthListing && table.keys.size() <= kMostListedKeys) {
    REJOIN_TRY(make_rows(table));
  } else {
    KeyValues key;
    for (ListedRow& listed : list_.rows) {
      REJOIN_TRY(unpack(listed.key, key));
      REJOIN_TRY(key_of(table, key, listed.row, listed.fresh));
    }
  }
  for (const ListedRow& listed : list_.rows) (*first++)->row = listed.row;
  return {};
}

}  // namespace rejoin::internal
