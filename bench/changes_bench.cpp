// Reading and merging changes.
#include <benchmark/benchmark.h>

#include <memory>

#include "bench_database.hpp"

namespace {

using bench::Database;
using bench::Kind;
using bench::Prepared;

constexpr int kRows = 20000;
constexpr int kChanges = kRows * 5;

constexpr const char* kRead = "SELECT * FROM crsql_changes WHERE db_version > ?1";
constexpr const char* kMerge = "INSERT INTO crsql_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Merges everything of one database into another, a statement a change, in one transaction.
void merge(Database& from, Database& into) {
  Prepared read(from.get(), kRead);
  Prepared write(into.get(), kMerge);
  sqlite3_bind_int(read.get(), 1, 0);
  into.run("BEGIN");
  while (read.row()) {
    for (int i = 0; i < 9; ++i) sqlite3_bind_value(write.get(), i + 1, sqlite3_column_value(read.get(), i));
    write.run();
  }
  into.run("COMMIT");
}

void read_all_changes(benchmark::State& state) {
  Database database(Kind::kCrr);
  database.insert(1, kRows, true);
  Prepared read(database.get(), kRead);
  for (auto _ : state) {
    sqlite3_bind_int(read.get(), 1, 0);
    while (read.row()) benchmark::DoNotOptimize(sqlite3_column_bytes(read.get(), 1));
    sqlite3_reset(read.get());
  }
  state.SetItemsProcessed(state.iterations() * kChanges);
}

void poll_without_news(benchmark::State& state) {
  Database database(Kind::kCrr);
  for (int i = 0; i < state.range(0); ++i) {
    const std::string name = "more" + std::to_string(i);
    database.run("CREATE TABLE " + name + " (id INTEGER PRIMARY KEY, a); SELECT crsql_as_crr('" + name + "')");
  }
  database.insert(1, kRows, true);
  Prepared read(database.get(), kRead);
  for (auto _ : state) {
    sqlite3_bind_int64(read.get(), 1, 1000000);
    if (read.row()) bench::give_up("news");
    sqlite3_reset(read.get());
  }
}

/// Reading is part of it, as it is for every peer.
void merge_into_empty(benchmark::State& state) {
  Database from(Kind::kCrr);
  from.insert(1, kRows, true);
  for (auto _ : state) {
    state.PauseTiming();
    auto into = std::make_unique<Database>(Kind::kCrr);
    state.ResumeTiming();
    merge(from, *into);
    state.PauseTiming();
    into.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kChanges);
}

void merge_again(benchmark::State& state) {
  Database from(Kind::kCrr);
  Database into(Kind::kCrr);
  from.insert(1, kRows, true);
  merge(from, into);
  for (auto _ : state) merge(from, into);
  state.SetItemsProcessed(state.iterations() * kChanges);
}

BENCHMARK(read_all_changes)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(poll_without_news)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(merge_into_empty)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(merge_again)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
