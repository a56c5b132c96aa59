#include "crr/check_rows.hpp"

#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kCheckingClocks = "checking the clocks";

/// The columns of a walk over the clock rows (Clock::scan_by_row), and of kCheckRowSql.
enum ScanColumn { kScanKey, kScanColumn, kScanColumnVersion, kScanDbVersion, kScanSite, kScanSeq };
constexpr const char* kNames[] = {"key", "col_name", "col_version", "db_version", "site_id", "seq"};
enum RowColumn { kRowThere, kRowThereExactly, kRowFirstKey };

Blob packed(const Lease& lease, int first, std::size_t count) {
  Blob out(1, static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    append_packed_value(out, ValueView::of_column(lease.get(), first + static_cast<int>(i)));
  }
  return out;
}

std::string out_of_bounds(const char* what, std::int64_t value) {
  return compose("%s %s is out of bounds", {what, value});
}

}  // namespace

Status RowCheck::lend(Purpose purpose, const char* sql, Lease& lease) {
  return engine_.statements().lend(
      table_.slot, purpose, [&] { return sql_of(table_, sql); }, lease);
}

Status RowCheck::run(bool keyed, bool unique) {
  REJOIN_TRY(check_clock_rows());
  if (!unique) REJOIN_TRY(report(kCheckRepeated, kRepeatedKeysSql, "it has several key rows"));
  if (!keyed || !unique) return {};  // each row would be looked for among all others
  REJOIN_TRY(report(kCheckKeys, kKeysWithoutClocksSql, "a key row without clock rows"));
  return report(kCheckRows, kRowsWithoutClocksSql, "the row has no clock rows");
}

/// A fault for each row of a statement of keys.
Status RowCheck::report(Purpose purpose, const char* sql, const char* fault) {
  Lease keys;
  REJOIN_TRY(lend(purpose, sql, keys));
  Status status;
  while (keys.step(status, kCheckingClocks))
    faults_.push_back({table_.name, packed(keys, 0, table_.keys.size()), fault});
  return status;
}

Status RowCheck::check_clock_rows() {
  REJOIN_TRY(engine_.clock().scan_by_row(table_, scan_));
  REJOIN_TRY(lend(kCheckRow, kCheckRowSql, row_));
  Status status;
  while (scan_.step(status, kCheckingClocks)) {
    if (!begun_ || scan_.integer(kScanKey) != number_) {
      end_row();
      REJOIN_TRY(begin_row());
    }
    check_clock_row();
  }
  end_row();
  return status;
}

Status RowCheck::begin_row() {
  begun_ = sqlite3_column_type(scan_.get(), kScanKey) == SQLITE_INTEGER;
  number_ = scan_.integer(kScanKey);
  has_cells_ = false;
  causal_length_ = 1;
  column_.reset();
  key_.clear();
  if (!begun_) return {};
  row_.reset();
  row_.bind(1, number_);
  Status status;
  has_key_row_ = row_.step(status, kCheckingClocks);
  if (has_key_row_) key_ = packed(row_, kRowFirstKey, table_.keys.size());
  return status;
}

void RowCheck::check_clock_row() {
  std::string wrong = wrong_type();  // before a text is made of what may be none
  const std::string column(scan_.text(kScanColumn));
  const bool sentinel = column == kSentinel;
  if (wrong.empty()) wrong = column == column_ ? "it is there twice" : wrong_value(sentinel);
  if (!wrong.empty()) add(compose("clock row of %n: %s", {column, wrong}));
  if (sentinel) causal_length_ = scan_.integer(kScanColumnVersion);
  has_cells_ = has_cells_ || !sentinel;
  column_ = column;
}

std::string RowCheck::wrong_type() const {
  for (const int i : {kScanKey, kScanColumn, kScanColumnVersion, kScanDbVersion, kScanSite, kScanSeq}) {
    if (sqlite3_column_type(scan_.get(), i) != (i == kScanColumn ? SQLITE_TEXT : SQLITE_INTEGER)) {
      return compose("%s is of the wrong type", {kNames[i]});
    }
  }
  return {};
}

/// Nothing is asked of seq but its bounds: what is overwritten leaves a hole in its version, and what is merged brings
/// its sender's seq into one of ours. Nor of a cell's col_version 0, which a peer may send at any time.
std::string RowCheck::wrong_value(bool sentinel) const {
  const std::int64_t column_version = scan_.integer(kScanColumnVersion);
  const std::int64_t db_version = scan_.integer(kScanDbVersion);
  const std::int64_t site = scan_.integer(kScanSite);
  const std::int64_t seq = scan_.integer(kScanSeq);
  if (!sentinel && table_.cell_index(scan_.text(kScanColumn)) < 0) return "the table has no such column";
  if (column_version < (sentinel ? 1 : 0) || column_version >= kVersionLimit)
    return out_of_bounds("col_version", column_version);
  if (db_version < 0 || db_version >= kVersionLimit) return out_of_bounds("db_version", db_version);
  if (db_version > bounds_.highest_version) return compose("db_version %s is above crsql_db_version()", {db_version});
  if (seq < 0 || seq >= kSequenceLimit) return out_of_bounds("seq", seq);
  if (bounds_.sites && !bounds_.sites->contains(site)) return compose("no site has the ordinal %s", {site});
  return {};
}

/// A deleted row must not be there by its very key; for a living one it is enough that the base table takes another key
/// for the same: where its collation is not binary, two keys of ours share a row (docs/merge.md, "What it does not
/// do").
void RowCheck::end_row() {
  if (!begun_) return;
  if (!has_key_row_) return add(compose("clock rows under key %s, which no key row has", {number_}));
  if ((causal_length_ & 1) != 0) {
    if (row_.integer(kRowThere) == 0)
      add(compose("its clocks say that it is alive (cl %s), but there is no row", {causal_length_}));
    return;
  }
  if (row_.integer(kRowThereExactly) != 0)
    add(compose("its clocks say that it is deleted (cl %s), but there is a row", {causal_length_}));
  if (has_cells_) add(compose("it is deleted (cl %s), but cells of it have clock rows", {causal_length_}));
}

}  // namespace rejoin::internal
