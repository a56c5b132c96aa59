// The operations that the tests of this directory disturb, and what they are held to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/database.hpp"

namespace rejoin::test {

/// What a step came to: SQLite's code (for a call of the public headers 0, or 1 for an error), and a number made of all
/// that it gave.
struct Outcome {
  int code = 0;
  std::uint64_t rows = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Does all or nothing, and leaves no transaction open when it succeeds.
struct Step {
  const char* sql = nullptr;
  Outcome (*call)(sqlite3* db) = nullptr;
};

struct Operation {
  std::string name;
  std::string before;  ///< what makes the database that it is done in
  std::vector<Step> steps;
  std::string probe = "INSERT INTO t VALUES (70, 'later', 'write')";  ///< a local write to a CRR, for afterwards
  bool attached = true;                                               ///< false: attaching the engine is the operation
  bool new_site = false;                                              ///< it makes a site id
};

/// Whether the application opens a transaction in it, which it must roll back when the step fails.
bool opens_transaction(const Step& step);

const std::vector<Operation>& operations();
std::vector<std::size_t> operation_numbers();

/// Which of `count` points of an operation are disturbed: some, others for each REJOIN_FAULT_SEED, evenly spread; all
/// of them where REJOIN_FAULT_POINTS=0, which otherwise says how many. A third of them under a sanitizer.
struct Points {
  long first = 1;
  long stride = 1;
};
Points points_among(long count, long most = 30);

/// Allocates nothing of its own. What it throws nobody catches.
Outcome run(sqlite3* db, const Step& step);

/// All that is in the database, bookkeeping included, as lines.
std::vector<std::string> content(const Database& db, const Operation& operation);

/// What an undisturbed run comes to.
struct Expected {
  explicit Expected(const Operation& operation, const Database& origin);
  std::vector<std::vector<std::string>> states;  ///< before the first step, and after each
  std::vector<Outcome> outcomes;
  std::vector<std::string> probed;  ///< all changes, after the probe
};

/// All changes, after the operation's probe.
std::vector<std::string> probe(const Database& db, const Operation& operation);

/// The database that `operation` begins in. The engine is not attached.
Database origin_of(const Operation& operation);

/// After a disturbance that is over: `step` failed, or, where it is the number of steps, nothing did. The database must
/// be as before that step or as after it, the rest of the operation must run through, and what is written later must be
/// captured. Gives what is wrong, or nothing.
std::string complaint(const Database& db, const Operation& operation, const Expected& expected, std::size_t step);

}  // namespace rejoin::test
