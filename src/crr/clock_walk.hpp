// One table's clock rows in the order of changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"

namespace rejoin::internal {

/// What a walk takes in.
struct ChangeRange {
  std::int64_t first_version = 0;
  std::int64_t last_version = 0;
  std::int64_t not_site = -1;   ///< ordinal of the site to leave out; -1: none
  std::int64_t only_site = -1;  ///< ordinal of the only site to take; -1: all
  bool one_table = false;
  std::string_view table;  ///< the only table to take, where one_table
};

/// A change as its clock row has it.
struct ClockEntry {
  std::int64_t key = 0;
  std::int64_t db_version = 0;
  std::int64_t seq = 0;
  std::int64_t column_version = 0;
  std::int64_t site = 0;           ///< ordinal
  std::int64_t causal_length = 0;  ///< of the row
  int cell = -1;                   ///< index of the column; -1: sentinel
};

/// The most changes that a reader holds in memory, all tables together: 12 MiB. A version for which there is no room,
/// or one with numbers that a held change has no room for, is put in order by SQLite, which keeps to a few MiB.
inline constexpr std::size_t kMostHeldChanges = std::size_t{1} << 19;

/// The changes of one version, as crsql_internal_clock gathers them. The function is called for every clock row of
/// every row that has news: a step of a statement and a call for each of its columns would cost several times as much
/// as what is done here.
class ClockBatch {
 public:
  ClockBatch() = default;
  ClockBatch(const ClockBatch&) = delete;
  ClockBatch& operator=(const ClockBatch&) = delete;
  ~ClockBatch() { clear(); }

  /// Starts anew; `room`: how many changes may be held yet.
  void begin(const Table& table, const ChangeRange& range, std::size_t& room);
  void clear();
  /// Takes the clock row that `values` (as in gather_changes_sql) shows. `pause`: a version is whole, or too large.
  void take(sqlite3_value** values, bool& pause);
  /// There are no more rows: the last version is whole.
  void end();
  /// Makes room for the next version, and forgets the one that was shown.
  void clear_shown();

  [[nodiscard]] bool ready(std::size_t index) const { return index < ready_; }
  void show(std::size_t index, ClockEntry& entry) const {
    const Held& held = held_[index];
    entry.key = held.key;
    entry.db_version = ready_version_;
    entry.seq = held.seq;
    entry.column_version = held.column_version;
    entry.site = held.site;
    entry.causal_length = held.causal_length;
    entry.cell = held.cell;
  }
  [[nodiscard]] bool too_large() const { return too_large_; }
  [[nodiscard]] bool ended() const { return ended_; }
  /// The version that is being gathered.
  [[nodiscard]] std::int64_t version() const { return version_; }

 private:
  struct Held {
    std::int64_t key;
    std::uint32_t seq;
    std::uint32_t column_version;
    std::uint32_t causal_length;
    std::uint16_t site;
    std::int16_t cell;
  };
  static_assert(sizeof(Held) == 24);

  void begin_row(std::int64_t key);
  void end_row();
  void end_version();
  void sort_from(std::size_t place);
  int cell_of(std::string_view column);
  [[nodiscard]] bool before(const Held& a, const Held& b) const;

  const Table* table_ = nullptr;
  std::int64_t last_version_ = 0;
  std::int64_t not_site_ = -1;
  std::int64_t only_site_ = -1;
  std::size_t* room_ = nullptr;
  std::vector<Held> held_;
  std::size_t ready_ = 0;  // so many in front are whole and in order
  std::int64_t ready_version_ = 0;
  bool started_ = false;
  bool ended_ = false;
  bool too_large_ = false;
  bool in_order_ = true;  // what is held of the version
  std::int64_t version_ = 0;
  std::int64_t key_ = 0;
  std::int64_t causal_length_ = 1;
  std::size_t row_ = 0;      // where the row begins
  int cell_ = -1;            // the one before
  std::vector<int> follow_;  // by cell + 1: the cell that followed in an earlier row, as most rows are alike
};

class ClockWalk {
 public:
  explicit ClockWalk(Clock& clock) : clock_(clock) {}

  /// Starts before the first change; `table` and `room` (how many changes may be held, now and later) must stay.
  Status open(const Table& table, const ChangeRange& range, std::size_t& room);
  /// On to the next change of a column that there is; `more`: there is one.
  Status next(bool& more) {
    if (batch_.ready(next_)) {
      batch_.show(next_++, entry_);
      more = true;
      return {};
    }
    return load(more);
  }
  [[nodiscard]] const ClockEntry& entry() const { return entry_; }

 private:
  Status load(bool& more);
  Status gather();
  Status fill(bool& more);
  Status next_sorted(bool& more);

  Clock& clock_;
  const Table* table_ = nullptr;
  ChangeRange range_;  // what has not been shown yet
  std::size_t* room_ = nullptr;
  ClockEntry entry_;
  std::size_t next_ = 0;  // in the batch
  ClockBatch batch_;
  Lease gathering_;  // after the batch that it fills
  Lease sorted_;     // lent while a version is shown that is too large
};

/// The SQL function by which a ClockBatch is filled.
int register_clock_walk(sqlite3* db);
void unregister_clock_walk(sqlite3* db);

}  // namespace rejoin::internal
