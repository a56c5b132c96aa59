// Clock: many rows at once, by a few statements over crsql_internal_rows.
#include "crr/clock.hpp"
#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

Status Clock::find_rows(const Table& table) {
  for (ListedRow& row : list_.rows) row.row = 0;
  Lease lease;
  REJOIN_TRY(lend(table, kFindRows, find_rows_sql, lease));
  Status status;
  while (lease.step(status, kReading)) list_.rows[static_cast<std::size_t>(lease.integer(0))].row = lease.integer(1);
  return status;
}

Status Clock::make_rows(const Table& table, bool& made) {
  made = false;
  Lease lease;
  REJOIN_TRY(lend(table, kLastKey, last_key_sql, lease));
  Status status;
  const std::int64_t first = lease.step(status, kReading) ? lease.integer(0) + 1 : 1;
  REJOIN_TRY(std::move(status));
  if (first < 1 || first > kVersionLimit) return {};  // somebody else's numbers: one by one, SQLite finds what is free
  std::int64_t next = first;
  for (ListedRow& row : list_.rows) row.row = next++;
  REJOIN_TRY(lend(table, kMakeRows, make_rows_sql, lease));
  REJOIN_TRY(lease.run(kWriting));
  made = sqlite3_changes64(db_) == static_cast<std::int64_t>(list_.rows.size());
  if (made) return {};
  // Some were there. Numbers are given out without holes, so all begins again.
  REJOIN_TRY(lend(table, kUnmakeRows, unmake_rows_sql, lease));
  return lease.bind(1, first).run(kWriting);
}

Status Clock::count_listed(const Table& table, std::string_view column, Lease& lease) {
  Status status = lease.run(kWriting);
  for (const ListedRow& row : list_.rows) {
    if ((status.sqlite_code() & 0xff) != SQLITE_CONSTRAINT || status.code() == ErrorCode::kInvalidArgument) break;
    status = explain(table, row.row, column, std::move(status));
  }
  return status;
}

Status Clock::write_new_rows(const Table& table, std::int64_t db_version) {
  list_.by_cell = !table.cells.empty();
  stored(table, db_version, list_.rows.back().row,
         table.cells.empty() ? kSentinel : std::string_view(table.cells[0].name));
  Lease lease;
  REJOIN_TRY(lend(table, kWriteNewRows, write_new_rows_sql, lease));
  const Status status = lease.bind(1, db_version).run(kWriting);
  if ((status.sqlite_code() & 0xff) != SQLITE_CONSTRAINT) return status;
  // A key row that is new has clock rows: left behind by someone else, they were another row's.
  REJOIN_TRY(lend(table, kReplaceNewRows, replace_new_rows_sql, lease));
  return lease.bind(1, db_version).run(kWriting);
}

Status Clock::touch_rows(const Table& table, std::int64_t db_version) {
  list_.by_cell = true;
  const ListedRow& last = list_.rows.back();
  std::size_t cell = 0;
  while (cell + 1 < table.cells.size() && !has_bit(last.mask, cell)) ++cell;
  stored(table, db_version, last.row, table.cells[cell].name);
  Lease lease;
  REJOIN_TRY(lend(table, kTouchRows, touch_rows_sql, lease));
  return count_listed(table, "", lease.bind(1, db_version));
}

Status Clock::bury_rows(const Table& table, std::int64_t db_version) {
  list_.by_cell = false;
  stored(table, db_version, list_.rows.back().row, kSentinel);
  Lease lease;
  REJOIN_TRY(lend(table, kDropCellsOfRows, drop_cells_of_rows_sql, lease));
  REJOIN_TRY(lease.run(kWriting));
  REJOIN_TRY(lend(table, kBuryRows, bury_rows_sql, lease));
  return count_listed(table, kSentinel, lease.bind(1, db_version));
}

}  // namespace rejoin::internal
