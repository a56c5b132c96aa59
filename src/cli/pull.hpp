// One file takes in what another one has.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <cli/database.hpp>
#include <cli/progress.hpp>
#include <cli/schema.hpp>

namespace rejoin::cli {

/// A cell or row that both sides changed since they last met, and how it was decided.
struct Conflict {
  std::string table;
  Blob pk;
  std::string column;
  Value incoming;
  bool deletion = false;      ///< the incoming change deletes the row
  bool incoming_won = false;  ///< false: what the taking file had stays
  bool row_gone = false;      ///< what stays is that the row was deleted there
};

/// What a pull did.
struct PullReport {
  std::size_t to = 0;  ///< places in the list of files
  std::size_t from = 0;
  std::int64_t read = 0;   ///< changes that the source had to tell
  std::int64_t moved = 0;  ///< those that were news and were written
  std::int64_t rows = 0;   ///< rows that they touched
  std::int64_t conflicts = 0;
  std::map<std::string, std::int64_t> moved_by_table;
  std::set<Blob> relayed;               ///< the sites, but for the source's own, that wrote what was moved
  std::vector<Conflict> conflict_list;  ///< the first kListedConflicts
};

inline constexpr std::size_t kListedConflicts = 100;

/// A part of what a source has to tell.
struct PullRange {
  static constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

  std::int64_t since = 0;          ///< changes stored above this version of the source …
  std::int64_t until = kToTheEnd;  ///< … up to this one …
  Blob not_from = {};              ///< … that this site did not write; empty: by whomever
};

/// The two ends of a pull. The caller has begun a transaction on the target and a snapshot of the source.
struct PullEnds {
  const Database& source;
  const Replica& source_replica;
  const Blob& source_site;
  const Database& target;
  Replica& target_replica;
  const std::vector<TableShape>& shapes;  ///< of both, which are the same
  bool count_conflicts = false;
  std::int64_t seen_by_source = 0;  ///< the version of the target that the source had merged
};

/// Merges the source's changes of these ranges, which follow each other, into the target. A Failure names file, table,
/// row and column.
void pull(const PullEnds& ends, const std::vector<PullRange>& ranges, PullReport& report, Progress& progress);

}  // namespace rejoin::cli
