// What the clocks say of one row, kept from one change to the next: changes come row by row, and most say nothing new.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace rejoin::internal {

/// Holds as long as nothing is written on the connection but what it is told of (Clock::undisturbed), and no
/// transaction or savepoint ends.
struct RowCache {
  struct Clock {
    bool known = false;
    std::int64_t column_version = 0;
    std::int64_t db_version = 0;
    std::int64_t site = 0;  ///< ordinal
  };

  std::uint32_t slot = 0;  ///< of the table; 0: nothing is held
  Bytes pk;                ///< the row's packed key, as it came
  bool whole = false;      ///< what follows was read
  std::int64_t row = 0;    ///< __crsql_key; 0: it has no key row
  bool foreign = false;    ///< a column that the table lacks has a clock row
  Clock sentinel;
  std::vector<Clock> cells;  ///< by the table's columns

  [[nodiscard]] bool is_of(std::uint32_t table, ByteView key) const {
    return slot == table && pk.size() == key.size && std::equal(pk.begin(), pk.end(), key.data);
  }
  [[nodiscard]] bool any_clock() const {
    return foreign || sentinel.known || std::ranges::any_of(cells, [](const Clock& cell) { return cell.known; });
  }
  void begin(std::uint32_t table, ByteView key, std::size_t columns) {
    slot = table;
    whole = false;
    pk.assign(key.data, key.data + key.size);
    row = 0;
    foreign = false;
    sentinel = {};
    cells.assign(columns, {});
  }
  void clear() { slot = 0; }
};

}  // namespace rejoin::internal
