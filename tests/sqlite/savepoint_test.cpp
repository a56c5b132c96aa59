// A savepoint undoes our own work and nothing of the caller's.
#include "sqlite/savepoint.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"
#include "support/temporary.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using Lines = std::vector<std::string>;

struct SavepointTest : testing::Test {
  SavepointTest() : db(":memory:", test::Engine::kAbsent) { db.exec("CREATE TABLE t (v)"); }
  [[nodiscard]] Lines rows() const { return db.lines("SELECT v FROM t ORDER BY v"); }
  Database db;
};

TEST_F(SavepointTest, ReleasedKeepsWhatWasDone) {
  {
    Savepoint savepoint(db.handle());
    ASSERT_TRUE(savepoint.begin().ok());
    EXPECT_TRUE(db.in_transaction());
    db.exec("INSERT INTO t VALUES (1)");
    ASSERT_TRUE(savepoint.release().ok());
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(rows(), Lines{"1"});
}

TEST_F(SavepointTest, LeftBehindUndoesOnlyItsOwnWork) {
  db.exec("BEGIN; INSERT INTO t VALUES (1)");
  {
    Savepoint savepoint(db.handle());
    ASSERT_TRUE(savepoint.begin().ok());
    db.exec("INSERT INTO t VALUES (2)");
  }
  EXPECT_TRUE(db.in_transaction());
  db.exec("COMMIT");
  EXPECT_EQ(rows(), Lines{"1"});
}

TEST_F(SavepointTest, LeftBehindOutsideATransactionEndsTheOneItBegan) {
  {
    Savepoint savepoint(db.handle());
    ASSERT_TRUE(savepoint.begin().ok());
    db.exec("INSERT INTO t VALUES (2)");
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(rows(), Lines{});
}

TEST_F(SavepointTest, NestsUnderOneName) {
  Savepoint outer(db.handle());
  ASSERT_TRUE(outer.begin().ok());
  db.exec("INSERT INTO t VALUES (1)");
  {
    Savepoint inner(db.handle());
    ASSERT_TRUE(inner.begin().ok());
    db.exec("INSERT INTO t VALUES (2)");
  }
  ASSERT_TRUE(outer.release().ok());
  EXPECT_EQ(rows(), Lines{"1"});
}

TEST_F(SavepointTest, NeverBegunDoesNothing) {
  db.exec("BEGIN; SAVEPOINT crsql_savepoint; INSERT INTO t VALUES (1)");
  { const Savepoint savepoint(db.handle()); }
  db.exec("COMMIT");
  EXPECT_EQ(rows(), Lines{"1"});
}

TEST_F(SavepointTest, GoesQuietlyWhenTheWholeTransactionIsGoneAlready) {
  {
    Savepoint savepoint(db.handle());
    ASSERT_TRUE(savepoint.begin().ok());
    db.exec("INSERT INTO t VALUES (1); ROLLBACK");
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(rows(), Lines{});
}

// In rollback-journal mode a reader holds off the commit: RELEASE fails, and nothing may stay behind.
TEST(SavepointOnFile, AFailedReleaseIsUndone) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database db(file, test::Engine::kAbsent);
  db.exec("CREATE TABLE t (v); INSERT INTO t VALUES (0)");
  const Database reader(file, test::Engine::kAbsent);
  {
    test::Statement reading(reader.handle(), "SELECT v FROM t");
    ASSERT_TRUE(reading.step());
    Savepoint savepoint(db.handle());
    ASSERT_TRUE(savepoint.begin().ok());
    db.exec("INSERT INTO t VALUES (1)");
    const Status status = savepoint.release();
    EXPECT_EQ(status.code(), ErrorCode::kBusy);
    EXPECT_EQ(status.message(), "releasing a savepoint: database is locked");
  }
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.lines("SELECT v FROM t"), Lines{"0"});
}

TEST_F(SavepointTest, ExecuteSaysWhatItWasDoing) {
  EXPECT_TRUE(execute(db.handle(), "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)", "writing").ok());
  const Status status = execute(db.handle(), "INSERT INTO nowhere VALUES (1)", "writing");
  EXPECT_EQ(status.code(), ErrorCode::kSqlite);
  EXPECT_EQ(status.message(), "writing: no such table: nowhere");
  EXPECT_EQ(rows(), (Lines{"1", "2"}));
}

}  // namespace
}  // namespace rejoin::internal
