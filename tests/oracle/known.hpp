// The known differences between the reference and Rejoin, each named once. A fixed script shows each of them
// (`.differs RULE`); the random scripts keep away from them, or look past them as Allowances says. Anything else that
// differs is a bug of ours.
#pragma once

#include <string>
#include <vector>

namespace rejoin::oracle {

struct KnownDifference {
  std::string rule;
  std::string reason;
};

const std::vector<KnownDifference>& known_differences();

}  // namespace rejoin::oracle
