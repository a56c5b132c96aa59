// Merges write the application's table as they decided, whatever the table says of conflicts.
#include "crr/base_writer.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

const char* const kClauses[] = {"", "ON CONFLICT IGNORE", "ON CONFLICT REPLACE", "ON CONFLICT ROLLBACK",
                                "ON CONFLICT FAIL"};

TEST(BaseWriter, ANullThatIsRefusedIsAnErrorWhateverTheTableSays) {
  for (const std::string clause : kClauses) {
    const Database db;
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a NOT NULL " + clause +
            " DEFAULT 7, b); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 5, 5); BEGIN");
    Change change = cell("a", Value(), 9);
    for (const Blob& pk : {Blob{1, 9, 1}, Blob{1, 9, 2}}) {
      change.pk = pk;
      EXPECT_NE(merge_error(db, change), "") << clause;
      ASSERT_TRUE(db.in_transaction()) << clause;
    }
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|5|5"}) << clause;
    EXPECT_EQ(db.integer("SELECT max(col_version) FROM t__crsql_clock"), 1) << clause;
  }
}

TEST(BaseWriter, ARowWithoutClocksIsKeptWhateverTheTableSays) {
  for (const std::string clause : kClauses) {
    const Database db;
    db.exec("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY " + clause +
            ", a, b); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 'x', 'y'); DELETE FROM t__crsql_clock; DELETE "
            "FROM t__crsql_pks");
    Change change = cell("a", std::string("z"), 9);
    change.pk = {1, 9, 1};
    merge(db, change);
    EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|'z'|'y'"}) << clause;
  }
}

// A trigger's own clause would be overruled by the statement that fires it.
TEST(BaseWriter, WhatATriggerSaysOfItsConflictsStays) {
  const Database db;
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE TABLE log (a PRIMARY KEY); SELECT "
      "crsql_as_crr('t'); CREATE TRIGGER l AFTER UPDATE ON t BEGIN INSERT OR IGNORE INTO log VALUES (1); END;"
      "INSERT INTO t VALUES (1, 1, 1)");
  Change change = cell("a", std::string("z"), 9);
  change.pk = {1, 9, 1};
  merge(db, change);
  change.column_version = 10;
  merge(db, change);
  EXPECT_EQ(db.lines("SELECT * FROM log"), Lines{"1"});
}

}  // namespace
}  // namespace rejoin::test
