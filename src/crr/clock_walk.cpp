#include "crr/clock_walk.hpp"

#include <algorithm>
#include <limits>

#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kWalking = "reading changes";
constexpr const char* kBatchPointer = "rejoin changes";

/// The arguments of crsql_internal_clock.
enum Argument {
  kWalkBatch,
  kWalkKey,
  kWalkVersion,
  kWalkColumn,
  kWalkColumnVersion,
  kWalkRowVersion,
  kWalkSite,
  kWalkSeq,
  kArgumentCount
};

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// Whether `Number` has room for it.
template <typename Number>
bool fits(std::int64_t value) {
  return value >= 0 && value <= std::numeric_limits<Number>::max();
}

bool wanted(std::int64_t site, std::int64_t not_site, std::int64_t only_site) {
  return (not_site < 0 || site != not_site) && (only_site < 0 || site == only_site);
}

}  // namespace

// --- a version in memory ---

void ClockBatch::begin(const Table& table, const ChangeRange& range, std::size_t& room) {
  clear();
  table_ = &table;
  last_version_ = range.last_version;
  not_site_ = range.not_site;
  only_site_ = range.only_site;
  room_ = &room;
  started_ = ended_ = too_large_ = false;
  in_order_ = true;
  follow_.assign(table.cells.size() + 1, 0);
}

void ClockBatch::clear() {
  ready_ = held_.size();
  if (ready_ != 0) clear_shown();
}

int ClockBatch::cell_of(std::string_view column) {
  int& guess = follow_[static_cast<std::size_t>(cell_ + 1)];
  const int cell = table_->cell_index(column, static_cast<std::size_t>(guess));
  if (cell >= 0) cell_ = guess = cell;
  return cell;
}

bool ClockBatch::before(const Held& a, const Held& b) const {
  if (a.seq != b.seq) return a.seq < b.seq;
  if (a.key != b.key) return a.key < b.key;
  const auto name = [this](const Held& held) {
    return held.cell < 0 ? kSentinel : std::string_view(table_->cells[static_cast<std::size_t>(held.cell)].name);
  };
  return name(a) < name(b);
}

void ClockBatch::begin_row(std::int64_t key) {
  key_ = key;
  row_ = held_.size();
  causal_length_ = 1;
  cell_ = -1;
}

void ClockBatch::end_row() {
  if (row_ == held_.size()) return;
  too_large_ = too_large_ || !fits<std::uint32_t>(causal_length_);
  const auto row = held_.begin() + static_cast<std::ptrdiff_t>(row_);
  for (auto held = row; held != held_.end(); ++held) held->causal_length = static_cast<std::uint32_t>(causal_length_);
  sort_from(row_);
  if (row_ != 0 && before(*row, *(row - 1))) in_order_ = false;
}

/// Rows are mostly written one after the other, their cells in the order of the columns.
void ClockBatch::sort_from(std::size_t place) {
  const auto first = held_.begin() + static_cast<std::ptrdiff_t>(place);
  const auto order = [this](const Held& a, const Held& b) { return before(a, b); };
  if (!std::is_sorted(first, held_.end(), order)) std::sort(first, held_.end(), order);
}

void ClockBatch::end_version() {
  if (!in_order_) sort_from(0);
  in_order_ = true;
  ready_ = held_.size();
  ready_version_ = version_;
}

void ClockBatch::clear_shown() {
  constexpr std::size_t kMany = 4096;
  const bool many = ready_ > kMany;
  *room_ += ready_;
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(ready_));
  if (many) held_.shrink_to_fit();
  row_ = 0;
  ready_ = 0;
}

void ClockBatch::end() {
  ended_ = true;
  if (!started_) return;
  end_row();
  if (!too_large_) end_version();
}

void ClockBatch::take(sqlite3_value** values, bool& pause) {
  // Versions must rise for the walk to end: what someone else left that is no integer (rejoin_check names it) is no
  // news.
  if (sqlite3_value_type(values[kWalkVersion]) != SQLITE_INTEGER) return;
  const std::int64_t key = sqlite3_value_int64(values[kWalkKey]);
  const std::int64_t version = sqlite3_value_int64(values[kWalkVersion]);
  if (!started_ || version != version_ || key != key_) {
    if (started_) end_row();
    pause = too_large_;
    if (too_large_) return;
    if (version > last_version_) {
      pause = true;
      return end();
    }
    if (started_ && version != version_) end_version();
    pause = ready_ != 0;
    started_ = true;
    version_ = version;
    begin_row(key);
  }
  const std::string_view column = text_of(values[kWalkColumn]);
  const bool sentinel = column == kSentinel;
  const std::int64_t column_version = sqlite3_value_int64(values[kWalkColumnVersion]);
  if (sentinel) causal_length_ = column_version;
  if (sqlite3_value_int64(values[kWalkRowVersion]) != version) return;
  const std::int64_t site = sqlite3_value_int64(values[kWalkSite]);
  if (!wanted(site, not_site_, only_site_)) return;
  const int cell = sentinel ? -1 : cell_of(column);
  if (!sentinel && cell < 0) return;
  const std::int64_t seq = sqlite3_value_int64(values[kWalkSeq]);
  if (*room_ == 0 || !fits<std::uint32_t>(seq) || !fits<std::uint32_t>(column_version) || !fits<std::uint16_t>(site) ||
      !fits<std::int16_t>(cell + 1)) {
    too_large_ = true;
    pause = true;
    return;
  }
  held_.push_back({key, static_cast<std::uint32_t>(seq), static_cast<std::uint32_t>(column_version), 1,
                   static_cast<std::uint16_t>(site), static_cast<std::int16_t>(cell)});
  --*room_;
}

// --- the walk ---

Status ClockWalk::open(const Table& table, const ChangeRange& range, std::size_t& room) {
  table_ = &table;
  range_ = range;
  room_ = &room;
  return gather();
}

/// Begins to gather what the range has left.
Status ClockWalk::gather() {
  batch_.begin(*table_, range_, *room_);
  next_ = 0;
  REJOIN_TRY(clock_.gather_changes(*table_, range_.first_version, gathering_));
  sqlite3_bind_pointer(gathering_.get(), 2, &batch_, kBatchPointer, nullptr);  // the function misses it if this fails
  return {};
}

Status ClockWalk::load(bool& more) {
  for (;;) {
    if (sorted_) {
      REJOIN_TRY(next_sorted(more));
      if (more) return {};
      sorted_.release();
      if (entry_.db_version >= range_.last_version) {
        batch_.begin(*table_, range_, *room_);
        batch_.end();
        return {};
      }
      range_.first_version = entry_.db_version + 1;
      REJOIN_TRY(gather());
    }
    REJOIN_TRY(fill(more));
    if (more || !batch_.too_large()) break;
    // SQLite puts the version in order that the batch could not hold.
    entry_.db_version = batch_.version();
    gathering_.release();
    batch_.clear();
    REJOIN_TRY(clock_.sort_changes(*table_, entry_.db_version, sorted_));
  }
  if (more) batch_.show(next_++, entry_);
  return {};
}

/// Gathers the next version; `more`: there is one.
Status ClockWalk::fill(bool& more) {
  batch_.clear_shown();
  next_ = 0;
  Status status;
  while (!batch_.ready(0) && !batch_.ended() && !batch_.too_large()) {
    if (!gathering_.step(status, kWalking)) {
      REJOIN_TRY(std::move(status));
      batch_.end();
    }
    if (batch_.ended()) gathering_.release();
  }
  more = batch_.ready(0);
  return {};
}

Status ClockWalk::next_sorted(bool& more) {
  Status status;
  while ((more = sorted_.step(status, kWalking))) {
    const std::string_view column = sorted_.text(1);
    entry_.cell = -1;
    if (column != kSentinel) {
      entry_.cell = table_->cell_index(column, static_cast<std::size_t>(entry_.cell + 1));
      if (entry_.cell < 0) continue;
    }
    entry_.site = sorted_.integer(3);
    if (!wanted(entry_.site, range_.not_site, range_.only_site)) continue;
    entry_.key = sorted_.integer(0);
    entry_.column_version = sorted_.integer(2);
    entry_.seq = sorted_.integer(4);
    entry_.causal_length = sorted_.integer(5);
    return {};
  }
  return status;
}

// --- the function ---

int register_clock_walk(sqlite3* db) {
  const auto take = [](sqlite3_context* context, int, sqlite3_value** values) {
    function_callback(context, [&]() -> Status {
      auto* batch = static_cast<ClockBatch*>(sqlite3_value_pointer(values[kWalkBatch], kBatchPointer));
      if (batch == nullptr) return invalid("crsql_internal_clock: for the engine alone");
      bool pause = false;
      batch->take(values, pause);
      sqlite3_result_int(context, pause ? 1 : 0);
      return {};
    });
  };
  return sqlite3_create_function_v2(db, kGatherFunction, kArgumentCount, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr, take,
                                    nullptr, nullptr, nullptr);
}

void unregister_clock_walk(sqlite3* db) {
  sqlite3_create_function_v2(db, kGatherFunction, kArgumentCount, SQLITE_UTF8, nullptr, nullptr, nullptr, nullptr,
                             nullptr);
}

}  // namespace rejoin::internal
