// Attaching: at any time, more than once, and without a trace where it fails.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>

#include <rejoin/rejoin.h>
#include <rejoin/attach.hpp>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

TEST(AttachTest, VersionIsThatOfTheBuild) {
  EXPECT_STREQ(version(), REJOIN_VERSION);
  EXPECT_STREQ(rejoin_version(), REJOIN_VERSION);
  EXPECT_EQ(Database().text("SELECT crsql_version()"), REJOIN_VERSION);
}

TEST(AttachTest, NothingToAttachToIsAnError) {
  EXPECT_EQ(attach(nullptr).code(), ErrorCode::kInvalidArgument);
  char* message = nullptr;
  EXPECT_NE(rejoin_attach(nullptr, &message), SQLITE_OK);
  EXPECT_STREQ(message, "no connection to attach to");
  sqlite3_free(message);
  EXPECT_NE(rejoin_attach(nullptr, nullptr), SQLITE_OK);
}

TEST(AttachTest, TheCFaceLeavesNoMessageWhereAllIsWell) {
  const Database db(":memory:", Engine::kAbsent);
  char* message = const_cast<char*>("untouched?");
  EXPECT_EQ(sqlite3_crsqlite_init(db.handle(), &message, nullptr), SQLITE_OK);
  EXPECT_EQ(message, nullptr);
}

TEST(AttachTest, TheCFacePassesOnWhatIsWrong) {
  const Database db(":memory:", Engine::kAbsent);
  db.exec(
      "CREATE TABLE crsql_master (\"key\" TEXT PRIMARY KEY, value ANY); INSERT INTO crsql_master VALUES "
      "('crsqlite_version', 1)");
  char* message = nullptr;
  EXPECT_EQ(rejoin_attach(db.handle(), &message), SQLITE_ERROR);
  EXPECT_STREQ(message,
               "this database cannot be opened: it was written by version 1, older than 150000 (cr-sqlite 0.15)");
  sqlite3_free(message);
}

// sqlite3_open() asks the connection for its last error when an automatic extension has run.
TEST(AttachTest, WhatItCouldNotReadYetIsNoErrorOfOpening) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "locked.db";
  const Database other(path, Engine::kAbsent);
  other.exec("CREATE TABLE t (a); BEGIN EXCLUSIVE");
  const auto entry = reinterpret_cast<void (*)()>(sqlite3_crsqlite_init);
  ASSERT_EQ(sqlite3_auto_extension(entry), SQLITE_OK);
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK) << "locked by another connection";
  EXPECT_EQ(sqlite3_errcode(db), SQLITE_OK);
  other.exec("END");
  EXPECT_EQ(sqlite3_exec(db, "SELECT crsql_site_id()", nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);

  const std::string rubbish = directory.path() / "rubbish.db";
  std::ofstream(rubbish) << std::string(4096, 'x');
  EXPECT_EQ(sqlite3_open(rubbish.c_str(), &db), SQLITE_OK) << "no database at all";
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);
  sqlite3_cancel_auto_extension(entry);
}

TEST(AttachTest, AgainInTheMiddleOfATransactionChangesNothing) {
  Database db;
  db.exec(kTable);
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1)");
  ASSERT_TRUE(attach(db.handle()).ok());
  db.exec("UPDATE t SET a = 2; COMMIT");
  EXPECT_EQ(changes(db), (Lines{"'b'|1|1|1|1|1", "'a'|2|2|1|1|2"}));
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(AttachTest, WhileTheApplicationReads) {
  Database db(":memory:", Engine::kAbsent);
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); INSERT INTO t VALUES (1, 1), (2, 2)");
  {
    Statement reading(db.handle(), "SELECT id FROM t");
    ASSERT_TRUE(reading.step());
    ASSERT_EQ(attach(db.handle()).message(), "");
    ASSERT_TRUE(reading.step());
    ASSERT_FALSE(reading.step());
  }
  EXPECT_EQ(db.text("SELECT crsql_as_crr('t')"), "OK");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 2);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(AttachTest, LeavesCountersAndSettingsOfTheConnectionAlone) {
  const Database db(":memory:", Engine::kAbsent);
  db.exec(
      "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO "
      "t VALUES (41)");
  ASSERT_TRUE(attach(db.handle()).ok());
  EXPECT_EQ(sqlite3_last_insert_rowid(db.handle()), 41);
  EXPECT_EQ(db.lines("SELECT * FROM pragma_foreign_keys, pragma_recursive_triggers"), Lines{"1|1"});
  EXPECT_FALSE(db.in_transaction());
}

TEST(AttachTest, ClosesAtOnce) {
  Database db;
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(AttachTest, AZombieConnectionIsFreedWithItsLastStatement) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  ASSERT_TRUE(attach(db).ok());
  ASSERT_EQ(sqlite3_exec(db, kTable, nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_stmt* reading = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db, "SELECT cid FROM crsql_changes", -1, &reading, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(reading), SQLITE_ROW);
  EXPECT_EQ(sqlite3_close_v2(db), SQLITE_OK);
  EXPECT_EQ(sqlite3_step(reading), SQLITE_ROW);
  EXPECT_EQ(sqlite3_finalize(reading), SQLITE_OK);  // a leak or a use after this is the sanitizer's to see
}

TEST(AttachTest, ManyConnectionsInOneProcessAreStrangers) {
  std::vector<Database> all(20);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].exec(kTable);
    for (std::size_t n = 0; n <= i; ++n) all[i].exec("INSERT INTO t (a) VALUES (1)");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].integer("SELECT crsql_db_version()"), static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(all[i].close(), SQLITE_OK);
  }
}

}  // namespace
}  // namespace rejoin::test
