// Statements kept and lent: what is on loan survives a clear, and nothing is finalized twice (the sanitizers see that).
#include "sqlite/statement_cache.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"

namespace rejoin::internal {
namespace {

using test::Database;

struct StatementCacheTest : testing::Test {
  StatementCacheTest() : db(":memory:", test::Engine::kAbsent), cache(db.handle()) {}
  ~StatementCacheTest() override { cache.clear(); }

  Lease lend(std::uint32_t table, std::uint32_t purpose, const std::string& sql = "SELECT ?1") {
    Lease lease;
    EXPECT_TRUE(cache
                    .lend(
                        table, purpose,
                        [&] {
                          ++made;
                          return sql;
                        },
                        lease)
                    .ok());
    return lease;
  }
  [[nodiscard]] int open_statements() const {
    int count = 0;
    for (sqlite3_stmt* s = nullptr; (s = sqlite3_next_stmt(db.handle(), s)) != nullptr;) ++count;
    return count;
  }

  Database db;
  StatementCache cache;
  int made = 0;
};

TEST_F(StatementCacheTest, PreparesOncePerTableAndPurpose) {
  for (int round = 0; round < 3; ++round) {
    for (const std::uint32_t table : {0U, 7U}) {
      for (const std::uint32_t purpose : {0U, 3U}) lend(table, purpose);
    }
  }
  EXPECT_EQ(made, 4);
  EXPECT_EQ(open_statements(), 4);
}

TEST_F(StatementCacheTest, GivesBackAStatementResetAndWithoutBindings) {
  Status status;
  {
    Lease lease = lend(1, 1);
    lease.bind(1, std::string_view("kept?"));
    ASSERT_TRUE(lease.step(status, "testing"));
    EXPECT_EQ(lease.text(0), "kept?");
  }
  Lease lease = lend(1, 1);
  EXPECT_FALSE(sqlite3_stmt_busy(lease.get()));
  ASSERT_TRUE(lease.step(status, "testing"));
  EXPECT_TRUE(lease.is_null(0));
  EXPECT_EQ(made, 1);
}

TEST_F(StatementCacheTest, LendsASecondStatementWhileTheFirstIsOut) {
  Lease first = lend(1, 1);
  Status status;
  first.bind(1, 1);
  ASSERT_TRUE(first.step(status, "testing"));
  {
    Lease second = lend(1, 1);
    EXPECT_NE(second.get(), first.get());
    second.bind(1, 2);
    ASSERT_TRUE(second.step(status, "testing"));
    EXPECT_EQ(second.integer(0), 2);
  }
  EXPECT_EQ(first.integer(0), 1);
  EXPECT_EQ(open_statements(), 1) << "the second one was not kept";
}

TEST_F(StatementCacheTest, WhatIsOnLoanSurvivesAClearAndGoesWhenItComesBack) {
  Lease lease = lend(1, 1);
  Status status;
  lease.bind(1, 5);
  cache.clear();
  ASSERT_TRUE(lease.step(status, "testing"));
  EXPECT_EQ(lease.integer(0), 5);
  Lease other = lend(1, 1);
  EXPECT_NE(other.get(), lease.get());
  lease.release();
  EXPECT_EQ(open_statements(), 1);
  other.release();
  EXPECT_EQ(lend(1, 1).get() != nullptr, true);
  EXPECT_EQ(made, 2) << "the one made after the clear was kept";
}

TEST_F(StatementCacheTest, ClearFinalizesAllThatIsAtHome) {
  lend(0, 0);
  lend(5, 9);
  cache.clear();
  EXPECT_EQ(open_statements(), 0);
  cache.clear();
}

TEST_F(StatementCacheTest, LendOnceKeepsNothing) {
  {
    Lease lease;
    ASSERT_TRUE(cache.lend_once("SELECT 1", lease).ok());
    EXPECT_EQ(open_statements(), 1);
  }
  EXPECT_EQ(open_statements(), 0);
}

TEST_F(StatementCacheTest, ABadStatementIsAnErrorAndLeavesAnEmptyLease) {
  Lease lease;
  const Status status = cache.lend(
      1, 1, [] { return std::string("SELECT * FROM nowhere"); }, lease);
  EXPECT_EQ(status.message(), "preparing a statement of the engine: no such table: nowhere");
  EXPECT_FALSE(lease);
  lend(1, 1);
}

TEST_F(StatementCacheTest, AFailedBindShowsInTheNextStepAlsoAfterAMove) {
  Lease lease = lend(1, 1);
  lease.bind(2, 1);  // there is no second parameter
  Lease moved = std::move(lease);
  Status status;
  EXPECT_FALSE(moved.step(status, "testing"));
  EXPECT_EQ(status.sqlite_code(), SQLITE_RANGE);
  moved.release();
  EXPECT_TRUE(lend(1, 1).step(status, "testing")) << "the next borrower starts afresh";
}

TEST_F(StatementCacheTest, MovingALeaseGivesBackNothingTwice) {
  Lease a = lend(1, 1);
  sqlite3_stmt* statement = a.get();
  Lease b = std::move(a);
  EXPECT_EQ(b.get(), statement);
  Lease c;
  c = std::move(b);
  EXPECT_EQ(c.get(), statement);
  c.release();
  c.release();
  EXPECT_EQ(lend(1, 1).get(), statement);
}

TEST_F(StatementCacheTest, LendingIntoALeaseGivesBackTheOneThatItHeld) {
  Lease lease = lend(1, 1);
  ASSERT_TRUE(cache
                  .lend(
                      1, 2, [] { return std::string("SELECT 2"); }, lease)
                  .ok());
  lend(1, 1);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(open_statements(), 2);
}

TEST_F(StatementCacheTest, RunStepsToTheEndAndReportsFailures) {
  db.exec("CREATE TABLE t (v CHECK (v < 3))");
  Lease lease = lend(1, 1, "INSERT INTO t SELECT value FROM json_each(?1)");
  lease.bind(1, std::string_view("[1,2]"));
  EXPECT_TRUE(lease.run("filling").ok());
  lease.bind(1, std::string_view("[5]"));
  const Status status = lease.run("filling");
  EXPECT_EQ(status.sqlite_code() & 0xff, SQLITE_CONSTRAINT);
  EXPECT_TRUE(status.message().starts_with("filling: CHECK constraint failed")) << status.message();
  EXPECT_EQ(db.lines("SELECT v FROM t"), (std::vector<std::string>{"1", "2"}));
}

TEST_F(StatementCacheTest, BindsEveryKindOfValue) {
  Lease lease = lend(1, 1, "SELECT ?1, ?2, ?3, ?4");
  const std::uint8_t bytes[] = {0, 255};
  ValueView real;
  real.type = SQLITE_FLOAT;
  real.real = 1.5;
  lease.bind(1, -3).bind(2, std::string_view("a\0b", 3)).bind_blob(3, {bytes, 2}).bind(4, real);
  Status status;
  ASSERT_TRUE(lease.step(status, "testing"));
  EXPECT_EQ(lease.integer(0), -3);
  EXPECT_EQ(lease.text(1), std::string_view("a\0b", 3));
  EXPECT_EQ(ValueView::of_column(lease.get(), 2).bytes.size, 2U);
  EXPECT_EQ(sqlite3_column_double(lease.get(), 3), 1.5);
  EXPECT_FALSE(lease.step(status, "testing"));
  EXPECT_TRUE(status.ok());
}

// A host may finalize every statement of the connection itself right before it closes it.
TEST_F(StatementCacheTest, CloseLeavesAloneWhatTheHostHasFinalized) {
  for (std::uint32_t purpose = 0; purpose < 5; ++purpose) lend(1, purpose);
  while (sqlite3_stmt* statement = sqlite3_next_stmt(db.handle(), nullptr)) sqlite3_finalize(statement);
  cache.close();
  EXPECT_EQ(open_statements(), 0);
  lend(1, 1);
  EXPECT_EQ(open_statements(), 1) << "the cache still works where the connection stays open";
}

TEST_F(StatementCacheTest, CloseFinalizesWhatTheHostHasLeft) {
  sqlite3_stmt* first = lend(1, 0).get();
  lend(1, 1);
  lend(2, 0);
  sqlite3_finalize(first);
  cache.close();
  EXPECT_EQ(open_statements(), 0);
}

TEST_F(StatementCacheTest, CloseLeavesWhatIsOnLoanToItsBorrower) {
  Lease lease = lend(1, 1);
  cache.close();
  EXPECT_EQ(open_statements(), 1);
  Status status;
  EXPECT_TRUE(lease.step(status, "testing"));
  lease.release();
  EXPECT_EQ(open_statements(), 0);
}

}  // namespace
}  // namespace rejoin::internal
