// rejoin_instructions: the core workloads, run under valgrind --tool=callgrind --collect-atstart=no, which counts only
// between a workload's start and stop. Each makes a part of its own in callgrind's output, named "workload engine".
// scripts/instructions runs this and compares.
#include <valgrind/callgrind.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "workload.hpp"

namespace bench {

namespace {

class CallgrindMeter : public Meter {
 public:
  void start() override {
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
  }
  void stop() override { CALLGRIND_TOGGLE_COLLECT; }
};

constexpr const char* kCore[] = {
    "insert/one_transaction/integer/5",
    "insert/transaction_a_row/integer/5",
    "update_one/one_transaction/integer/5",
    "update_all/one_transaction/integer/5",
    "delete/one_transaction/integer/5",
    "upsert/one_transaction/integer/5",
    "read/all",
    "poll_without_news/100_tables",
    "grow/tail_of_100_changes/1k",
    "merge/empty/statement_a_change",
    "merge/empty/insert_select",
    "merge/empty/library",
    "merge/no_op/statement_a_change",
    "merge/no_op/insert_select",
    "merge/no_op/library",
    "merge/conflict/statement_a_change",
    "merge/conflict/insert_select",
    "merge/conflict/library",
};

void count(const Workload& work, const Engine& engine) {
  CallgrindMeter meter;
  work.run(engine, meter);
  const std::string part = work.name + " " + engine.name() + " " + std::to_string(work.items);
  CALLGRIND_DUMP_STATS_AT(part.c_str());
}

}  // namespace

}  // namespace bench

/// The names of the engines to run on: plain, rejoin, and limit, which is the way of the rows' end.
int main(int argc, char** argv) {
  using namespace bench;
  if (argc == 2 && std::strcmp(argv[1], "--versions") == 0) {
    std::printf("SQLite %s, compiler %s\n", sqlite3_libversion(), __VERSION__);
    return 0;
  }
  std::vector<Workload> workloads;
  add_local_workloads(Sizes::counted(), true, workloads);
  add_change_workloads(Sizes::counted(), workloads);
  add_growth_workloads(Sizes::counted(), workloads);
  for (const char* name : kCore) {
    const auto work =
        std::find_if(workloads.begin(), workloads.end(), [&](const Workload& w) { return w.name == name; });
    if (work == workloads.end()) give_up(std::string("no workload ") + name);
    for (int i = 1; i < argc; ++i) {
      const std::string engine = argv[i];
      if (engine == "plain" && work->on_plain) count(*work, {});
      if (engine == "rejoin") count(*work, {Engine::Kind::kRejoin});
      if (engine == "limit" && !work->limit_ways.empty()) {
        for (const Engine::Way way : work->limit_ways) count(*work, {Engine::Kind::kLimit, way});
      }
    }
  }
  return 0;
}
