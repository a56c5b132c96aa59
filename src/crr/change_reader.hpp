// Reading changes: each table's clock rows in version order, merged into one walk.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/clock_walk.hpp"
#include "sqlite/value.hpp"

namespace rejoin::internal {

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

  /// Whether something was written on this connection since the walk began, or since it was last told to doubt.
  [[nodiscard]] bool overtaken() const { return clock_.writes() != writes_; }
  /// What was written is in the clocks now. From here on a change is passed over whose clock row is another one by
  /// then: with it the value that belonged to it is gone, and the new one comes under a later version.
  void doubt() {
    doubtful_ = true;
    writes_ = clock_.writes();
  }

  // The present change; all borrowed until next().
  [[nodiscard]] std::string_view table() const { return current().table->name; }
  ByteView packed_key();
  [[nodiscard]] std::string_view column() const { return column_of(current()); }
  /// The cell's value, or null for a sentinel.
  [[nodiscard]] sqlite3_value* value() const;
  /// The same to read; NULL for a sentinel.
  [[nodiscard]] ValueView view() const;
  [[nodiscard]] std::int64_t column_version() const { return current().entry().column_version; }
  [[nodiscard]] std::int64_t db_version() const { return current().entry().db_version; }
  Status site(ByteView& site) { return clock_.site_of(current().entry().site, site); }
  [[nodiscard]] std::int64_t causal_length() const { return current().entry().causal_length; }
  [[nodiscard]] std::int64_t seq() const { return current().entry().seq; }
  /// A number that this change has in every walk and no other change has (up to 2^16 tables, 2^12 columns, 2^35 rows).
  [[nodiscard]] std::int64_t identity() const {
    const Source& source = current();
    const auto cell = static_cast<std::uint64_t>(source.entry().cell + 1);
    const auto row = static_cast<std::uint64_t>(source.entry().key);
    return static_cast<std::int64_t>((std::uint64_t{source.table->slot} << 47 | cell << 35) + row);
  }

 private:
  struct Source {
    explicit Source(Clock& clock) : walk(clock) {}
    [[nodiscard]] const ClockEntry& entry() const { return walk.entry(); }
    [[nodiscard]] int first_cell() const { return 2 + static_cast<int>(table->keys.size()); }

    std::shared_ptr<const Table> table;
    ClockWalk walk;
    std::int64_t row_key = 0;  // the row that `rows` shows; 0: none yet
    Lease rows;                // after the key that it reads
    bool row_known = false;    // it has a key row
    bool row_alive = false;    // the base table has it
    bool key_packed = false;
    Bytes packed_key;
  };

  Status add(const std::shared_ptr<const Table>& table, const ChangeRange& range);
  /// Moves a source to its next change that can be shown; `more`: there is one.
  Status advance(Source& source, bool& more);
  Status show_row(Source& source, std::int64_t key);
  static std::string_view column_of(const Source& source);
  [[nodiscard]] const Source& current() const { return *sources_[heap_.front()]; }
  [[nodiscard]] bool later(std::size_t a, std::size_t b) const;

  Catalogue& catalogue_;
  Clock& clock_;
  std::int64_t writes_ = 0;  // of the connection, up to when the walk is in step with it
  bool doubtful_ = false;
  std::size_t room_ = kMostHeldChanges;           // of all sources
  std::vector<std::unique_ptr<Source>> sources_;  // in table order
  std::vector<std::size_t> heap_;                 // of sources that have a change, the earliest in front
};

}  // namespace rejoin::internal
