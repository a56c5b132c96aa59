// What the engine hears of transactions: commits that are refused, held off or vetoed, closes that do not close.
#include "crr/transaction_table.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

struct TransactionTable : testing::Test {
  TransactionTable() { db.exec(kTable); }
  Database db;
};

struct TransactionOnFile : testing::Test {
  TransactionOnFile() { db.exec(kTable); }
  TemporaryDirectory directory;
  std::string file = (directory.path() / "a.db").string();
  Database db{file};
};

TEST_F(TransactionTable, ARolledBackTransactionLeavesNoVersion) {
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1); ROLLBACK; INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_EQ(db.lines("SELECT pk, db_version, seq FROM crsql_changes"), (Lines{"x'010902'|1|0", "x'010902'|1|1"}));
}

TEST_F(TransactionTable, InsertOrRollbackTakesEverythingWithIt) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); BEGIN; UPDATE t SET a = 5");
  EXPECT_TRUE(db.error_of("INSERT OR ROLLBACK INTO t VALUES (1, 0, 0)"));
  EXPECT_FALSE(db.in_transaction());
  db.exec("UPDATE t SET b = 7");
  EXPECT_EQ(changes(db), (Lines{"'a'|1|1|1|1|0", "'b'|7|2|2|1|0"}));
}

TEST_F(TransactionTable, AVetoedCommitLeavesNothingAndTheNextOneIsWhole) {
  int left = 2;
  sqlite3_commit_hook(
      db.handle(), [](void* count) { return (*static_cast<int*>(count))-- > 0 ? 1 : 0; }, &left);
  EXPECT_TRUE(db.error_of("INSERT INTO t VALUES (1, 1, 1)"));
  db.exec("BEGIN; INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_TRUE(db.error_of("COMMIT"));
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 0);
  db.exec("INSERT INTO t VALUES (3, 3, 3)");
  EXPECT_EQ(changes(db), (Lines{"'a'|3|1|1|1|0", "'b'|3|1|1|1|1"}));
  sqlite3_commit_hook(db.handle(), nullptr, nullptr);
}

// A deferred foreign key lets COMMIT fail and keeps the transaction open.
TEST_F(TransactionTable, ACommitRefusedByAForeignKeyCanBeTriedAgain) {
  db.exec("PRAGMA foreign_keys = ON; CREATE TABLE child (t REFERENCES t DEFERRABLE INITIALLY DEFERRED)");
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1); INSERT INTO child VALUES (2)");
  EXPECT_TRUE(db.error_of("COMMIT"));
  EXPECT_TRUE(db.in_transaction());
  db.exec("INSERT INTO t VALUES (2, 2, 2); COMMIT");
  EXPECT_EQ(db.lines("SELECT pk, seq FROM crsql_changes WHERE db_version = 1"),
            (Lines{"x'010901'|0", "x'010901'|1", "x'010902'|2", "x'010902'|3"}));
}

// In rollback-journal mode a reader holds off the commit, after the log was written.
TEST_F(TransactionOnFile, ACommitThatIsHeldOffCanBeTriedAgain) {
  const Database reader(file);
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1)");
  {
    Statement reading(reader.handle(), "SELECT * FROM crsql_master");
    ASSERT_TRUE(reading.step());
    EXPECT_EQ(db.error_of("COMMIT")->code(), SQLITE_BUSY);
    EXPECT_TRUE(db.in_transaction());
    db.exec("INSERT INTO t VALUES (2, 2, 2)");
    EXPECT_EQ(db.error_of("COMMIT")->code(), SQLITE_BUSY);
  }
  db.exec("UPDATE t SET a = 9 WHERE id = 1; COMMIT");
  EXPECT_EQ(db.lines("SELECT pk, cid, col_version, db_version, seq FROM crsql_changes"),
            (Lines{"x'010901'|'b'|1|1|1", "x'010902'|'a'|1|1|2", "x'010902'|'b'|1|1|3", "x'010901'|'a'|2|1|4"}));
  EXPECT_EQ(reader.integer("SELECT crsql_db_version()"), 1);
}

TEST_F(TransactionOnFile, ACommitThatIsHeldOffAndGivenUpLeavesNothing) {
  const Database reader(file);
  {
    Statement reading(reader.handle(), "SELECT * FROM crsql_master");
    ASSERT_TRUE(reading.step());
    db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1)");
    EXPECT_EQ(db.error_of("COMMIT")->code(), SQLITE_BUSY);
    db.exec("ROLLBACK");
    EXPECT_EQ(db.error_of("INSERT INTO t VALUES (5, 5, 5)")->code(), SQLITE_BUSY) << "a transaction of its own";
  }
  db.exec("INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_EQ(db.lines("SELECT pk, db_version, seq FROM crsql_changes"), (Lines{"x'010902'|1|0", "x'010902'|1|1"}));
}

TEST_F(TransactionOnFile, AMergeThatIsHeldOffLeavesNoTransactionBehind) {
  const Database reader(file);
  {
    Statement reading(reader.handle(), "SELECT * FROM crsql_master");
    ASSERT_TRUE(reading.step());
    EXPECT_EQ(merge_error(db, cell("a", std::int64_t{7}, 1)), "database is locked");
    EXPECT_FALSE(db.in_transaction());
  }
  EXPECT_EQ(changes(db), Lines{});
  merge(db, cell("a", std::int64_t{7}, 1));
  EXPECT_EQ(changes(db), Lines{"'a'|7|1|1|1|0"});
}

TEST_F(TransactionOnFile, WritersThatTakeTurnsNeverShareAVersion) {
  const Database other(file);
  db.exec("PRAGMA journal_mode = WAL");
  for (int i = 0; i < 20; ++i) {
    const Database& writer = i % 3 == 0 ? other : db;
    writer.exec("BEGIN; INSERT INTO t (a) VALUES (" + std::to_string(i) + ")");
    EXPECT_TRUE((i % 3 == 0 ? db : other).error_of("INSERT INTO t (a) VALUES (1000)"));
    writer.exec(i % 5 == 0 ? "ROLLBACK" : "COMMIT");
  }
  EXPECT_EQ(db.integer("SELECT count(DISTINCT db_version) FROM crsql_changes"), 16);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 16);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE seq > 1"), 0);
}

// --- closing ---

// The host tries to close, has a statement open still, and goes on with the connection.
TEST_F(TransactionTable, ACloseThatIsRefusedDoesNoHarm) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  {
    const Statement open(db.handle(), "SELECT 1");
    EXPECT_EQ(db.close(), SQLITE_BUSY);
  }
  db.exec("UPDATE t SET a = 2; INSERT INTO t VALUES (2, 2, 2)");
  merge(db, cell("b", std::int64_t{9}, 5));
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 4);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST_F(TransactionTable, ACloseThatIsRefusedWhileChangesAreReadDoesNoHarm) {
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
  {
    Statement reading(db.handle(), "SELECT cid FROM crsql_changes");
    ASSERT_TRUE(reading.step());
    EXPECT_EQ(db.close(), SQLITE_BUSY);
    int rest = 0;
    while (reading.step()) ++rest;
    EXPECT_EQ(rest, 3);
  }
  db.exec("INSERT INTO t VALUES (3, 3, 3)");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 6);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

// SQLite tells virtual tables of a rollback when a close is tried, though the transaction goes on if it is refused.
TEST_F(TransactionTable, ACloseThatIsRefusedInATransactionLosesNothingOfIt) {
  for (const char* end : {"COMMIT", "UPDATE t SET b = 8; COMMIT"}) {
    SCOPED_TRACE(end);
    db.exec("DELETE FROM t; INSERT INTO t VALUES (1, 1, 1)");
    const std::int64_t version = db.integer("SELECT crsql_db_version()");
    db.exec("BEGIN; UPDATE t SET a = 2");
    {
      const Statement open(db.handle(), "SELECT 1");
      EXPECT_EQ(db.close(), SQLITE_BUSY);
    }
    db.exec(end);
    // What is written after it takes another version: two of one transaction do no harm, a shared one would.
    const std::string news = " FROM crsql_changes WHERE db_version > " + std::to_string(version);
    EXPECT_EQ(db.integer("SELECT count(*)" + news + " AND cid = 'a' AND val = 2"), 1);
    EXPECT_EQ(db.integer("SELECT count(*) - count(DISTINCT db_version || ',' || seq)" + news), 0);
    EXPECT_EQ(db.integer("SELECT max(db_version) - crsql_db_version()" + news), 0);
    EXPECT_EQ(db.integer("SELECT col_version FROM crsql_changes WHERE cid = 'a'"), 2);
  }
}

TEST_F(TransactionTable, ACloseThatIsRefusedInATransactionDoesNotOutliveItsRollback) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); BEGIN; UPDATE t SET a = 2");
  {
    const Statement open(db.handle(), "SELECT 1");
    EXPECT_EQ(db.close(), SQLITE_BUSY);
  }
  db.exec("UPDATE t SET a = 3; ROLLBACK; UPDATE t SET b = 2");
  EXPECT_EQ(changes(db), (Lines{"'a'|1|1|1|1|0", "'b'|2|2|2|1|0"}));
}

TEST_F(TransactionTable, ClosingInTheMiddleOfATransactionIsARollback) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  Database one(file);
  one.exec(kTable);
  one.exec(
      "INSERT INTO t VALUES (1, 1, 1); BEGIN; UPDATE t SET a = 2; SELECT count(*) FROM crsql_changes; SAVEPOINT s");
  EXPECT_EQ(one.close(), SQLITE_OK);
  EXPECT_EQ(changes(Database(file)), (Lines{"'a'|1|1|1|1|0", "'b'|1|1|1|1|1"}));
}

TEST_F(TransactionTable, InternalTablesAreEmptyAndTakeNoPart) {
  db.exec("INSERT INTO t VALUES (5, 5, 5)");
  EXPECT_EQ(db.lines("SELECT * FROM crsql_internal_transaction"), Lines{});
  EXPECT_EQ(db.lines("SELECT * FROM crsql_internal_guard"), Lines{});
  EXPECT_EQ(sqlite3_last_insert_rowid(db.handle()), 5);
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_master WHERE name LIKE 'crsql_internal%'"), 0);
}

// --- what stands around a transaction ---

TEST_F(TransactionTable, AnAttachedDatabaseIsNotRecorded) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "other.db").string();
  db.exec("ATTACH '" + file + "' AS other; CREATE TABLE other.t (id INTEGER PRIMARY KEY NOT NULL, a, b)");
  db.exec("BEGIN; INSERT INTO other.t VALUES (1, 'theirs', 0); INSERT INTO main.t VALUES (2, 'ours', 0); COMMIT");
  EXPECT_EQ(db.lines("SELECT pk, cid, val FROM crsql_changes WHERE cid = 'a'"), Lines{"x'010902'|'a'|'ours'"});
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('other', 't')"),
            "crsql_as_crr: only tables of schema main can be CRRs, not of \"other\"");
  merge(db, cell("a", std::string("merged"), 1));
  EXPECT_EQ(db.lines("SELECT a FROM other.t"), Lines{"'theirs'"});
  EXPECT_EQ(db.lines("SELECT a FROM main.t WHERE id = 1"), Lines{"'merged'"});
}

TEST_F(TransactionTable, ATemporaryTableOfACrrsNameIsNotRecordedAndNotMergedInto) {
  db.exec("INSERT INTO t VALUES (1, 'main', 0); CREATE TEMP TABLE t (id INTEGER PRIMARY KEY, a, b)");
  db.exec("INSERT INTO t VALUES (1, 'temp', 0); UPDATE t SET a = 'temp again'; UPDATE main.t SET b = 1");
  merge(db, cell("a", std::string("merged"), 9));
  EXPECT_EQ(db.lines("SELECT a, b FROM main.t"), Lines{"'merged'|1"});
  EXPECT_EQ(db.lines("SELECT a, b FROM temp.t"), Lines{"'temp again'|0"});
  EXPECT_EQ(db.lines("SELECT cid, val, col_version FROM crsql_changes ORDER BY cid"),
            (Lines{"'a'|'merged'|9", "'b'|1|2"}));
}

TEST_F(TransactionTable, ReturningGivesTheRowsOfTheStatement) {
  EXPECT_EQ(db.lines("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2) RETURNING id, a"), (Lines{"1|1", "2|2"}));
  EXPECT_EQ(db.lines("DELETE FROM t WHERE id = 1 RETURNING b"), Lines{"1"});
  EXPECT_EQ(db.lines("SELECT pk, cid, cl FROM crsql_changes WHERE db_version = 2"), Lines{"x'010901'|'-1'|2"});
}

TEST_F(TransactionTable, AStatementThatIsLeftHalfWayIsRecordedAsFarAsItWent) {
  {
    Statement insert(db.handle(), "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2) RETURNING id");
    ASSERT_TRUE(insert.step());
  }
  EXPECT_EQ(db.integer("SELECT count(*) FROM t") * 2, db.integer("SELECT count(*) FROM crsql_changes"));
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 2);
}

}  // namespace
}  // namespace rejoin::test
