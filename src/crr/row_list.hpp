// Rows for one statement to work on, all at once: listed here in memory, and read by the engine's SQL as the table
// crsql_internal_rows (number, row, name, seq, k0, k1, ...; rows_table.hpp). So the log of a hundred thousand writes
// takes a few statements instead of a few a row.
#pragma once

#include <cstdint>
#include <string_view>
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
  ByteView key;               ///< packed
  ByteView mask;              ///< a bit a cell: those that are listed; empty: all
  std::int64_t row = 0;       ///< __crsql_key; 0: none is known
  std::int64_t seq = 0;       ///< of the first clock row that is written for it
  bool fresh = false;         ///< its key row was just made
  bool has_sentinel = false;  ///< looked up for known rows that are inserted again

  /// The seq of one of its cells that are listed.
  [[nodiscard]] std::int64_t seq_of(std::size_t cell) const {
    return mask.size == 0 ? seq + static_cast<std::int64_t>(cell) : seq + count_bits(mask, cell);
  }
};

/// What crsql_internal_rows shows at the moment: `rows`, or, one by one, the cells of each. All of it is borrowed, so
/// it is emptied when the statement is done.
struct RowList {
  const Table* table = nullptr;
  bool by_cell = false;
  std::vector<ListedRow> rows;
  std::int64_t blank = 0;            ///< where there are no rows: so many of which nothing is known
  std::vector<std::uint32_t> order;  ///< the table's cells, by name: the order of the clock table

  void begin(const Table& of);
  void clear();

  /// How many cells of the row are listed.
  [[nodiscard]] std::int64_t count_cells(const ListedRow& row) const;
  /// The seq of the row's cell, or, where rows are listed as such, of the row; false where that is not listed. The rows
  /// must be in the order of their numbers. Made for calls that come in about the order of the clock table.
  bool find_seq(std::int64_t row, std::string_view column, std::int64_t& seq);
  /// Takes off the end of the list that has exactly `count` cells, or, where rows are listed as such, rows. False where
  /// there is nothing to divide: the list has no more than that.
  bool split_off(std::int64_t count, std::vector<ListedRow>& end);

 private:
  ListedRow divide(ListedRow& row, std::int64_t count);

  std::size_t at_ = 0;     // where find_seq was last, in rows
  std::size_t place_ = 0;  // and in order
  std::vector<std::uint8_t> masks_[2];
};

/// Empties a list when it is done with: what is listed is borrowed, and must not be seen any more afterwards.
struct EmptyAfter {
  RowList& list;
  ~EmptyAfter() { list.clear(); }
};

}  // namespace rejoin::internal
