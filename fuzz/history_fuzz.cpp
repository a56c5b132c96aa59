// Random histories of replicas, decided by the fuzzer's bytes: they must end equal (tests/support/history.hpp). Says at
// the end how much was played.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "support/history.hpp"

namespace {

struct Totals {
  rejoin::test::Tally tally;
  long histories = 0;
  ~Totals() {
    std::fprintf(stderr, "%ld histories in %ld s of CPU: %s\n", histories,
                 static_cast<long>(std::clock() / CLOCKS_PER_SEC), describe(tally).c_str());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rejoin::test;
  static Totals totals;
  const HistoryOptions options{.min_sites = 2, .max_sites = 8, .steps = 60};
  const HistoryResult result = run_history({data, size}, options);
  totals.tally += result.tally;
  ++totals.histories;
  if (!result.failure) return 0;
  std::string text = "violated: " + *result.failure + "\n";
  for (const std::string& line : run_history({data, size}, options, true).trace) text += "  " + line + "\n";
  std::fputs(text.c_str(), stderr);
  std::abort();
}
