// A log in memory that SQL can read as a table: what lets one statement write the clock rows of a whole transaction.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
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

/// Readable as `bench_log(k1, k2, key, col, seq)`.
class LimitLog {
 public:
  /// One row an event; one row for each clock row of those that are fresh, or of those that are not; or an event each
  /// of the deletes.
  enum class View { kEvents, kFreshCells, kTouchedCells, kDeletes };

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

 private:
  Shape shape_;
  std::vector<std::string> cells_;
};

}  // namespace bench
