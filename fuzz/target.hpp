// What the fuzz targets share: a property that does not hold ends the run with its message.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace rejoin::fuzz {

inline void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

/// The body of LLVMFuzzerTestOneInput.
template <typename Run>
int run_target(Run&& run) {
  try {
    run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "violated: %s\n", error.what());
    std::abort();
  }
  return 0;
}

}  // namespace rejoin::fuzz
