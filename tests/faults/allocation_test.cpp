// Every operation with each of its allocations failing, SQLite's and our own: it succeeds or reports an error, throws
// nothing, leaves the database as before or as after, and can be repeated.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "faults/operations.hpp"
#include "support/fault_alloc.hpp"

namespace rejoin::test {

namespace {

class FailingAllocationTest : public testing::TestWithParam<std::size_t> {
 protected:
  const Operation& operation_ = operations()[GetParam()];
  Database origin_ = origin_of(operation_);
  Expected expected_{operation_, origin_};

  [[nodiscard]] Database fresh() const {
    return operation_.attached ? Database::copy_of(origin_) : origin_of(operation_);
  }

  /// How many allocations the operation makes.
  [[nodiscard]] long allocations() const {
    const Database db = fresh();
    const FailingAllocations none(0);
    for (const Step& step : operation_.steps) run(db.handle(), step);
    return FailingAllocations::count();
  }

  /// Runs it with the n-th allocation failing; what is wrong then, or nothing.
  [[nodiscard]] std::string disturb(long nth, bool from_then_on) const {
    Database db = fresh();
    std::size_t step = 0;
    try {
      FailingAllocations failing(nth, from_then_on);
      for (; step < operation_.steps.size(); ++step) {
        const Outcome outcome = run(db.handle(), operation_.steps[step]);
        if (outcome.code != 0) break;
        if (outcome != expected_.outcomes[step]) return "succeeds, and gives other rows";
      }
    } catch (...) {
      return "something was thrown";
    }
    const bool done = step == operation_.steps.size();
    if (db.in_transaction()) {
      if (done) return "succeeds, and leaves a transaction open";
      // Ours: inside a statement SQLite refuses, after the first failure, to undo anything. It must not get committed.
      const bool ours = !opens_transaction(operation_.steps[step]) && operation_.attached;
      if (ours) static_cast<void>(db.error_of("COMMIT"));
      if (db.in_transaction()) db.exec("ROLLBACK");
    }
    std::string wrong = complaint(db, operation_, expected_, step);
    if (wrong.empty() && db.close() != SQLITE_OK) return "the connection does not close";
    return wrong;
  }

  void disturb_all(bool from_then_on) const {
    const long count = allocations();
    ASSERT_GT(count, 0);
    int complaints = 0;
    const Points points = points_among(count);
    for (long n = points.first; n <= count && complaints < 5; n += points.stride) {
      const std::string wrong = disturb(n, from_then_on);
      if (wrong.empty()) continue;
      ++complaints;
      ADD_FAILURE() << "allocation " << n << " of " << count << (from_then_on ? " and all after it: " : ": ") << wrong;
    }
  }
};

}  // namespace

namespace {

const Operation& operation_called(std::string_view name) {
  const auto& all = operations();
  return *std::find_if(all.begin(), all.end(), [&](const Operation& operation) { return operation.name == name; });
}

/// What tables t and u hold, and what they come to in a database that was sent every change.
std::pair<std::vector<std::string>, std::vector<std::string>> rows_here_and_at_a_peer(const Database& db) {
  const Database peer;
  peer.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b TEXT DEFAULT 'd');"
      "CREATE TABLE u (k TEXT NOT NULL, n INTEGER NOT NULL, v REAL, PRIMARY KEY (k, n)) WITHOUT ROWID;"
      "SELECT crsql_as_crr('t'); SELECT crsql_as_crr('u')");
  Statement insert(peer.handle(), "INSERT INTO crsql_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  for (const Row& change : db.query("SELECT * FROM crsql_changes")) {
    for (std::size_t i = 0; i < change.size(); ++i) insert.bind(static_cast<int>(i) + 1, change[i]);
    insert.run();
  }
  const auto rows = [](const Database& of) {
    std::vector<std::string> lines = of.lines("SELECT * FROM t ORDER BY id");
    for (std::string& line : of.lines("SELECT * FROM u ORDER BY k, n")) lines.push_back(std::move(line));
    return lines;
  };
  return {rows(db), rows(peer)};
}

}  // namespace

// An application that goes on after an error, and commits: what is committed is captured.
TEST(AllocationTest, WhatIsCommittedAfterAnIgnoredFailureIsCaptured) {
  for (const char* name : {"LocalWrites", "MergeStatements", "CallMerge"}) {
    const Operation& operation = operation_called(name);
    const Database origin = origin_of(operation);
    const auto attempt = [&](const Database& db, long nth) {
      const FailingAllocations failing(nth);
      sqlite3_exec(db.handle(), "BEGIN", nullptr, nullptr, nullptr);
      for (const Step& step : operation.steps) run(db.handle(), step);
      sqlite3_exec(db.handle(), "COMMIT", nullptr, nullptr, nullptr);
      return FailingAllocations::count();
    };
    const long count = attempt(Database::copy_of(origin), 0);
    const Points points = points_among(count, 100);
    for (long n = points.first; n <= count; n += points.stride) {
      const Database db = Database::copy_of(origin);
      attempt(db, n);
      if (db.in_transaction()) db.exec("ROLLBACK");
      const auto [here, there] = rows_here_and_at_a_peer(db);
      ASSERT_EQ(here, there) << name << ", allocation " << n << " of " << count;
    }
  }
}

TEST(AllocationTest, ClosingNeedsNone) {
  const Operation& operation = operations()[operation_numbers().back()];
  const Database origin = origin_of(operation);
  for (const bool midway : {false, true}) {
    Database db = Database::copy_of(origin);
    for (const Step& step : operation.steps) run(db.handle(), step);
    if (midway) db.exec("BEGIN; UPDATE t SET a = 0");
    const FailingAllocations all(1, true);
    EXPECT_EQ(db.close(), SQLITE_OK);
  }
}

TEST_P(FailingAllocationTest, EachOne) { disturb_all(false); }
TEST_P(FailingAllocationTest, EachOneAndAllAfterIt) { disturb_all(true); }

INSTANTIATE_TEST_SUITE_P(Faults, FailingAllocationTest, testing::ValuesIn(operation_numbers()),
                         [](const auto& test) { return operations()[test.param].name; });

}  // namespace rejoin::test
