// One change: what one replica tells another about one cell, or about the life of one row.
//
// It is a row of the virtual table crsql_changes, column for column; docs/merge.md says how two of them are weighed.
#pragma once

#include <cstdint>
#include <string>

#include <rejoin/value.hpp>

namespace rejoin {

/// The column name that a change about a whole row (created, deleted) carries: contract name `-1`, "the sentinel".
inline constexpr const char* kSentinelColumn = "-1";

struct Change {
  std::string table;
  Blob pk;                          ///< the key columns' values, packed (crsql_pack_columns)
  std::string column;               ///< column name, or kSentinelColumn
  Value value;                      ///< the cell's value; NULL for a sentinel
  std::int64_t column_version = 0;  ///< how often the cell was written in this life of the row
  std::int64_t db_version = 0;      ///< the version of the sending database that it was stored under
  Blob site_id;                     ///< who wrote it: at most 16 bytes; empty = the database it is merged into
  std::int64_t causal_length = 1;   ///< odd: the row is alive in this life; even: deleted
  std::int64_t seq = 0;             ///< place within db_version

  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace rejoin
