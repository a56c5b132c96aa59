// Where the random tests' seeds come from.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace rejoin::oracle {

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

/// REJOIN_ORACLE_SEED, or another one in each run of the program.
inline std::uint64_t first_seed() {
  static const std::uint64_t kSeed = number_from("REJOIN_ORACLE_SEED", std::random_device()() % 1000000000);
  return kSeed;
}

/// REJOIN_ORACLE_COUNT, or what is good for one run of CI.
inline std::uint64_t count_or(std::uint64_t otherwise) { return number_from("REJOIN_ORACLE_COUNT", otherwise); }

}  // namespace rejoin::oracle
