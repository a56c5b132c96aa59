// Making tables CRRs and ordinary ones again.
#include "crr/migrate.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

TEST(MakeCrr, RowsGetTheirFirstClocksInKeyOrderUnderTheNextVersion) {
  const Database db;
  db.exec(
      "CREATE TABLE before (id PRIMARY KEY NOT NULL); SELECT crsql_as_crr('before'); INSERT INTO before VALUES (1)");
  db.exec(
      "CREATE TABLE t (b NOT NULL, v, a NOT NULL, PRIMARY KEY (a, b)); INSERT INTO t VALUES (2, 'x', 1), (1, 'y', 2), "
      "(1, NULL, 1)");
  EXPECT_EQ(db.text("SELECT crsql_as_crr('t')"), "OK");
  EXPECT_EQ(db.lines("SELECT pk, cid, val, col_version, db_version, seq FROM crsql_changes WHERE [table] = 't'"),
            (Lines{"x'0209010901'|'v'|NULL|1|2|0", "x'0209010902'|'v'|'x'|1|2|1", "x'0209020901'|'v'|'y'|1|2|2"}));
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 2);
}

TEST(MakeCrr, AnEmptyTableTakesNoVersion) {
  const Database db;
  db.exec(kTable);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 0);
}

TEST(MakeCrr, ATableWithoutCellsGetsSentinels) {
  const Database db;
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL); INSERT INTO t VALUES (1), (2); SELECT crsql_as_crr('t')");
  EXPECT_EQ(clocks(db), (Lines{"1|'-1'|1|1|0|0", "2|'-1'|1|1|0|1"}));
}

TEST(MakeCrr, AgainDoesNothing) {
  const Database db;
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); INSERT INTO t VALUES (1, 1); SELECT crsql_as_crr('t')");
  const Lines before = everything(db);
  EXPECT_EQ(db.text("SELECT crsql_as_crr('t')"), "OK");
  EXPECT_EQ(db.text("SELECT crsql_as_crr('main', 't')"), "OK");
  EXPECT_EQ(everything(db), before);
}

// Programs do it each time they start.
TEST(MakeCrr, AgainDoesNotWaitForAnotherWriter) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database db(file);
  db.exec(std::string("PRAGMA journal_mode = WAL; ") + kTable);
  const Database writer(file);
  writer.exec("BEGIN IMMEDIATE");
  EXPECT_EQ(db.text("SELECT crsql_as_crr('t')"), "OK");
  EXPECT_EQ(Database(file, Engine::kAttached, SQLITE_OPEN_READONLY).text("SELECT crsql_as_crr('t')"), "OK");
}

TEST(MakeCrr, AFailureUndoesItsOwnWorkAndNothingElse) {
  const Database db;
  db.exec("CREATE TABLE t (x, y, PRIMARY KEY (x, y)); INSERT INTO t VALUES (1, 1), (2, NULL)");
  const Lines before = everything(db);
  const std::string message = "table \"t\" cannot be a CRR: a row of it has NULL in key column \"y\"";
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('t')"), message);
  EXPECT_EQ(everything(db), before);
  EXPECT_FALSE(db.in_transaction());
  db.exec("BEGIN; CREATE TABLE mine (v); INSERT INTO mine VALUES (1)");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('t')"), message);
  EXPECT_TRUE(db.in_transaction());
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT v FROM mine"), 1);
  db.exec("DELETE FROM t WHERE y IS NULL; SELECT crsql_as_crr('t')");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
}

TEST(MakeCrr, WithinATransactionSharesItsVersion) {
  const Database db;
  db.exec(kTable);
  db.exec("CREATE TABLE u (id PRIMARY KEY NOT NULL, v); INSERT INTO u VALUES (1, 1)");
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1); SELECT crsql_as_crr('u'); INSERT INTO u VALUES (2, 2); COMMIT");
  EXPECT_EQ(db.lines("SELECT [table], db_version, seq FROM crsql_changes"),
            (Lines{"'t'|1|0", "'t'|1|1", "'u'|1|2", "'u'|1|3"}));
}

TEST(MakePlain, LeavesTheTableAndNothingBesideIt) {
  const Database db;
  const Lines before = everything(db);
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a)");
  const Lines with_table = everything(db);
  db.exec("SELECT crsql_as_crr('t'); SELECT crsql_as_table('t')");
  EXPECT_EQ(everything(db), with_table);
  db.exec("SELECT crsql_as_table('t'); SELECT crsql_as_table('nowhere'); DROP TABLE t");
  EXPECT_EQ(everything(db), before);
}

TEST(MakePlain, TheVersionStaysWhereItWas) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1); UPDATE t SET a = 2; SELECT crsql_as_table('t')");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 2);
  EXPECT_EQ(db.integer("SELECT value FROM crsql_master WHERE \"key\" = 'pre_compact_dbversion'"), 2);
  db.exec("SELECT crsql_as_crr('t')");
  EXPECT_EQ(db.lines("SELECT DISTINCT db_version, col_version FROM crsql_changes"), Lines{"3|1"});
}

// The table was dropped and made anew without a word to the engine: its shadow tables still stand.
TEST(MakeCrr, LeftoverClocksAreBroughtInLine) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3); UPDATE t SET a = 5; DELETE FROM t WHERE id = 3");
  db.exec(
      "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, c); INSERT INTO t VALUES (2, 'n', 'n'), (4, "
      "4, 4)");
  db.exec("SELECT crsql_as_crr('t')");
  EXPECT_EQ(db.lines("SELECT pk, cid, cl FROM crsql_changes WHERE cid = '-1'"), Lines{"x'010903'|'-1'|2"})
      << "the tombstone stays";
  EXPECT_EQ(db.lines("SELECT DISTINCT pk FROM crsql_changes WHERE cid <> '-1' ORDER BY 1"),
            (Lines{"x'010902'", "x'010904'"}));
  EXPECT_EQ(db.integer("SELECT count(*) FROM t__crsql_clock WHERE col_name = 'b'"), 0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t__crsql_pks WHERE id = 1"), 0);
  EXPECT_GE(db.integer("SELECT crsql_db_version()"), 3);
}

TEST(MakeCrr, LeftoverClocksOfAnotherKeyGo) {
  const Database db;
  db.exec(kTable);
  db.exec(
      "INSERT INTO t VALUES (1, 1, 1); DROP TABLE t; CREATE TABLE t (x NOT NULL, y NOT NULL, a, PRIMARY KEY (x, y))");
  db.exec("INSERT INTO t VALUES (7, 7, 7); SELECT crsql_as_crr('t')");
  EXPECT_EQ(db.lines("SELECT pk, cid, db_version FROM crsql_changes"), Lines{"x'0209070907'|'a'|2"});
}

// --- alter: what commit_alter does to clocks ---

TEST(Alter, AddedDroppedAndRenamedColumns) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); UPDATE t SET a = 3 WHERE id = 1");
  db.exec(
      "SELECT crsql_begin_alter('t'); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN c DEFAULT 'd'; "
      "UPDATE t SET c = 'set' WHERE id = 2; SELECT crsql_commit_alter('t')");
  EXPECT_EQ(db.lines("SELECT pk, cid, val, col_version, db_version FROM crsql_changes ORDER BY 1, 2"),
            (Lines{"x'010901'|'a'|3|2|2", "x'010902'|'a'|2|1|1", "x'010902'|'c'|'set'|1|2"}));
  db.exec("UPDATE t SET c = 'now' WHERE id = 1");
  EXPECT_EQ(db.lines("SELECT cid, col_version FROM crsql_changes WHERE db_version = 3"), Lines{"'c'|1"});
}

TEST(Alter, RolledBackBringsEverythingBack) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  const Lines before = everything(db);
  db.exec("BEGIN; SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c; UPDATE t SET c = 1; ROLLBACK");
  EXPECT_EQ(everything(db), before);
  db.exec("UPDATE t SET a = 2");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE db_version = 2"), 1);
}

}  // namespace
}  // namespace rejoin::test
