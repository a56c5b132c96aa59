// Local writes, each on a CRR and, under the same name, on plain SQLite: the ratio of the two is what the engine costs.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "bench_database.hpp"

namespace {

using bench::Database;
using bench::Kind;

constexpr int kRows = 100000;
constexpr int kSmallTransactions = 20000;

/// Runs `work` on a database that `prepare` has filled; only `work` is timed.
template <typename Prepare, typename Work>
void measure(benchmark::State& state, int items, Kind kind, Prepare&& prepare, Work&& work) {
  for (auto _ : state) {
    state.PauseTiming();
    auto database = std::make_unique<Database>(kind);
    prepare(*database);
    state.ResumeTiming();
    work(*database);
    state.PauseTiming();
    database.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * items);
}

void nothing(Database&) {}
void filled(Database& database) { database.insert(1, kRows, true); }

void insert_one_transaction(benchmark::State& state, Kind kind) {
  measure(state, kRows, kind, nothing, [](Database& database) { database.insert(1, kRows, true); });
}

void insert_transaction_a_row(benchmark::State& state, Kind kind) {
  measure(state, kSmallTransactions, kind, nothing,
          [](Database& database) { database.insert(1, kSmallTransactions, false); });
}

void update_one_column(benchmark::State& state, Kind kind) {
  measure(state, kRows, kind, filled, [](Database& database) { database.run("UPDATE t SET b = b + 1"); });
}

void update_all_columns(benchmark::State& state, Kind kind) {
  measure(state, kRows, kind, filled, [](Database& database) {
    database.run("UPDATE t SET a = a || '.', b = b + 1, c = c + 1, d = d || '.', e = x'00'");
  });
}

void delete_rows(benchmark::State& state, Kind kind) {
  measure(state, kRows, kind, filled, [](Database& database) { database.run("DELETE FROM t WHERE id > 0"); });
}

#define REJOIN_BENCH_BOTH(name)                                                               \
  BENCHMARK_CAPTURE(name, plain, Kind::kPlain)->Unit(benchmark::kMillisecond)->UseRealTime(); \
  BENCHMARK_CAPTURE(name, crr, Kind::kCrr)->Unit(benchmark::kMillisecond)->UseRealTime()

REJOIN_BENCH_BOTH(insert_one_transaction);
REJOIN_BENCH_BOTH(insert_transaction_a_row);
REJOIN_BENCH_BOTH(update_one_column);
REJOIN_BENCH_BOTH(update_all_columns);
REJOIN_BENCH_BOTH(delete_rows);

}  // namespace
