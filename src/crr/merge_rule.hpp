// The merge rule: what is recorded here and one incoming change in, what to do about it out. Pure; docs/merge.md has
// its truth table and laws, and a test runs it over a whole small domain.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>

#include "sqlite/value.hpp"

namespace rejoin::internal {

/// What is to be done about an incoming change.
enum class Decision : std::uint8_t {
  kIgnore,       ///< what is here outranks it, or is the same
  kDelete,       ///< the row dies: base row and cells' clock rows go, the sentinel takes the incoming cl
  kStartLife,    ///< the row enters the incoming life: created if need be, its cells' clocks fall to 0, the sentinel
                 ///< takes the cl
  kNewLifeCell,  ///< kStartLife, and then the cell is written
  kFirstCell,    ///< the row is created in its first life, which needs no sentinel, and the cell is written
  kCell,         ///< the cell is written
  kSentinel,     ///< only the sentinel's writer changes (merge-equal-values)
};

/// How a local cell stands against an incoming change of the same life.
struct CellState {
  bool known = false;  ///< it has a clock row
  std::int64_t column_version = 0;
};

/// Decides about an incoming change of causal length `incoming_cl` where the row's is `local_cl` (0: unknown here).
///
/// `is_sentinel`: the change is about the row, not a cell. `column_version` is the incoming one. Where the two are
/// otherwise level `compare()` is asked, once, how the incoming change stands against what is here: greater wins. For a
/// cell that is its value and then, with merge-equal-values, its writer; for the row itself its writer alone, or equal
/// without that setting.
template <typename Compare>
Decision decide(std::int64_t local_cl, const CellState& cell, std::int64_t incoming_cl, bool is_sentinel,
                std::int64_t column_version, Compare&& compare) {
  if (incoming_cl < local_cl) return Decision::kIgnore;
  const bool alive = (incoming_cl & 1) != 0;
  if (is_sentinel || !alive) {
    if (incoming_cl == local_cl) return compare() > 0 ? Decision::kSentinel : Decision::kIgnore;
    return alive ? Decision::kStartLife : Decision::kDelete;
  }
  if (incoming_cl > local_cl) return local_cl == 0 && incoming_cl == 1 ? Decision::kFirstCell : Decision::kNewLifeCell;
  if (!cell.known || column_version > cell.column_version) return Decision::kCell;
  if (column_version < cell.column_version) return Decision::kIgnore;
  return compare() > 0 ? Decision::kCell : Decision::kIgnore;
}

/// The order of values of equal column versions: NULL < BLOB < TEXT < REAL < INTEGER, then numbers by size, text and
/// blobs byte by byte and the longer one last.
inline std::strong_ordering order_values(const ValueView& a, const ValueView& b) {
  const auto rank = [](int type) {
    switch (type) {
      case SQLITE_BLOB:
        return 1;
      case SQLITE_TEXT:
        return 2;
      case SQLITE_FLOAT:
        return 3;
      case SQLITE_INTEGER:
        return 4;
      default:
        return 0;
    }
  };
  if (a.type != b.type) return rank(a.type) <=> rank(b.type);
  switch (a.type) {
    case SQLITE_INTEGER:
      return a.integer <=> b.integer;
    case SQLITE_FLOAT:  // never NaN: SQLite keeps NULL for it
      return a.real < b.real   ? std::strong_ordering::less
             : a.real > b.real ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
      const std::size_t common = a.bytes.size < b.bytes.size ? a.bytes.size : b.bytes.size;
      const int order = common == 0 ? 0 : std::memcmp(a.bytes.data, b.bytes.data, common);
      return order != 0 ? order <=> 0 : a.bytes.size <=> b.bytes.size;
    }
    default:
      return std::strong_ordering::equal;
  }
}

}  // namespace rejoin::internal
