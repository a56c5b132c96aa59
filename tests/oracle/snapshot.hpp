// All that a database shows of itself, in a form in which two engines' databases can be compared.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "oracle/engine.hpp"
#include "oracle/sites.hpp"

namespace rejoin::oracle {

struct Snapshot {
  std::string error;                ///< why it could not be taken; else empty
  std::int64_t version = 0;         ///< crsql_db_version()
  std::int64_t stored_version = 0;  ///< the highest version in crsql_changes or noted by an alter
  Rows changes;                     ///< crsql_changes in the order in which it came
  /// Of each CRR: key, col_name, col_version, db_version, site ordinal, seq, and the key columns' values.
  std::map<std::string, Rows> clocks;
  /// Keys without a clock row, of each CRR: key and the key columns' values.
  std::map<std::string, Rows> orphans;
  /// Every other table, its rows sorted; sqlite_master among them.
  std::map<std::string, Rows> tables;
};

Snapshot take_snapshot(Engine& engine, const Sites& sites, const std::string& db);

/// What of a difference between two snapshots is known and looked past.
struct Allowances {
  bool key_numbers = false;      ///< the reference gives numbers to keys of losing changes too
  bool phantom_version = false;  ///< the reference counts versions under which it stored nothing
};

/// The differences, a line each; empty where there is none. `db` is the name under which `ours` and `reference` know
/// it.
std::string compare(Snapshot reference, Snapshot ours, Allowances allowed, const std::string& db);

}  // namespace rejoin::oracle
