// Every operation with each of its allocations failing, SQLite's and our own: it succeeds or reports an error, throws
// nothing, leaves the database as before or as after, and can be repeated.
#include <gtest/gtest.h>

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
