// A log in memory that SQL can read as a table: what lets one statement write the clock rows of a whole transaction.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shape.hpp"

namespace bench {

struct LimitEvent {
  enum class Kind { kInsert, kUpdateOne, kUpdateAll, kDelete };
  Kind kind = Kind::kInsert;
  int row = 0;
  std::int64_t key = 0;  // its number in t__crsql_pks
  bool fresh = false;    // the number was given out for it
  std::int64_t seq = 0;  // of its first clock row
};

/// Readable as `bench_log(k1, k2, key, col, seq)`; `bench_seq(key, col_name)` tells the seq of a clock row that is
/// written again.
class LimitLog {
 public:
  /// One row an event; one row for each clock row of those that are fresh; one row for each event whose cells are
  /// written again, or for each delete.
  enum class View { kEvents, kFreshCells, kTouched, kDeletes };

  LimitLog(sqlite3* db, const Shape& shape);

  std::vector<LimitEvent> events;
  View view = View::kEvents;

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const std::vector<std::string>& cells() const { return cells_; }
  /// Whether the view has rows of this event.
  [[nodiscard]] bool shows(const LimitEvent& event) const;
  /// How many clock rows an event has, and which cell is the first.
  [[nodiscard]] int cells_of(const LimitEvent& event) const;
  [[nodiscard]] int first_cell_of(const LimitEvent& event) const;

  /// From here on bench_seq() answers for these events, whose rows SQLite will come upon in the order of their keys and
  /// columns.
  void expect(std::vector<LimitEvent> touched);
  void expect(const LimitEvent& touched);
  [[nodiscard]] std::int64_t seq_of(std::int64_t key, std::string_view column);

 private:
  std::vector<LimitEvent> expected_;
  std::size_t at_ = 0;
  int cell_ = 0;
  Shape shape_;
  std::vector<std::string> cells_;
};

}  // namespace bench
