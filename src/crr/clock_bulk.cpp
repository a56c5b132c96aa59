// Clock: many rows at once, by a few statements over crsql_internal_rows.
#include <algorithm>

#include "crr/clock.hpp"
#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

/// So many rows are worth the preparing of a statement that walks through a span of numbers, and is not kept.
constexpr std::size_t kWorthPreparing = 128;

/// Whether the listed rows, which are in order, are about all, or half, of those in the span of their numbers.
bool fill_span(const RowList& list) {
  const auto first = static_cast<std::uint64_t>(list.rows.front().row);
  const auto last = static_cast<std::uint64_t>(list.rows.back().row);
  return last - first < 2 * list.rows.size();
}

/// Whether they are all of them.
bool is_span(const RowList& list) {
  auto next = static_cast<std::uint64_t>(list.rows.front().row);
  return std::all_of(list.rows.begin(), list.rows.end(),
                     [&](const ListedRow& row) { return static_cast<std::uint64_t>(row.row) == next++; });
}

}  // namespace

Status Clock::find_rows(const Table& table) {
  for (ListedRow& row : list_.rows) row.row = 0;
  list_.by_cell = false;
  Lease lease;
  REJOIN_TRY(lend(table, kFindRows, kFindRowsSql, lease));
  Status status;
  while (lease.step(status, kReading)) list_.rows[static_cast<std::size_t>(lease.integer(0))].row = lease.integer(1);
  REJOIN_TRY(std::move(status));
  KeyValues key;
  for (ListedRow& row : list_.rows) {
    if (row.row != 0) continue;
    REJOIN_TRY(unpack(row.key, key));
    REJOIN_TRY(known_key_of(table, key, row.row));
  }
  return {};
}

Status Clock::make_rows(const Table& table) {
  list_.by_cell = false;
  Lease lease;
  REJOIN_TRY(lend(table, kLastKey, kLastKeySql, lease));
  Status status;
  const std::int64_t last = lease.step(status, kReading) ? lease.integer(0) : 0;
  REJOIN_TRY(std::move(status));
  lease.release();
  if (last < 0 || last >= kVersionLimit) {  // somebody else's numbers: SQLite picks some that are free
    KeyValues key;
    for (ListedRow& row : list_.rows) {
      REJOIN_TRY(unpack(row.key, key));
      REJOIN_TRY(key_of(table, key, row.row, row.fresh));
    }
    return {};
  }
  REJOIN_TRY(lend(table, kMakeRows, kMakeRowsSql, lease));
  REJOIN_TRY(lease.run(kWriting));
  const bool all_new = sqlite3_changes64(db_) == static_cast<std::int64_t>(list_.rows.size());
  if (!all_new) REJOIN_TRY(find_rows(table));
  std::int64_t next = last;
  for (ListedRow& row : list_.rows) {
    if (all_new) row.row = ++next;
    row.fresh = row.row > last;
  }
  return {};
}

Status Clock::find_sentinels(const Table& table) {
  list_.by_cell = false;
  Lease lease;
  REJOIN_TRY(lend(table, kFindSentinels, kFindSentinelsSql, lease));
  Status status;
  while (lease.step(status, kReading)) list_.rows[static_cast<std::size_t>(lease.integer(0))].has_sentinel = true;
  return status;
}

/// Runs a statement that counts up what is listed; says so where a version is at its end.
Status Clock::count_listed(const Table& table, std::string_view column, Lease& lease) {
  Status status = lease.run(kWriting);
  for (const ListedRow& row : list_.rows) {
    if ((status.sqlite_code() & 0xff) != SQLITE_CONSTRAINT || status.code() == ErrorCode::kInvalidArgument) break;
    status = explain(table, row.row, column, std::move(status));
  }
  return status;
}

void Clock::stored_last_listed(const Table& table, std::int64_t db_version) {
  const ListedRow& last = list_.rows.back();
  std::size_t cell = 0;
  while (cell + 1 < table.cells.size() && last.mask.size != 0 && !has_bit(last.mask, cell)) ++cell;
  stored(table, db_version, last.row, table.cells.empty() ? kSentinel : std::string_view(table.cells[cell].name));
}

/// Where the listed rows have more clock rows than `count`, so many are written by themselves, last.
Status Clock::in_two(Status (Clock::*write)(const Table&, std::int64_t), const Table& table, std::int64_t db_version,
                     std::int64_t count) {
  list_.by_cell = !table.cells.empty();
  std::vector<ListedRow> end;
  if (count > 0 && list_.split_off(count, end)) {
    REJOIN_TRY((this->*write)(table, db_version));
    list_.rows = std::move(end);
    list_.by_cell = !table.cells.empty();
  }
  return (this->*write)(table, db_version);
}

Status Clock::write_new_rows(const Table& table, std::int64_t db_version, std::int64_t count) {
  return in_two(&Clock::write_new_listed, table, db_version, count);
}

Status Clock::write_new_listed(const Table& table, std::int64_t db_version) {
  stored_last_listed(table, db_version);
  Lease lease;
  REJOIN_TRY(lend(table, kWriteNewRows, kWriteNewRowsSql, lease));
  const Status status = lease.bind(1, db_version).run(kWriting);
  if ((status.sqlite_code() & 0xff) != SQLITE_CONSTRAINT) return status;
  // A key row that is new has clock rows: left behind by someone else, they were another row's.
  REJOIN_TRY(lend(table, kReplaceNewRows, kReplaceNewRowsSql, lease));
  return lease.bind(1, db_version).run(kWriting);
}

Status Clock::write_rows_again(const Table& table, std::int64_t db_version, std::int64_t count) {
  Lease lease;
  const auto has_sentinel = [](const ListedRow& row) { return row.has_sentinel; };
  if (std::any_of(list_.rows.begin(), list_.rows.end(), has_sentinel)) {
    list_.by_cell = false;
    REJOIN_TRY(lend(table, kReviveRows, kReviveRowsSql, lease));
    REJOIN_TRY(count_listed(table, kSentinel, lease.bind(1, db_version)));
    for (ListedRow& row : list_.rows) row.seq += row.has_sentinel ? 1 : 0;
  }
  if (!table.cells.empty()) return touch_rows(table, db_version, count);
  stored_last_listed(table, db_version);
  REJOIN_TRY(lend(table, kAddCells, kAddCellsSql, lease));
  return lease.bind(1, db_version).run(kWriting);
}

Status Clock::touch_rows(const Table& table, std::int64_t db_version, std::int64_t count) {
  return in_two(&Clock::touch_listed, table, db_version, count);
}

Status Clock::touch_listed(const Table& table, std::int64_t db_version) {
  const ListedRow& first = list_.rows.front();
  std::int64_t cells = 0;
  bool one_column = true;
  for (const ListedRow& row : list_.rows) {
    const std::int64_t of_row = list_.count_cells(row);
    cells += of_row;
    one_column = one_column && of_row == 1 && row.mask == first.mask;
  }
  stored_last_listed(table, db_version);
  Lease lease;
  // To change a clock row that is found costs less than to insert one and to find that it is there; but then a row's
  // clock rows are all read.
  if (one_column) {
    REJOIN_TRY(lend(table, kTouchColumn, kTouchColumnSql, lease));
    lease.bind(2, last_column_);
  } else if (cells * 2 < static_cast<std::int64_t>(list_.rows.size() * table.cells.size())) {
    REJOIN_TRY(lend(table, kTouchRows, kTouchRowsSql, lease));
  } else if (list_.rows.size() >= kWorthPreparing && fill_span(list_)) {
    REJOIN_TRY(statements_.lend_once(sql_of(table, kTouchCellsOfSpanSql), lease));
    lease.bind(3, list_.rows.front().row).bind(4, list_.rows.back().row);
  } else {
    REJOIN_TRY(lend(table, kTouchCells, kTouchCellsSql, lease));
  }
  REJOIN_TRY(count_listed(table, "", lease.bind(1, db_version)));
  if (sqlite3_changes64(db_) >= cells) return {};
  REJOIN_TRY(lend(table, kAddCells, kAddCellsSql, lease));
  return lease.bind(1, db_version).run(kWriting);
}

Status Clock::touch_rows_repeatedly(const Table& table, std::int64_t db_version) {
  list_.by_cell = true;
  stored_last_listed(table, db_version);
  Lease lease;
  REJOIN_TRY(lend(table, kTouchRows, kTouchRowsSql, lease));
  return count_listed(table, "", lease.bind(1, db_version));
}

Status Clock::bury_rows(const Table& table, std::int64_t db_version) {
  list_.by_cell = false;
  stored(table, db_version, list_.rows.back().row, kSentinel);
  Lease lease;
  if (list_.rows.size() >= kWorthPreparing && is_span(list_)) {
    REJOIN_TRY(statements_.lend_once(sql_of(table, kDropCellsOfSpanSql), lease));
    lease.bind(1, list_.rows.front().row).bind(2, list_.rows.back().row);
  } else {
    REJOIN_TRY(lend(table, kDropCellsOfRows, kDropCellsOfRowsSql, lease));
  }
  REJOIN_TRY(lease.run(kWriting));
  REJOIN_TRY(lend(table, kBuryRows, kBuryRowsSql, lease));
  return count_listed(table, kSentinel, lease.bind(1, db_version));
}

}  // namespace rejoin::internal
