// Reading changes: each table's clock rows in version order, merged into one walk.
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

/// Walks in (db_version, seq) order. Tables without news in the range cost nothing. A clock row whose column or base
/// row is gone is passed over: it has no value that a peer could take.
class ChangeReader {
 public:
  ChangeReader(Catalogue& catalogue, Clock& clock) : catalogue_(catalogue), clock_(clock) {}

  /// Starts a walk and stands on its first change.
  Status open(const ChangeRange& range);
  Status next();
  [[nodiscard]] bool at_end() const { return heap_.empty(); }
  void close();

  // The present change; all borrowed until next().
  [[nodiscard]] std::string_view table() const { return current().table->name; }
  ByteView packed_key();
  [[nodiscard]] std::string_view column() const { return current().clock.text(1); }
  /// The cell's value, or null for a sentinel.
  [[nodiscard]] sqlite3_value* value() const;
  [[nodiscard]] std::int64_t column_version() const { return current().clock.integer(2); }
  [[nodiscard]] std::int64_t db_version() const { return current().db_version; }
  Status site(ByteView& site) { return clock_.site_of(current().clock.integer(4), site); }
  [[nodiscard]] std::int64_t causal_length() const { return current().causal_length; }
  [[nodiscard]] std::int64_t seq() const { return current().seq; }
  /// A number that this change has in every walk and no other change has (up to 2^16 tables, 2^12 columns, 2^35 rows).
  [[nodiscard]] std::int64_t identity() const {
    const Source& source = current();
    const auto cell = static_cast<std::uint64_t>(source.cell + 1);
    const auto row = static_cast<std::uint64_t>(source.clock.integer(0));
    return static_cast<std::int64_t>((std::uint64_t{source.table->slot} << 47 | cell << 35) + row);
  }

 private:
  struct Source {
    std::shared_ptr<const Table> table;
    Lease clock;
    Lease row;
    std::int64_t row_key = 0;  // the row that `row` shows; 0: none yet
    bool row_known = false;    // it has a key row
    std::int64_t db_version = 0;
    std::int64_t seq = 0;
    std::int64_t causal_length = 0;
    int cell = -1;  // index of the column; -1: sentinel
    bool key_packed = false;
    Bytes packed_key;
  };

  Status add(const std::shared_ptr<const Table>& table, const ChangeRange& range);
  /// Moves a source to its next change that can be shown; `more`: there is one.
  Status advance(Source& source, bool& more);
  Status show_row(Source& source);
  [[nodiscard]] const Source& current() const { return *sources_[heap_.front()]; }
  [[nodiscard]] bool later(std::size_t a, std::size_t b) const;

  Catalogue& catalogue_;
  Clock& clock_;
  std::vector<std::unique_ptr<Source>> sources_;  // in table order
  std::vector<std::size_t> heap_;                 // of sources that have a change, the earliest in front
};

}  // namespace rejoin::internal
