// rejoin_bench: the workloads on plain SQLite, on the file format's limit, on Rejoin, and on another engine.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <regex>
#include <thread>

#include "report.hpp"
#include "workload.hpp"

namespace bench {

namespace {

constexpr const char* kUsage = R"(usage: rejoin_bench [option…]
  --quick            tiny sizes, one run each: that everything runs
  --full             also tables of 5 million rows
  --default-table    local writes on the default table only
  --filter REGEX     workloads whose names match
  --engine PATH      also this library, which has the entry point sqlite3_crsqlite_init
  --repetitions N    runs of each (default 5), of which the median counts
  --json FILE        writes the figures
  --markdown FILE    writes the table
  --charts DIR       draws the charts
  --list             names the workloads
)";

struct Options {
  bool quick = false;
  bool full = false;
  bool default_table = false;
  bool list = false;
  int repetitions = 5;
  std::string filter = ".*";
  std::string engine;
  std::string json;
  std::string markdown;
  std::string charts;
};

Options options_of(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) give_up(word + " needs a value");
      return words[i];
    };
    if (word == "--help") {
      std::printf("%s", kUsage);
      std::exit(0);
    }
    if (word == "--quick") {
      options.quick = true;
      options.repetitions = 1;
    } else if (word == "--full") {
      options.full = true;
    } else if (word == "--default-table") {
      options.default_table = true;
    } else if (word == "--list") {
      options.list = true;
    } else if (word == "--repetitions") {
      options.repetitions = std::max(1, std::atoi(value().c_str()));
    } else if (word == "--filter") {
      options.filter = value();
    } else if (word == "--engine") {
      options.engine = value();
    } else if (word == "--json") {
      options.json = value();
    } else if (word == "--markdown") {
      options.markdown = value();
    } else if (word == "--charts") {
      options.charts = value();
    } else {
      give_up("unknown option " + word + "\n" + kUsage);
    }
  }
  return options;
}

class Stopwatch : public Meter {
 public:
  void start() override { begin_ = std::chrono::steady_clock::now(); }
  void stop() override { seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  std::chrono::steady_clock::time_point begin_;
  double seconds_ = 0;
};

/// The figures are collected where they arise.
class Silent : public benchmark::BenchmarkReporter {
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

std::vector<Engine> engines_for(const Workload& work, const Options& options) {
  std::vector<Engine> engines;
  if (work.on_plain) engines.push_back({});
  for (const Engine::Way way : work.limit_ways) engines.push_back({Engine::Kind::kLimit, way});
  engines.push_back({Engine::Kind::kRejoin});
  if (work.on_other && !options.engine.empty()) {
    engines.push_back({Engine::Kind::kOther, Engine::Way::kRow, options.engine});
  }
  return engines;
}

/// All repetitions on all engines, in an order of Google Benchmark's choosing that mixes them.
Measured measure(const Workload& work, const Options& options) {
  Measured measured{&work, {}};
  for (const Engine& engine : engines_for(work, options)) {
    Samples& samples = measured.engines[engine.name()];
    benchmark::RegisterBenchmark((work.name + "/" + engine.name()).c_str(),
                                 [&work, &samples, engine](benchmark::State& state) {
                                   for (auto _ : state) {
                                     Stopwatch watch;
                                     const double bytes = work.run(engine, watch);
                                     state.SetIterationTime(watch.seconds());
                                     samples.values.push_back((work.in_memory ? bytes : watch.seconds()) / work.items);
                                   }
                                 })
        ->Iterations(1)
        ->Repetitions(options.repetitions)
        ->UseManualTime();
  }
  Silent silent;
  benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::ClearRegisteredBenchmarks();
  return measured;
}

void verify(const Workload& work) {
  if (!work.verify) return;
  for (const Engine::Way way : work.limit_ways) {
    work.verify({Engine::Kind::kLimit, way}, {Engine::Kind::kRejoin});
  }
}

std::map<std::string, std::string> context(const Options& options) {
  std::map<std::string, std::string> context;
  context["sqlite"] = sqlite3_libversion();
  context["compiler"] = __VERSION__;
  context["cores"] = std::to_string(std::thread::hardware_concurrency());
  context["repetitions"] = std::to_string(options.repetitions);
  context["sizes"] = options.quick ? "quick" : options.full ? "full" : "usual";
  context["other_engine"] = options.engine.empty() ? "none" : std::filesystem::path(options.engine).filename().string();
  return context;
}

int run(const Options& options) {
  const Sizes sizes = options.quick ? Sizes::quick() : options.full ? Sizes::full() : Sizes();
  std::vector<Workload> workloads;
  add_local_workloads(sizes, options.default_table, workloads);
  add_change_workloads(sizes, workloads);
  add_growth_workloads(sizes, workloads);
  const std::regex filter(options.filter);
  std::erase_if(workloads, [&](const Workload& work) { return !std::regex_search(work.name, filter); });
  if (options.list) {
    for (const Workload& work : workloads) std::printf("%s\n", work.name.c_str());
    return 0;
  }
  if (workloads.empty()) give_up("no workload of that name");
  if (!options.engine.empty()) load_engine(options.engine);
  Report report;
  const std::map<std::string, std::string> circumstances = context(options);
  const std::string heading = "SQLite " + circumstances.at("sqlite") + ", compiler " + circumstances.at("compiler") +
                              ", " + circumstances.at("cores") + " cores; medians of " +
                              circumstances.at("repetitions");
  Report::print_heading(heading);
  std::string family;
  for (const Workload& work : workloads) {
    if (work.family != family) forget_filled();
    family = work.family;
    verify(work);
    report.add(measure(work, options));
    report.print_row(report.all().back());
  }
  forget_filled();
  report.print_summary();
  if (!options.json.empty()) report.write_json(options.json, circumstances);
  if (!options.markdown.empty()) report.write_markdown(options.markdown, heading);
  if (!options.charts.empty()) draw_charts(report, options.charts);
  return 0;
}

}  // namespace

}  // namespace bench

int main(int count, char** words) {
  const bench::Options options = bench::options_of(count, words);
  std::string name = "rejoin_bench";
  std::string interleaved = "--benchmark_enable_random_interleaving=true";
  std::string all = "--benchmark_filter=.*";
  char* arguments[] = {name.data(), interleaved.data(), all.data(), nullptr};
  int argument_count = 3;
  benchmark::Initialize(&argument_count, arguments);
  return bench::run(options);
}
