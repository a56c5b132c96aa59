// Local writes to what a peer has brought to the last version that anyone takes: refused, and nothing beyond it stored.
#include <gmock/gmock.h>

#include "crr/fixture.hpp"
#include "crr/format.hpp"

namespace rejoin::test {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kLast = internal::kVersionLimit - 1;

// Tells the error of a write of its own transaction; the database is as it was and goes on.
std::string refusal(const Database& db, const std::string& sql) {
  const Lines before = everything(db);
  const auto error = db.error_of(sql);
  EXPECT_EQ(everything(db), before);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.integer("SELECT count(*) FROM rejoin_check"), 0);
  if (!error) return "";
  EXPECT_EQ(error->code(), SQLITE_CONSTRAINT);
  db.exec("INSERT INTO t VALUES (99, 1, 1); DELETE FROM t WHERE id = 99");
  return error->what();
}

TEST(VersionLimits, AnUpdateOfACellAtItsLastVersionIsRefused) {
  const Database db;
  db.exec(kTable);
  merge(db, cell("a", "theirs", kLast));
  merge(db, cell("b", "theirs", 1));
  EXPECT_THAT(refusal(db, "UPDATE t SET a = 'ours'"), HasSubstr("table \"t\": column \"a\" of a row has reached"));
  EXPECT_THAT(refusal(db, "INSERT OR REPLACE INTO t VALUES (1, 'ours', 'ours')"), HasSubstr("column \"a\""));
  db.exec("BEGIN; UPDATE t SET a = 'ours'");
  EXPECT_THAT(error_of(db, "SELECT count(*) FROM crsql_changes"), HasSubstr("column \"a\""));
  EXPECT_THAT(error_of(db, "COMMIT"), HasSubstr("column \"a\""));
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.text("SELECT a FROM t"), "theirs");
}

TEST(VersionLimits, WhatElseIsInTheRowCanBeWrittenAndTheRowCanDie) {
  const Database db;
  db.exec(kTable);
  merge(db, cell("a", "theirs", kLast));
  merge(db, cell("b", "theirs", kLast - 1));
  db.exec("UPDATE t SET b = 'ours'");
  EXPECT_EQ(db.integer("SELECT col_version FROM crsql_changes WHERE cid = 'b'"), kLast);
  db.exec("DELETE FROM t; INSERT INTO t VALUES (1, 'anew', 'anew')");
  EXPECT_EQ(db.integer("SELECT max(col_version) FROM crsql_changes WHERE cid <> '-1'"), 1);
}

TEST(VersionLimits, ARowInItsLastLifeCanBeWrittenButNotDeletedOrReplaced) {
  const Database db;
  db.exec(kTable);
  merge(db, cell("a", "theirs", 1, kLast));
  EXPECT_THAT(refusal(db, "DELETE FROM t WHERE id = 1"), HasSubstr("table \"t\": a row has reached the last causal"));
  EXPECT_THAT(refusal(db, "INSERT OR REPLACE INTO t VALUES (1, 2, 3)"), HasSubstr("causal length"));
  EXPECT_THAT(refusal(db, "UPDATE t SET id = 2 WHERE id = 1"), HasSubstr("causal length"));
  db.exec("UPDATE t SET a = 'ours' WHERE id = 1");
  EXPECT_EQ(db.text("SELECT val FROM crsql_changes WHERE cid = 'a' AND pk = x'010901'"), "ours");
}

TEST(VersionLimits, ARowDeletedForTheLastTimeButOneComesBackOnce) {
  const Database db;
  db.exec(kTable);
  merge(db, life(kLast - 1));
  db.exec("INSERT INTO t VALUES (1, 'back', 'back')");
  EXPECT_EQ(db.integer("SELECT max(cl) FROM crsql_changes"), kLast);
  EXPECT_THAT(refusal(db, "DELETE FROM t WHERE id = 1"), HasSubstr("causal length"));
}

TEST(VersionLimits, ARowOfNothingButItsKeyIsNoOtherThing) {
  const Database db;
  db.exec(kTable);
  db.exec("CREATE TABLE k (id INTEGER PRIMARY KEY NOT NULL); SELECT crsql_as_crr('k')");
  Change change = life(kLast);
  change.table = "k";
  merge(db, change);
  EXPECT_THAT(refusal(db, "DELETE FROM k"), HasSubstr("table \"k\": a row has reached the last causal length"));
}

TEST(VersionLimits, WhatElseMakesAClockRefuseIsToldAsItIs) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'a', 'b')");
  db.exec("CREATE TRIGGER odd BEFORE UPDATE ON t__crsql_clock BEGIN SELECT raise(ABORT, 'not now'); END");
  EXPECT_THAT(error_of(db, "UPDATE t SET a = 'c'"), HasSubstr("not now"));
}

TEST(VersionLimits, AFileWhoseVersionsAreUsedUpTakesNoWrites) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'a', 'b')");
  for (const std::int64_t version : {kLast, std::int64_t{INT64_MAX}}) {
    db.exec("UPDATE t__crsql_clock SET db_version = " + std::to_string(version));
    EXPECT_EQ(db.integer("SELECT crsql_db_version()"), version);
    EXPECT_THAT(error_of(db, "UPDATE t SET a = 'c'"), HasSubstr("the versions are used up"));
    EXPECT_THAT(merge_error(db, cell("a", "theirs", 9)), HasSubstr("the versions are used up"));
    EXPECT_EQ(db.text("SELECT a FROM t"), "a");
  }
}

}  // namespace
}  // namespace rejoin::test
