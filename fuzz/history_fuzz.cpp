// Random histories of replicas, decided by the fuzzer's bytes: they must end equal (tests/support/history.hpp).
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/history.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rejoin::test;
  const HistoryOptions options{.min_sites = 2, .max_sites = 8, .steps = 60};
  const HistoryResult result = run_history({data, size}, options);
  if (!result.failure) return 0;
  std::string text = "violated: " + *result.failure + "\n";
  for (const std::string& line : run_history({data, size}, options, true).trace) text += "  " + line + "\n";
  std::fputs(text.c_str(), stderr);
  std::abort();
}
