// Clocks for rows and cells that have none: when a table becomes a CRR, and after its schema was altered.
#pragma once

#include <cstdint>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"

namespace rejoin::internal {

class Backfill {
 public:
  Backfill(sqlite3* db, Clock& clock) : db_(db), clock_(clock) {}

  /// Whether shadow tables of the table's name stand there already, and whether they are for these key columns.
  Status inspect(const Catalogue& catalogue, const Table& table, bool& there, bool& same_key) const;

  /// The clock rows of columns that the table does not have any more go.
  Status forget_columns(const Table& table);
  /// The clock rows of rows that are gone go, and keys that are left without any; tombstones stay.
  Status forget_rows(const Table& table);

  /// Gives each row that the clocks do not know as alive a clock row for every cell, under `version`, in key order.
  Status add_rows(const Table& table, std::int64_t version);
  /// Gives each row a clock row for every cell that has none and does not hold its column's default, under `version`.
  Status add_cells(const Table& table, std::int64_t version);

 private:
  Status count_cells(const Table& table, const std::string& column, std::int64_t& count) const;
  Status add_cells_of(const Table& table, const Column& column, std::int64_t version);

  sqlite3* db_;
  Clock& clock_;
};

}  // namespace rejoin::internal
