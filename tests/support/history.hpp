// Random histories of several replicas: the one generator behind the seeded test and the fuzzer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "support/world.hpp"

namespace rejoin::test {

struct HistoryOptions {
  std::size_t min_sites = 2;
  std::size_t max_sites = 8;
  int steps = 60;
  KeyRule key_rule = KeyRule::kRejoin;
};

struct HistoryResult {
  std::optional<std::string> failure;  ///< what was violated
  std::vector<std::string> trace;      ///< what happened, if it was asked for
  Tally tally;
};

/// One history, decided by `seed` but for the steps in `left_out`. Each step makes its choices independently of the
/// others, so that leaving some out does not change the rest.
HistoryResult run_history(std::uint64_t seed, const HistoryOptions& options, const std::set<int>& left_out = {},
                          bool tracing = false);

/// One history, decided by bytes.
HistoryResult run_history(std::span<const std::uint8_t> bytes, const HistoryOptions& options, bool tracing = false);

/// A failing history with as many steps left out as can be without its ceasing to fail, told for people.
std::string explain_failure(std::uint64_t seed, const HistoryOptions& options);

}  // namespace rejoin::test
