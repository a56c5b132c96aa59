#include "crr/base_writer.hpp"

#include <bit>
#include <span>
#include <utility>

#include "crr/column_list.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

std::string key_condition(const Table& table) { return listed(table.keys, "%n = ?%i", " AND "); }

/// What a constraint refuses must fail, whatever ON CONFLICT the table says of it. But what an application's trigger
/// says of its own statements would be overruled too.
const char* or_abort(const Table& table) { return table.has_triggers ? "" : " OR ABORT"; }

/// `INSERT INTO … (…) VALUES (…)` of the key columns and `cells`.
std::string insert_sql(const Table& table, std::span<const Column> cells) {
  return compose("INSERT%s INTO main.%n (%s%s) VALUES (%s%s)",
                 {or_abort(table), table.name, listed(table.keys), listed(cells, ", %n", ""), listed(table.keys, "?%i"),
                  listed(cells, ", ?%i", "", table.keys.size() + 1)});
}

/// `UPDATE … SET … WHERE …` of `cells`.
std::string update_sql(const Table& table, std::span<const Column> cells) {
  return compose(
      "UPDATE%s main.%n SET %s WHERE %s",
      {or_abort(table), table.name, listed(cells, "%n = ?%i", ", ", table.keys.size() + 1), key_condition(table)});
}

bool is_constraint(const Status& status) { return (status.sqlite_code() & 0xff) == SQLITE_CONSTRAINT; }

class SyncBit {
 public:
  explicit SyncBit(int& bit) : bit_(bit), before_(bit) { bit_ = 1; }
  SyncBit(const SyncBit&) = delete;
  SyncBit& operator=(const SyncBit&) = delete;
  ~SyncBit() { bit_ = before_; }

 private:
  int& bit_;
  int before_;
};

}  // namespace

Status BaseWriter::run(Lease& lease, const BaseRow& row) {
  const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db_);
  const sqlite3_int64 changes = sqlite3_total_changes64(db_);
  int code = SQLITE_OK;
  bool steady = true;
  const bool before = std::exchange(running_, true);
  {
    const SyncBit held(sync_bit_);
    const Clock::Aside aside(clock_);
    code = lease.run_to_code();
    steady = aside.steady();
  }
  running_ = before;
  sqlite3_set_last_insert_rowid(db_, rowid);
  if (code == SQLITE_DONE) return {};
  // What has failed has done nothing, unless there are triggers of which nobody knew, or triggers that merge.
  half_written_ = half_written_ || !steady || sqlite3_total_changes64(db_) != changes;
  const Status status = sqlite_error(db_, code, compose("merging into table %n", {row.table->name}));
  return {status.code(), compose("%s (row %s, column %n)", {status.message(), describe_packed(row.pk), row.column}),
          status.sqlite_code()};
}

Status BaseWriter::remove(const BaseRow& row) {
  REJOIN_TRY(flush());
  const Table& table = *row.table;
  Lease lease;
  REJOIN_TRY(statements_.lend(
      table.slot, kDeleteRow,
      [&] {
        return compose("DELETE FROM main.%n WHERE %s", {table.name, key_condition(table)});
      },
      lease));
  bind_key(lease, row.key);
  return run(lease, row);
}

Status BaseWriter::create(const BaseRow& row) {
  REJOIN_TRY(flush());
  const Table& table = *row.table;
  Lease lease;
  // Only the key's uniqueness may be passed over: what fails for another reason must fail.
  REJOIN_TRY(statements_.lend(
      table.slot, kCreateRow, [&] { return insert_sql(table, {}) + " ON CONFLICT DO NOTHING"; }, lease));
  bind_key(lease, row.key);
  return run(lease, row);
}

Status BaseWriter::select(const BaseRow& row, std::size_t cell, Lease& lease) {
  REJOIN_TRY(flush());
  const Table& table = *row.table;
  REJOIN_TRY(statements_.lend(
      table.slot, purpose_of_column(cell, kSelectCell),
      [&] {
        return compose("SELECT %n FROM main.%n WHERE %s", {table.cells[cell].name, table.name, key_condition(table)});
      },
      lease));
  bind_key(lease, row.key);
  return {};
}

Status BaseWriter::write(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists, bool lasting) {
  if (may_wait(row, cell, value, lasting)) return add(row, cell, value, exists, lasting);
  REJOIN_TRY(flush());
  return write_cell(row, cell, value, exists);
}

Status BaseWriter::write_cell(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists) {
  const Table& table = *row.table;
  const std::span<const Column> column(&table.cells[cell], 1);
  const auto value_index = static_cast<int>(table.keys.size()) + 1;
  Lease lease;
  const auto run_with_value = [&] {
    bind_key(lease, row.key);
    lease.bind(value_index, value);
    return run(lease, row);
  };
  if (exists) {
    REJOIN_TRY(statements_.lend(
        table.slot, purpose_of_column(cell, kUpdateCell), [&] { return update_sql(table, column); }, lease));
    REJOIN_TRY(run_with_value());
    if (sqlite3_changes(db_) != 0) return {};
  } else {
    REJOIN_TRY(statements_.lend(
        table.slot, purpose_of_column(cell, kInsertCell), [&] { return insert_sql(table, column); }, lease));
    const Status status = run_with_value();
    if (half_written_ || !is_constraint(status)) return status;
    // There is such a row without clocks, or else it will be refused again.
  }
  // The value is named by its parameter, for in a table that is called excluded "excluded.x" would be the column
  // itself.
  REJOIN_TRY(statements_.lend(
      table.slot, purpose_of_column(cell, kUpsertCell),
      [&] {
        return compose("%s ON CONFLICT DO UPDATE SET %n = ?%s",
                       {insert_sql(table, column), table.cells[cell].name, value_index});
      },
      lease));
  return run_with_value();
}

// --- whole rows ---

bool BaseWriter::may_wait(const BaseRow& row, std::size_t cell, const ValueView& value, bool lasting) const {
  if (gather_ == Gather::kNothing || running_ || row.table->has_triggers) return false;
  const bool small = value.bytes.size <= kLargestCopy;
  if (gather_ == Gather::kAllRows) return lasting || small;
  if (!small || row.table->may_refuse || (value.type == SQLITE_NULL && row.table->cells[cell].not_null)) return false;
  for (std::size_t i = 0; i < row.key.size(); ++i) {
    // INTEGER PRIMARY KEY takes nothing else.
    if (row.table->keys[i].affinity == Affinity::kInteger && row.key[i].type != SQLITE_INTEGER) return false;
  }
  return true;
}

Status BaseWriter::add(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists, bool lasting) {
  const bool same = !cells_.empty() && table_ == row.table && view_of(pk_) == row.pk;
  if (!same || cells_.size() == row.table->cells.size()) {
    REJOIN_TRY(flush());
    table_ = row.table;
    pk_.assign(row.pk.data, row.pk.data + row.pk.size);
    key_.assign(1, static_cast<std::uint8_t>(row.key.size()));
    for (const ValueView& part : row.key) append_packed_value(key_, part);
    exists_ = exists;
  }
  Cell& added = cells_.emplace_back(Cell{cell, value, false, bytes_.size()});
  const bool has_bytes = value.type == SQLITE_TEXT || value.type == SQLITE_BLOB;
  if (!has_bytes || (gather_ == Gather::kAllRows && lasting)) return {};
  added.copied = true;
  bytes_.insert(bytes_.end(), value.bytes.data, value.bytes.data + value.bytes.size);
  return {};
}

Status BaseWriter::flush() {
  if (cells_.empty() || running_) return {};
  Status status = write_cells();
  drop();
  half_written_ = half_written_ || !status.ok();
  return status;
}

void BaseWriter::drop() {
  cells_.clear();
  bytes_.clear();
}

Status BaseWriter::write_cells() {
  for (Cell& cell : cells_) {
    if (cell.copied) cell.value.bytes.data = bytes_.data() + cell.start;
  }
  REJOIN_TRY(unpack({key_.data(), key_.size()}, values_));
  const BaseRow row{table_, values_, {pk_.data(), pk_.size()}, {}};
  bool done = false;
  if (cells_.size() == table_->cells.size()) REJOIN_TRY(write_row(row, done));
  for (std::size_t i = 0; !done && i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    const BaseRow of_cell{table_, values_, row.pk, table_->cells[cell.number].name};
    REJOIN_TRY(write_cell(of_cell, cell.number, cell.value, exists_ || i > 0));
  }
  return {};
}

/// All cells of the row at once; `done` is false where each has to be tried for itself.
Status BaseWriter::write_row(const BaseRow& row, bool& done) {
  const Table& table = *row.table;
  Lease lease;
  REJOIN_TRY(statements_.lend(
      table.slot, exists_ ? kUpdateRow : kInsertRow,
      [&] { return exists_ ? update_sql(table, table.cells) : insert_sql(table, table.cells); }, lease));
  bind_key(lease, row.key);
  std::uint64_t seen = 0;
  for (const Cell& cell : cells_) {
    lease.bind(static_cast<int>(table.keys.size() + cell.number) + 1, cell.value);
    seen |= std::uint64_t{1} << (cell.number % 64);
  }
  if (std::popcount(seen) != static_cast<int>(cells_.size())) return {};  // one of them twice
  const Status status = run(lease, row);
  done = status.ok() && (!exists_ || sqlite3_changes(db_) != 0);
  return half_written_ || !is_constraint(status) ? status : Status();
}

}  // namespace rejoin::internal
