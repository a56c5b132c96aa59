// Replicas that write, fail, sync badly and meet again end up equal, whatever happened (docs/testing.md).
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "support/history.hpp"

namespace rejoin::test {
namespace {

// How many histories a run plays: REJOIN_HISTORIES, from the seed REJOIN_SEED on.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(History, ReplicasBecomeEqual) {
  const HistoryOptions options;
  const std::uint64_t first = from_environment("REJOIN_SEED", 1);
  const std::uint64_t count = from_environment("REJOIN_HISTORIES", 150);
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const HistoryResult result = run_history(seed, options);
    ASSERT_FALSE(result.failure) << *result.failure << "\n" << explain_failure(seed, options);
    tally += result.tally;
  }
  std::cout << count << " histories: " << describe(tally) << "\n";
  if (count < 100) return;
  EXPECT_GT(tally.writes, static_cast<std::int64_t>(count) * 20);
  EXPECT_GT(tally.failed_writes, static_cast<std::int64_t>(count));
  EXPECT_GT(tally.rollbacks, static_cast<std::int64_t>(count));
  EXPECT_GT(tally.alters, static_cast<std::int64_t>(count) / 2);
  EXPECT_GT(tally.changes_held, static_cast<std::int64_t>(count) * 2);
  EXPECT_GT(tally.changes_won, static_cast<std::int64_t>(count) * 20);
  EXPECT_GT(tally.changes_lost, static_cast<std::int64_t>(count) * 10);
}

// The same histories under cr-sqlite's rule for changes of keys: a generator that could not tell the two apart would
// prove nothing above.
TEST(History, FindsThatCrSqlitesRuleForKeyChangesDiverges) {
  HistoryOptions options;
  options.key_rule = KeyRule::kCrSqlite;
  const std::uint64_t count = from_environment("REJOIN_HISTORIES", 150);
  std::uint64_t diverged = 0;
  std::string first;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const HistoryResult result = run_history(seed, options);
    if (!result.failure) continue;
    ASSERT_NE(result.failure->find(" differ: "), std::string::npos) << "another failure: " << *result.failure;
    diverged += 1;
    if (first.empty()) first = "history " + std::to_string(seed) + ": " + *result.failure;
  }
  std::cout << diverged << " of " << count << " histories diverge; the first: " << first << "\n";
  EXPECT_GT(diverged * 50, count) << "fewer than one in 50 found";
}

}  // namespace
}  // namespace rejoin::test
