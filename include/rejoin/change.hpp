/// @file
/// One change: what one replica tells another about one cell, or about the life of one row.
#pragma once

#include <cstdint>
#include <string>

#include <rejoin/value.hpp>

namespace rejoin {

/// The column name that a change about a whole row (created, deleted) carries: contract name `-1`, "the sentinel".
inline constexpr const char* kSentinelColumn = "-1";

/// A change is a row of the virtual table crsql_changes, column for column; docs/merge.md says how two of them are
/// weighed. It owns all that it holds, and may be kept, copied and sent as long as you like. What a peer has sent may
/// hold anything: merging checks every part, and refuses what is out of the bounds that are named here.
struct Change {
  std::string table;                ///< the table's name
  Blob pk;                          ///< the key columns' values, packed (pack_key, crsql_pack_columns)
  std::string column;               ///< column name, or kSentinelColumn
  Value value;                      ///< the cell's value; NULL for a sentinel
  std::int64_t column_version = 0;  ///< how often the cell was written in this life of the row; 0 to 2^62 - 1
  std::int64_t db_version = 0;      ///< the sending database's version that it was stored under; 0 to 2^62 - 1
  Blob site_id;                     ///< who wrote it: at most 16 bytes; empty = the database it is merged into
  std::int64_t causal_length = 1;   ///< odd: the row is alive in this life; even: deleted; 1 to 2^62 - 1
  std::int64_t seq = 0;             ///< place within db_version; 0 to 2^31 - 1

  /// Whether two changes are equal part by part.
  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace rejoin
