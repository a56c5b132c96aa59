// Everything that one random history is played on.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/link.hpp"
#include "support/shapes.hpp"
#include "support/site.hpp"
#include "support/snapshot.hpp"

namespace rejoin::test {

/// Whose rule a change of a key follows.
enum class KeyRule {
  kRejoin,    ///< the engine's own: a delete and an insert
  kCrSqlite,  ///< cr-sqlite's, imitated: the cells' clocks move to the new key as they are (contract, section 9)
};

/// How replicas are brought together at the end.
enum class Settling {
  kFull,  ///< neighbours give each other everything
  kNews,  ///< neighbours give each other what is above their cursors, and nothing else is ever sent again
};

/// What a history did, for showing that it did enough.
struct Tally {
  std::int64_t writes = 0;
  std::int64_t failed_writes = 0;
  std::int64_t transactions = 0;
  std::int64_t rollbacks = 0;
  std::int64_t deliveries = 0;
  std::int64_t alters = 0;
  std::int64_t changes_held = 0;  ///< for a schema that the receiver did not have yet
  std::int64_t changes_won = 0;
  std::int64_t changes_lost = 0;
  std::int64_t changes_settled = 0;  ///< sent while settling

  Tally& operator+=(const Tally& other);
};

/// What was done, in one line.
std::string describe(const Tally& tally);

class TemporaryDirectory;

struct World {
  std::shared_ptr<TemporaryDirectory> directory;  ///< of the sites that live in files
  std::vector<Shape> shapes;                      ///< as the newest schema has them
  bool evolving = false;  ///< sites begin with older schemas, or without some tables, and follow one by one
  std::vector<std::unique_ptr<Site>> sites;
  std::vector<std::pair<std::size_t, std::size_t>> neighbours;  ///< a connected graph
  KeyRule key_rule = KeyRule::kRejoin;
  Settling settling = Settling::kFull;
  bool merge_equal_values = false;
  bool masked = false;  ///< receivers note the sender as the writer, as the vlcn protocol's clients and servers do
  Cursors cursors;
  std::vector<Message> messages;
  std::vector<std::string> trace;
  bool tracing = false;
  Tally tally;

  /// The engine is held to more than convergence only where it makes its own rules.
  [[nodiscard]] bool strict() const { return key_rule == KeyRule::kRejoin; }

  void note(const Site& site, const std::string& what) {
    if (tracing) trace.push_back(site.name() + ": " + what);
  }
};

}  // namespace rejoin::test
