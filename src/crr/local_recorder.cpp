#include "crr/local_recorder.hpp"

#include <algorithm>

#include "crr/column_list.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

bool same(sqlite3_value* a, sqlite3_value* b) {
  const int type = sqlite3_value_type(a);
  if (type != sqlite3_value_type(b)) return false;
  switch (type) {
    case SQLITE_INTEGER:
      return sqlite3_value_int64(a) == sqlite3_value_int64(b);
    case SQLITE_NULL:
      return true;
    default:
      break;
  }
  const ValueView left = ValueView::of(a);
  const ValueView right = ValueView::of(b);
  return type == SQLITE_FLOAT ? left.real == right.real : left.bytes == right.bytes;
}

void set_bit(std::vector<std::uint8_t>& mask, std::size_t bit) {
  if (mask.size() <= bit / 8) mask.resize(bit / 8 + 1);
  mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | 1U << (bit % 8));
}

}  // namespace

Status LocalRecorder::log(Kind kind, const std::shared_ptr<const Table>& table, sqlite3_value** keys,
                          const std::vector<std::uint8_t>& mask) {
  if (!failure_.ok()) return failure_;
  const std::size_t start = keys_.size();
  keys_.push_back(static_cast<std::uint8_t>(table->keys.size()));
  for (std::size_t i = 0; i < table->keys.size(); ++i) {
    const ValueView value = ValueView::of(keys[i]);
    if (value.type == SQLITE_NULL) {
      keys_.resize(start);
      return {ErrorCode::kInvalidArgument,
              compose("NULL in key column %n of CRR %n", {table->keys[i].name, table->name}),
              SQLITE_CONSTRAINT_NOTNULL};
    }
    append_packed_value(keys_, value);
  }
  const std::size_t key_size = keys_.size() - start;
  keys_.insert(keys_.end(), mask.begin(), mask.end());
  if (tables_.empty() || tables_.back() != table) tables_.push_back(table);
  events_.push_back({kind, static_cast<std::uint32_t>(tables_.size() - 1), start, static_cast<std::uint32_t>(key_size),
                     static_cast<std::uint32_t>(mask.size())});
  return {};
}

Status LocalRecorder::inserted(const std::shared_ptr<const Table>& table, sqlite3_value** keys) {
  // A later UPDATE of a column that its trigger does not show would be compared with the default, which this row need
  // not have.
  if (table->shown_cells < table->cells.size()) outdated_.insert(table->name);
  return log(Kind::kInsert, table, keys, {});
}

Status LocalRecorder::deleted(const std::shared_ptr<const Table>& table, sqlite3_value** keys) {
  return log(Kind::kDelete, table, keys, {});
}

Status LocalRecorder::updated(const std::shared_ptr<const Table>& table, sqlite3_value** new_keys,
                              sqlite3_value** old_keys, sqlite3_value** new_cells, sqlite3_value** old_cells,
                              std::size_t count) {
  bool moved = false;
  for (std::size_t i = 0; i < table->keys.size(); ++i) moved = moved || !same(new_keys[i], old_keys[i]);
  if (moved) {
    // Another key is another row to every peer: the old one dies, the new one is born with all its cells.
    REJOIN_TRY(log(Kind::kDelete, table, old_keys, {}));
    return log(Kind::kInsert, table, new_keys, {});
  }
  mask_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (!same(new_cells[i], old_cells[i])) set_bit(mask_, i);
  }
  if (table->shown_cells < table->cells.size()) REJOIN_TRY(mark_added(*table, new_keys, mask_));
  return mask_.empty() ? Status() : log(Kind::kUpdate, table, new_keys, mask_);
}

/// Lends the row's columns that its triggers do not show: the key columns, then of each such column the value and
/// whether it differs from the default.
Status LocalRecorder::select_added(const Table& table, Lease& lease) {
  return statements_.lend(
      table.slot, kSelectAdded,
      [&] {
        std::string columns = listed(table.keys);
        for (std::size_t i = table.shown_cells; i < table.cells.size(); ++i) {
          const Column& cell = table.cells[i];
          const std::string_view fallback = cell.default_sql.empty() ? "NULL" : std::string_view(cell.default_sql);
          append(columns, ", %n, %n IS NOT (%s)", {cell.name, cell.name, fallback});
        }
        return compose("SELECT %s FROM main.%n WHERE %s",
                       {columns, table.name, listed(table.keys, "%n = ?%i", " AND ")});
      },
      lease);
}

/// Steps `lease`, a select_added whose key is bound. Afterwards `differs` tells of each added column whether it holds
/// another value than before: than its default, or than what a merge has put there in this transaction.
Status LocalRecorder::compare_added(const Table& table, Lease& lease, Bytes& differs, bool merged) {
  Status status;
  differs.assign(table.cells.size(), 0);
  if (!lease.step(status, "reading columns that were added")) return status;
  Bytes row;
  const auto keys = static_cast<int>(table.keys.size());
  for (int i = 0; i < keys; ++i) append_packed_value(row, ValueView::of_column(lease.get(), i));
  const std::string id =
      compose("%n %s", {table.name, std::string_view(reinterpret_cast<const char*>(row.data()), row.size())});
  const auto known = merged_.find(id);
  std::vector<Bytes> now;
  for (std::size_t i = table.shown_cells; i < table.cells.size(); ++i) {
    const int column = keys + 2 * static_cast<int>(i - table.shown_cells);
    append_packed_value(now.emplace_back(), ValueView::of_column(lease.get(), column));
    const bool differs_now =
        known == merged_.end() ? lease.integer(column + 1) != 0 : known->second[now.size() - 1] != now.back();
    differs[i] = differs_now ? 1 : 0;
  }
  if (merged || known != merged_.end()) merged_[id] = std::move(now);
  return {};
}

/// The trigger does not show the columns that a bare ALTER TABLE ADD COLUMN has put behind those it knows. No local
/// statement can have written one before: what is not there by default or by a merge was written now, or earlier in
/// this transaction.
Status LocalRecorder::mark_added(const Table& table, sqlite3_value** keys, std::vector<std::uint8_t>& mask) {
  outdated_.insert(table.name);
  Lease lease;
  REJOIN_TRY(select_added(table, lease));
  for (std::size_t i = 0; i < table.keys.size(); ++i) lease.bind(static_cast<int>(i) + 1, ValueView::of(keys[i]));
  Bytes differs;
  REJOIN_TRY(compare_added(table, lease, differs, false));
  for (std::size_t i = table.shown_cells; i < table.cells.size(); ++i) {
    if (differs[i]) set_bit(mask, i);
  }
  return {};
}

Status LocalRecorder::merged(const Table& table, ByteView key) {
  outdated_.insert(table.name);
  REJOIN_TRY(unpack(key, key_));
  Lease lease;
  REJOIN_TRY(select_added(table, lease));
  for (std::size_t i = 0; i < table.keys.size(); ++i) lease.bind(static_cast<int>(i) + 1, key_[i]);
  Bytes differs;
  return compare_added(table, lease, differs, true);
}

Status LocalRecorder::write() {
  if (!failure_.ok()) return failure_;
  return pending() || clock_.unwritten() ? write_in_peace(&LocalRecorder::write_events) : Status();
}

Status LocalRecorder::write_merged(bool in_statement) {
  if (!failure_.ok()) return failure_;
  return write_in_peace(&LocalRecorder::write_merges, in_statement);
}

/// Writes so that last_insert_rowid() and changes() stay what they are; changes() need not where the application's
/// statement sets it next.
Status LocalRecorder::write_in_peace(Status (LocalRecorder::*what)(), bool in_statement) {
  const std::int64_t rowid = sqlite3_last_insert_rowid(db_);
  changes_ = sqlite3_changes64(db_);
  last_written_ = nullptr;
  Status status = guarded([&]() -> Status {
    REJOIN_TRY((this->*what)());
    // A statement outside of BEGIN sets changes() itself, after its commit.
    if (last_written_ == nullptr || !in_begin_ || in_statement || sqlite3_changes64(db_) == changes_) return {};
    return clock_.restore_changes(*last_written_, changes_);
  });
  sqlite3_set_last_insert_rowid(db_, rowid);
  // Where SQLite has rolled back the transaction by itself the log is gone, and nothing is left that could be spoiled.
  if (!status.ok() && clock_.joined() && (pending() || clock_.unwritten())) fail(status);
  return status;
}

Status LocalRecorder::write_merges() { return clock_.write_merged(&last_written_); }

Status LocalRecorder::write_events() {
  REJOIN_TRY(write_merges());
  if (!pending()) return {};
  std::int64_t version = 0;
  REJOIN_TRY(clock_.next_version(0, version));
  while (pending()) REJOIN_TRY(write_next(version, in_begin_ && changes_ > 1 ? changes_ : 0));
  stretch_.clear();
  forget_written();
  return {};
}

/// Writes some of the events from written_ on. Where `count` is not 0 and these are the last ones, the last statement
/// changes so many clock rows, if that can be.
Status LocalRecorder::write_next(std::int64_t version, std::int64_t count) {
  if (events_.size() - written_ < kWorthListing) return write_singly(events_.size(), version);
  std::size_t end = 0;
  REJOIN_TRY(collect(end));
  if (end - written_ < kLongEnough) {
    if (const std::size_t updates = end_of_updates(); updates > end) return write_updates(updates, version);
  }
  if (stretch_.size() == 0 || !stretch_.worth_listing()) return write_singly(std::max(end, written_ + 1), version);
  REJOIN_TRY(stretch_.write(version, end == events_.size() ? count : 0));
  last_written_ = stretch_.last_table();
  written_ = end;
  return {};
}

/// The event's table as it is now: the schema may have changed since. Null: it is not a CRR any more and takes no
/// clocks.
Status LocalRecorder::present_table(const Event& event, std::shared_ptr<const Table>& table) {
  Status status;
  table = catalogue_.find(tables_[event.table]->name, status);
  REJOIN_TRY(std::move(status));
  return table == nullptr ? Status() : check_key(*table, event);
}

/// Takes the events from written_ to `end`, as many as can be stored in any order, into stretch_.
Status LocalRecorder::collect(std::size_t& end) {
  stretch_.clear();
  std::shared_ptr<const Table> table;
  std::uint32_t known = UINT32_MAX;
  for (end = written_; end < events_.size() && end - written_ < kLongestRun; ++end) {
    const Event& event = events_[end];
    if (event.table != known) REJOIN_TRY(present_table(event, table));
    known = event.table;
    if (table == nullptr) continue;
    REJOIN_TRY(check_key(*table, event));
    if (table->keys.size() > kMostListedKeys) break;
    const std::uint8_t* key = keys_.data() + event.key;
    if (!stretch_.add(table, event.kind, {key, event.key_size}, {key + event.key_size, event.mask_size})) break;
  }
  return {};
}

/// The end of the updates from written_ on, on one table.
std::size_t LocalRecorder::end_of_updates() const {
  std::size_t end = written_;
  while (end < events_.size() && end - written_ < kLongestRun && events_[end].kind == Kind::kUpdate &&
         events_[end].table == events_[written_].table)
    ++end;
  return end;
}

Status LocalRecorder::check_key(const Table& table, const Event& event) const {
  if (keys_[event.key] == table.keys.size()) return {};
  return invalid("the key of %n was changed in the middle of a transaction that has written to it", {table.name});
}

Status LocalRecorder::write_singly(std::size_t end, std::int64_t version) {
  for (; written_ < end; ++written_) {
    std::shared_ptr<const Table> table;
    REJOIN_TRY(present_table(events_[written_], table));
    if (table == nullptr) continue;
    REJOIN_TRY(write_event(*table, events_[written_], version));
    last_written_ = table;
  }
  return {};
}

Status LocalRecorder::write_event(const Table& table, const Event& event, std::int64_t version) {
  // Unpacked from a copy of the view's position: keys_ does not grow while events are written.
  REJOIN_TRY(unpack({keys_.data() + event.key, event.key_size}, key_));
  std::int64_t row = 0;
  bool fresh = false;
  REJOIN_TRY(event.kind == Kind::kInsert ? clock_.key_of(table, key_, row, fresh)
                                         : clock_.known_key_of(table, key_, row));
  switch (event.kind) {
    case Kind::kInsert:
      return fresh ? clock_.write_new_row(table, row, version) : clock_.write_again(table, row, version);
    case Kind::kDelete:
      return clock_.bury(table, row, version);
    case Kind::kUpdate:
      break;
  }
  const ByteView mask{keys_.data() + event.key + event.key_size, event.mask_size};
  const std::int64_t cells = count_bits(mask, table.cells.size());
  if (cells > 1 && cells == static_cast<std::int64_t>(table.cells.size())) return clock_.touch_row(table, row, version);
  for (std::size_t i = 0; i < table.cells.size(); ++i) {
    if (has_bit(mask, i)) REJOIN_TRY(clock_.touch_cell(table, row, table.cells[i].name, version));
  }
  return {};
}

/// Writes the events from written_ to `end`, updates of one table, of which some may be of the same row.
Status LocalRecorder::write_updates(std::size_t end, std::int64_t version) {
  std::shared_ptr<const Table> table;
  REJOIN_TRY(present_table(events_[written_], table));
  if (table == nullptr || table->keys.size() > kMostListedKeys) return write_singly(end, version);
  RowList& list = clock_.list();
  const EmptyAfter emptied{list};
  list.begin(*table);
  for (std::size_t i = written_; i < end; ++i) {
    const Event& event = events_[i];
    REJOIN_TRY(check_key(*table, event));
    const std::uint8_t* key = keys_.data() + event.key;
    list.rows.push_back({{key, event.key_size}, {key + event.key_size, event.mask_size}});
  }
  REJOIN_TRY(clock_.find_rows(*table));
  for (ListedRow& row : list.rows) {
    row.seq = clock_.counters().next_seq;
    clock_.counters().next_seq += count_bits(row.mask, table->cells.size());
  }
  REJOIN_TRY(clock_.touch_rows_repeatedly(*table, version));
  last_written_ = table;
  written_ = end;
  return {};
}

/// What no savepoint can bring back need not be kept.
void LocalRecorder::forget_written() {
  const std::size_t kept = marks_.empty() ? 0 : marks_.back().events;
  if (kept >= events_.size()) return;
  keys_.resize(events_[kept].key);
  events_.resize(kept);
  written_ = std::min(written_, kept);
  if (kept == 0) tables_.clear();
}

void LocalRecorder::savepoint(int number) {
  const auto index = static_cast<std::size_t>(number);
  unmarked_ = number;
  // Savepoints older than our joining are back to nothing; SQLite counts them without telling us.
  if (marks_.size() < index) marks_.resize(index);
  marks_.resize(index);
  marks_.push_back({events_.size(), keys_.size(), written_, !failure_.ok(), clock_.counters()});
  unmarked_ = -1;
}

void LocalRecorder::release(int number) {
  const auto index = static_cast<std::size_t>(std::max(number, 0));
  if (index < marks_.size()) marks_.resize(index);
}

void LocalRecorder::rollback_to(int number) {
  const auto index = static_cast<std::size_t>(number);
  if (number < 0 || number != unmarked_) {  // else it was given up as soon as it was opened
    cut(number < 0 || index >= marks_.size() ? Mark() : marks_[index]);
    marks_.resize(number < 0 ? 0 : std::min(marks_.size(), index + 1));
  }
  unmarked_ = -1;
  clock_.forget_written();
}

void LocalRecorder::cut(const Mark& mark) {
  events_.resize(std::min(events_.size(), mark.events));
  keys_.resize(std::min(keys_.size(), mark.keys));
  written_ = std::min({written_, mark.written, events_.size()});
  clock_.counters() = mark.counters;
  if (!mark.failed) failure_ = {};
}

void LocalRecorder::clear() {
  constexpr std::size_t kWorthGivingBack = std::size_t{1} << 20;
  events_.clear();
  keys_.clear();
  if (keys_.capacity() > kWorthGivingBack || events_.capacity() * sizeof(Event) > kWorthGivingBack) {
    events_.shrink_to_fit();
    keys_.shrink_to_fit();
  }
  tables_.clear();
  marks_.clear();
  unmarked_ = -1;
  outdated_.clear();
  merged_.clear();
  written_ = 0;
  failure_ = {};
}

}  // namespace rejoin::internal
