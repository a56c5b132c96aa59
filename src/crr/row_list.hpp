// Rows for one statement to work on, all at once: listed here in memory, and read by the engine's SQL as the table
// crsql_internal_rows (number, row, name, seq, k0, k1, ...; rows_table.hpp). So the log of a hundred thousand writes
// takes a few statements instead of a few a row.
#pragma once

#include <cstdint>
#include <vector>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

/// The most key columns that crsql_internal_rows can show.
inline constexpr std::size_t kMostListedKeys = 16;

/// Masks: a bit a cell, the lowest of the first byte first.
inline bool has_bit(ByteView mask, std::size_t bit) {
  return bit / 8 < mask.size && (mask.data[bit / 8] >> (bit % 8) & 1) != 0;
}
/// How many bits below `end` are set.
std::int64_t count_bits(ByteView mask, std::size_t end);

struct ListedRow {
  ByteView key;          ///< packed
  ByteView mask;         ///< a bit a cell: those that are listed; empty: all
  std::int64_t row = 0;  ///< __crsql_key; 0: none is known
  std::int64_t seq = 0;  ///< of the first clock row that is written for it
};

/// What crsql_internal_rows shows at the moment: `rows`, or, one by one, the cells of each. All of it is borrowed, so
/// it is emptied when the statement is done.
struct RowList {
  const Table* table = nullptr;
  bool by_cell = false;
  std::vector<ListedRow> rows;
  std::vector<std::uint32_t> order;  ///< the table's cells, by name: the order of the clock table

  void begin(const Table& of);
  void clear();
};

}  // namespace rejoin::internal
