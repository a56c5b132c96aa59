// Random scripts, played on the real cr-sqlite and on Rejoin: nothing may differ but what known.hpp lists.
//
//   REJOIN_ORACLE_SEED=N    the first script's seed (default: another one each time; it is printed)
//   REJOIN_ORACLE_COUNT=N   how many scripts (default 320)

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "oracle/generator.hpp"
#include "oracle/ours.hpp"
#include "oracle/player.hpp"
#include "oracle/reference.hpp"
#include "oracle/seeds.hpp"
#include "oracle/shrink.hpp"

namespace rejoin::oracle {
namespace {

constexpr std::uint64_t kParts = 8;  // so that CTest can run them at once

class Random : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Random, ShowsNoDifference) {
  REJOIN_NEEDS_REFERENCE();
  const std::uint64_t count = (count_or(320) + kParts - 1) / kParts;
  Reference reference;
  Ours ours;
  Player player(reference, ours);
  std::uint64_t seed = first_seed() + GetParam() * count;
  std::cout << "seeds " << seed << " to " << seed + count - 1 << "\n";
  for (std::uint64_t i = 0; i < count; ++i, ++seed) {
    const auto difference = player.play(random_script(seed));
    if (!difference) continue;
    const Script smallest = shrink(player, random_script(seed));
    const auto last = player.play(smallest);
    FAIL() << "REJOIN_ORACLE_SEED=" << seed << " REJOIN_ORACLE_COUNT=1\n"
           << (last ? last->what : difference->what) << "\n\n"
           << print_script(last ? smallest : random_script(seed));
  }
  const Player::Counts& counts = player.counts();
  std::cout << counts.scripts << " scripts, " << counts.steps << " steps, " << counts.snapshots << " states compared, "
            << counts.merged << " changes copied, " << counts.errors << " errors on both sides\n";
  // A generator whose statements all fail, or that never merges, would show nothing.
  EXPECT_GT(counts.snapshots, counts.scripts * 5);
  EXPECT_GT(counts.steps, counts.errors * 2);
}

INSTANTIATE_TEST_SUITE_P(Parts, Random, testing::Range<std::uint64_t>(0, kParts));

}  // namespace
}  // namespace rejoin::oracle
