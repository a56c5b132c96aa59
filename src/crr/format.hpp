// Everything that is on disk: names, the sentinel, limits, versions. DO NOT CHANGE a value here: files and peers depend
// on each.
//
//   database      := crsql_master crsql_site_id crsql_tracked_peers crr*
//   crr t         := table t, "t__crsql_pks", "t__crsql_clock", triggers "t__crsql_itrig", "t__crsql_utrig",
//   "t__crsql_dtrig" key row       := (__crsql_key, the key columns of a row of t, present or past) clock row     :=
//   (key, column name, col_version, db_version, site ordinal, seq)   one a cell that was ever written sentinel      :=
//   the clock row whose column name is "-1"; its col_version is the row's causal length
//
// A row's causal length (cl) is its sentinel's col_version; without a sentinel it is 1 where the row has a clock row,
// else 0 (unknown here). Odd: alive. Even: deleted, and then the sentinel is the only clock row.
#pragma once

#include <cstdint>
#include <string_view>

namespace rejoin::internal {

inline constexpr std::string_view kClockSuffix = "__crsql_clock";
inline constexpr std::string_view kKeysSuffix = "__crsql_pks";
inline constexpr std::string_view kInsertTriggerSuffix = "__crsql_itrig";
inline constexpr std::string_view kUpdateTriggerFunction = "crsql_after_update";
inline constexpr std::string_view kUpdateTriggerSuffix = "__crsql_utrig";
inline constexpr std::string_view kDeleteTriggerSuffix = "__crsql_dtrig";

/// Stands in the triggers' place while a table is altered; never in a committed database.
inline constexpr std::string_view kAlterTriggerSuffix = "__crsql_alter";
/// What the name of a clset table has after that of the table it makes.
inline constexpr std::string_view kClsetSuffix = "_schema";

/// Holds changes for tables and columns that the database does not have yet.
inline constexpr std::string_view kHeldTable = "crsql_held__crsql_changes";

inline constexpr std::string_view kSentinel = "-1";

/// What crsql_master says of the layout: MMmmpp00 of the cr-sqlite release whose layout this is.
inline constexpr std::int64_t kFormatVersion = 160300;
/// The oldest number that may stand there.
inline constexpr std::int64_t kOldestFormatVersion = 150000;

/// Bounds of what a peer may claim, so that no counter can ever be driven into overflow.
inline constexpr std::int64_t kVersionLimit = std::int64_t{1} << 62;  // db_version, col_version and cl are below
/// A peer's db_version moves ours no further than this, so that no claim can use up the versions that peers accept.
inline constexpr std::int64_t kVersionReach = std::int64_t{1} << 61;
inline constexpr std::int64_t kSequenceLimit = std::int64_t{1} << 31;  // seq is below
inline constexpr std::size_t kSiteIdSize = 16;

/// The ordinal of this site in crsql_site_id.
inline constexpr std::int64_t kOwnOrdinal = 0;

inline constexpr std::string_view kVersionKey = "crsqlite_version";
inline constexpr std::string_view kPreCompactKey = "pre_compact_dbversion";
inline constexpr std::string_view kConfigPrefix = "config.";
inline constexpr std::string_view kNotePrefix = "note.";

}  // namespace rejoin::internal
