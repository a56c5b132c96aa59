// What the clocks say of the rows that are being merged into, kept from one change to the next: changes come row by
// row, and most say nothing new. What merges write to the clocks waits here too, so that the clock rows of many changes
// go in with one statement (Clock::write_merged).
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

struct CachedClock {
  bool known = false;
  bool stored = false;     ///< the clock table has a row for it
  bool unwritten = false;  ///< merged, and not yet in the clock table
  std::int64_t column_version = 0;
  std::int64_t db_version = 0;
  std::int64_t site = 0;  ///< ordinal
  std::int64_t seq = 0;   ///< of what is unwritten
};

struct CachedRow {
  std::shared_ptr<const Table> table;
  Bytes pk;                ///< the packed key as it came
  Bytes key;               ///< the same, packed anew as the table would store it
  bool whole = false;      ///< what follows was read
  bool may_wait = false;   ///< its clocks need not be written at once
  bool unwritten = false;  ///< some of its clocks are
  bool foreign = false;    ///< a column that the table lacks has a clock row
  std::int64_t row = 0;    ///< __crsql_key; 0: it has no key row
  std::size_t place = 0;   ///< among the unwritten ones, as they came
  CachedClock sentinel;
  std::vector<CachedClock> cells;  ///< by the table's columns

  [[nodiscard]] bool any_clock() const;
};

/// The row that was merged into last, and all rows with something unwritten. Holds as long as nothing is written on the
/// connection but what it is told of (Clock::undisturbed), and no transaction or savepoint is rolled back.
class RowCache {
 public:
  using Rows = std::vector<std::unique_ptr<CachedRow>>;

  /// The present row, if it came with this packed key.
  CachedRow* present(std::uint32_t slot, ByteView pk);
  /// The row of this key (as packed anew), made the present one; null: it is not here.
  CachedRow* find(std::uint32_t slot, const Bytes& key);
  /// An empty row, the present one.
  CachedRow& begin(const std::shared_ptr<const Table>& table, ByteView pk);
  /// The present row has something unwritten.
  void keep_present();
  void make_present(CachedRow& row) { present_ = &row; }
  /// No row is the present one.
  void drop_present() { present_ = nullptr; }
  /// Nothing is found any more until clear(); what is unwritten is kept to be written.
  void outdate();
  [[nodiscard]] bool outdated() const { return outdated_; }

  [[nodiscard]] bool unwritten() const { return unwritten_ != 0; }
  /// So much is unwritten that it should be written: it takes half a megabyte.
  [[nodiscard]] bool full() const;
  /// Brings the unwritten rows to the front, by table and number, and gives how many they are. It
  /// outdates the cache.
  std::size_t sort(Rows*& rows);
  void clear();

 private:
  Rows rows_;                  // the unwritten ones, then at most one that is not, then spare ones
  std::size_t unwritten_ = 0;  // how many rows are
  std::size_t weight_ = 0;     // the bytes they take
  CachedRow* present_ = nullptr;
  bool outdated_ = false;
  std::unordered_multimap<std::uint64_t, CachedRow*> index_;  // the unwritten ones by the hash of table and key
};

}  // namespace rejoin::internal
