// rejoin merge, killed: each file is as it was or as a completed merge left it, and the next run completes the job.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Clock = std::chrono::steady_clock;

class MergeKillTest : public ToolTest {
 protected:
  void SetUp() override {
    for (const std::string& name : names_) {
      make(name, "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, v TEXT, n INTEGER); SELECT crsql_as_crr('t')");
      // Wide enough that a merge does not fit into SQLite's cache: pages reach the file before the commit.
      sql(name,
          "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)"
          "INSERT INTO t SELECT '" +
              name +
              "' || i, hex(randomblob(1500)), i FROM c;"
              "INSERT INTO t VALUES ('both', '" +
              name + "', 1)");
      start_[name] = read_bytes(path(name));
      rows_before_[name] = rows(name);
    }
    const auto begin = Clock::now();
    ASSERT_EQ(merge(names_).exit_code, 0);
    whole_time_ = std::chrono::duration<double>(Clock::now() - begin).count();
    expect_same(names_, "t");
    merged_ = rows(names_[0]);
  }

  void restart() const {
    for (const auto& entry : std::filesystem::directory_iterator(dir_)) std::filesystem::remove(entry);
    for (const std::string& name : names_) write_bytes(path(name), start_.at(name));
  }

  std::string rows(const std::string& name) const { return rows_of(path(name), "SELECT * FROM t ORDER BY id"); }

  // What a killed run may leave; returns how many files are complete.
  std::size_t expect_sound(const std::string& when) const {
    std::size_t complete = 0;
    for (const std::string& name : names_) {
      EXPECT_EQ(rows_of(path(name), "PRAGMA integrity_check"), "'ok'\n") << name << " " << when;
      const std::string now = rows(name);
      const bool done = now == merged_;
      complete += done ? 1 : 0;
      // The first file of the list takes in the others before they take in it: those see all or nothing.
      EXPECT_TRUE(done || now == rows_before_.at(name)) << name << " is half-merged " << when;
    }
    return complete;
  }

  void expect_completed(const std::string& when) const {
    const Outcome outcome = merge(names_);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err << when;
    expect_same(names_, "t");
    EXPECT_EQ(rows(names_[0]), merged_) << when;
    EXPECT_EQ(merge(names_, {"--check"}).exit_code, 0) << when;
  }

  const std::vector<std::string> names_{"a.db", "b.db", "c.db"};
  std::map<std::string, std::string> start_;
  std::map<std::string, std::string> rows_before_;
  std::string merged_;
  double whole_time_ = 0;
};

TEST_F(MergeKillTest, AtManyMoments) {
  constexpr int kMoments = 30;
  int killed = 0;
  std::map<std::size_t, int> seen;  // how many runs left how many files complete
  for (int i = 0; i < kMoments; ++i) {
    restart();
    std::vector<std::string> arguments{"merge"};
    for (const std::string& name : names_) arguments.push_back(path(name));
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome = run_tool(arguments, {.kill_after = whole_time_ * 1.1 * i / kMoments});
    killed += outcome.signal == SIGKILL ? 1 : 0;
    // What else the machine does comes and goes: a run that was over in time tells how long one takes now.
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (outcome.signal != SIGKILL) whole_time_ = std::min(whole_time_, took.count());
    const std::string when = "killed at moment " + std::to_string(i);
    ++seen[expect_sound(when)];
    expect_completed(when);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(killed, kMoments / 2) << "most runs ended before they were killed: nothing was shown";
  EXPECT_GT(seen[0], 0) << "no run was killed before the first file was complete";
}

// The kernel kills whoever makes a file longer than it may be: a kill right inside a write, at the same places each
// time.
TEST_F(MergeKillTest, InsideWrites) {
  const std::size_t from = start_.at("a.db").size();
  const std::size_t to = std::filesystem::file_size(path("a.db"));
  constexpr std::size_t kPlaces = 8;
  int killed = 0;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    restart();
    const rlim_t limit = from / 2 + (to - from / 2) * i / kPlaces;
    std::vector<std::string> arguments{"merge"};
    for (const std::string& name : names_) arguments.push_back(path(name));
    const Outcome outcome = run_tool(arguments, {.in_child = [limit] {
                                       const rlimit both{limit, limit};
                                       setrlimit(RLIMIT_FSIZE, &both);
                                     }});
    killed += outcome.signal == SIGXFSZ ? 1 : 0;
    const std::string when = "killed at a file size of " + std::to_string(limit);
    expect_sound(when);
    expect_completed(when);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(killed, 0);
}

// A file that was restored from a backup needs a full exchange; a kill half-way must not hide that from the next run.
TEST_F(MergeKillTest, WhileARestoredFileIsBroughtBack) {
  const std::string backup = read_bytes(path("b.db"));
  sql("b.db", "UPDATE t SET v = 'lost' WHERE n % 3 = 0; UPDATE t SET v = 'lost again' WHERE n % 5 = 0");
  ASSERT_EQ(merge(names_).exit_code, 0);
  write_bytes(path("b.db"), backup);
  sql("b.db", "UPDATE t SET n = 0 WHERE id = 'both'");
  for (const std::string& name : names_) {
    start_[name] = read_bytes(path(name));
    rows_before_[name] = rows(name);
  }
  ASSERT_EQ(merge(names_).exit_code, 0);
  expect_same(names_, "t");
  merged_ = rows("a.db");
  EXPECT_EQ(rows_of(path("b.db"), "SELECT count(*) FROM t WHERE v LIKE 'lost%'"),
            rows_of(path("a.db"), "SELECT count(*) FROM t WHERE id <> 'both' AND (n % 3 = 0 OR n % 5 = 0)"));
  constexpr int kMoments = 12;
  for (int i = 0; i < kMoments; ++i) {
    restart();
    std::vector<std::string> arguments{"merge", path("b.db"), path("c.db"), path("a.db")};
    run_tool(arguments, {.kill_after = whole_time_ * 1.5 * i / kMoments});
    const std::string when = "killed at moment " + std::to_string(i);
    // Only two of them meet next: what the third one would have brought must not be lost for them later.
    ASSERT_EQ(merge({"b.db", "c.db"}).exit_code, 0) << when;
    expect_same({"b.db", "c.db"}, "t");
    expect_completed(when);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace rejoin::cli_test
