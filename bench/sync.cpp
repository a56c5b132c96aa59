// A first sync, from one file to an empty one, beside a merge of the same changes by the library's batch call: what the
// wire adds. The two take turns in one process, and the middle of several runs counts.
//   rejoin_sync_bench [ROWS [RUNS]]      five cells a row
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/sync/session.hpp>

namespace {

using rejoin::Replica;
using rejoin::sync::Message;
using rejoin::sync::Session;

template <typename T>
T taken(rejoin::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(result).value();
}
void check(const rejoin::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

void run(const Replica& replica, const std::string& sql) {
  if (sqlite3_exec(replica.connection(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(replica.connection()));
  }
}

class File {
 public:
  explicit File(std::filesystem::path path) : path_(std::move(path)) { remove(); }
  ~File() { remove(); }
  Replica open() {
    Replica replica = taken(Replica::open(path_.string()));
    run(replica,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;"
        "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY NOT NULL, a TEXT, b INTEGER, c REAL, d TEXT, e "
        "BLOB); SELECT crsql_as_crr('item')");
    return replica;
  }

 private:
  void remove() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + end);
  }
  std::filesystem::path path_;
};

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void merge_batches(Replica& from, Replica& to) {
  auto stream = taken(from.changes_after(rejoin::Cursor()));
  std::vector<rejoin::Change> batch;
  while (true) {
    check(stream.next({10000, std::size_t{4} << 20}, batch));
    if (batch.empty()) return;
    taken(to.merge(batch));
  }
}

std::size_t pass_on(Session& from, Session& to) {
  Message message;
  std::size_t bytes = 0;
  while (taken(from.next(message))) {
    bytes += message.bytes.size();
    check(to.receive(message.bytes, message.text));
    // As a socket would: what one side says reaches the other before it says more.
    Message answer;
    while (taken(to.next(answer))) check(from.receive(answer.bytes, answer.text));
  }
  return bytes;
}

std::size_t sync(const Replica& from, const Replica& to) {
  const auto a = taken(Session::begin(from));
  const auto b = taken(Session::begin(to));
  std::size_t bytes = 0;
  while (!a->settled() || !b->settled()) bytes += pass_on(*a, *b) + pass_on(*b, *a);
  return bytes;
}

// One commit after another, each passed on before the next: seconds for a commit, all told.
double live(int commits) {
  Replica a = taken(Replica::open(":memory:"));
  Replica b = taken(Replica::open(":memory:"));
  for (const Replica* replica : {&a, &b}) {
    run(*replica, "CREATE TABLE item (id INTEGER PRIMARY KEY NOT NULL, a, b, c); SELECT crsql_as_crr('item')");
  }
  const auto left = taken(Session::begin(a));
  const auto right = taken(Session::begin(b));
  while (!left->settled() || !right->settled()) pass_on(*left, *right), pass_on(*right, *left);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(a.connection(), "INSERT INTO item VALUES (NULL, 'a note', 2, 3.5)", -1, &insert, nullptr);
  const double seconds = seconds_of([&] {
    for (int i = 0; i < commits; ++i) {
      sqlite3_step(insert);
      sqlite3_reset(insert);
      pass_on(*left, *right);
      pass_on(*right, *left);
    }
  });
  sqlite3_finalize(insert);
  if (!(taken(a.digest()) == taken(b.digest()))) throw std::runtime_error("not equal");
  return seconds / commits;
}

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(int rows, int runs) {
  const auto dir = std::filesystem::temp_directory_path();
  File source_file(dir / "rejoin-sync-bench-source.db");
  Replica source = source_file.open();
  run(source,
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(rows) +
          ") INSERT INTO item SELECT i, 'a text of row ' || i, i * 7, i / 3.0, 'and another', randomblob(16) FROM n");
  const double changes = 5.0 * rows;
  std::vector<double> merges;
  std::vector<double> syncs;
  std::size_t bytes = 0;
  for (int i = 0; i < runs; ++i) {
    {
      File file(dir / "rejoin-sync-bench-merge.db");
      Replica to = file.open();
      merges.push_back(seconds_of([&] { merge_batches(source, to); }));
    }
    {
      File file(dir / "rejoin-sync-bench-sync.db");
      Replica to = file.open();
      syncs.push_back(seconds_of([&] { bytes = sync(source, to); }));
      if (!(taken(to.digest()) == taken(source.digest()))) throw std::runtime_error("not equal");
    }
  }
  std::printf(
      "{\"changes\": %.0f, \"merge_per_s\": %.0f, \"sync_per_s\": %.0f, \"sync_to_merge\": %.2f, \"bytes\": %zu}\n",
      changes, changes / middle(merges), changes / middle(syncs), middle(merges) / middle(syncs), bytes);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<double> commits;
    for (int i = 0; i < 5; ++i) commits.push_back(live(2000));
    std::printf("{\"commit_and_delivery_us\": %.1f}\n", middle(commits) * 1e6);
    measure(argc > 1 ? std::atoi(argv[1]) : 200000, argc > 2 ? std::atoi(argv[2]) : 5);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rejoin_sync_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
