// The engine of a connection: its bookkeeping tables, what it refuses to open, its settings, and what it remembers.
#include "crr/engine.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

namespace rejoin::test {
namespace {

struct EngineOnFile : testing::Test {
  TemporaryDirectory directory;
  std::string file = (directory.path() / "a.db").string();
};

// --- the bookkeeping tables ---

TEST(EngineTest, MakesItsTablesOnce) {
  const Database db;
  EXPECT_EQ(db.lines("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"),
            (Lines{"'crsql_master'", "'crsql_site_id'", "'crsql_tracked_peers'"}));
  EXPECT_EQ(db.lines("SELECT * FROM crsql_master"), Lines{"'crsqlite_version'|160300"});
  EXPECT_EQ(db.lines("SELECT ordinal, length(site_id) FROM crsql_site_id"), Lines{"0|16"});
  EXPECT_EQ(sqlite3_last_insert_rowid(db.handle()), 0);
}

TEST_F(EngineOnFile, AnAttachThatIsRolledBackIsMadeGoodWhenItIsNeeded) {
  const Database db(file, Engine::kAbsent);
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); BEGIN; INSERT INTO t VALUES (1, 1)");
  ASSERT_TRUE(attach(db.handle()).ok());
  const Blob first = db.blob("SELECT crsql_site_id()");
  db.exec("ROLLBACK");
  const Blob second = db.blob("SELECT crsql_site_id()");
  EXPECT_EQ(second.size(), 16U);
  EXPECT_NE(second, first);
  db.exec("SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(Database(file).lines("SELECT db_version, site_id FROM crsql_changes"),
            Lines{"1|" + literal(Value(second))});
}

TEST_F(EngineOnFile, WhatIsMissingOfTheTablesIsMadeAgain) {
  Database(file).exec("DROP TABLE crsql_tracked_peers");
  Database(file).exec("SELECT count(*) FROM crsql_tracked_peers; DELETE FROM crsql_master");
  EXPECT_EQ(Database(file).lines("SELECT * FROM crsql_master"), Lines{"'crsqlite_version'|160300"});
}

// --- layouts that are not ours ---

struct Layout {
  const char* version;
  bool with_keys;
  const char* message;  // "" where it is opened
};

// Without it GoogleTest prints the bytes, and valgrind minds those between the members.
void PrintTo(const Layout& layout, std::ostream* out) { *out << layout.version; }

class EngineLayout : public EngineOnFile, public testing::WithParamInterface<Layout> {};

TEST_P(EngineLayout, IsOpenedOrRefusedAndThenLeftAlone) {
  Database plain(file, Engine::kAbsent);
  plain.exec(
      "CREATE TABLE crsql_master (\"key\" TEXT PRIMARY KEY, value ANY); CREATE TABLE t (id PRIMARY KEY NOT NULL, a)");
  plain.exec(
      "CREATE TABLE t__crsql_clock (key INTEGER NOT NULL, col_name TEXT NOT NULL, col_version INTEGER NOT NULL, "
      "db_version INTEGER NOT NULL, site_id INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, PRIMARY KEY (key, "
      "col_name)) "
      "WITHOUT ROWID, STRICT");
  plain.exec("INSERT INTO crsql_master VALUES ('crsqlite_version', " + std::string(GetParam().version) + ")");
  if (GetParam().with_keys) plain.exec("CREATE TABLE t__crsql_pks (__crsql_key INTEGER PRIMARY KEY, id)");
  const Lines before = everything(plain);
  const Status status = attach(plain.handle());
  EXPECT_EQ(status.message(), GetParam().message);
  if (status.ok()) {
    EXPECT_EQ(plain.blob("SELECT crsql_site_id()").size(), 16U);
    return;
  }
  EXPECT_EQ(status.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(everything(plain), before);
  EXPECT_EQ(error_of(plain, "SELECT crsql_db_version()"), "no such function: crsql_db_version");
  EXPECT_EQ(error_of(plain, "SELECT * FROM crsql_changes"), "no such table: crsql_changes");
  EXPECT_EQ(plain.close(), SQLITE_OK);
}

INSTANTIATE_TEST_SUITE_P(
    , EngineLayout,
    testing::Values(Layout{"140000", true,
                           "this database cannot be opened: it was written by version 140000, older than 150000 "
                           "(cr-sqlite 0.15)"},
                    Layout{"'140000'", false,
                           "this database cannot be opened: it was written by version 140000, older than 150000 "
                           "(cr-sqlite 0.15)"},
                    Layout{"149999", true,
                           "this database cannot be opened: it was written by version 149999, older than 150000 "
                           "(cr-sqlite 0.15)"},
                    Layout{"150000", true, ""},
                    Layout{"150000", false,
                           "this database cannot be opened: its table \"t__crsql_clock\" has the layout of cr-sqlite "
                           "0.15, older than 0.16"},
                    Layout{"160000", true, ""}, Layout{"160300", true, ""},
                    Layout{"170000", true,
                           "this database cannot be opened: it was written by version 170000, newer than 160300"}),
    [](const auto& layout) {
      std::string name = (layout.param.with_keys ? "V" : "NoKeysV") + std::string(layout.param.version);
      std::erase(name, '\'');
      return name + (layout.param.version[0] == '\'' ? "AsText" : "");
    });

// --- files that cannot be written, or not now ---

TEST_F(EngineOnFile, ANonDatabaseIsReportedWhenItIsUsed) {
  { std::ofstream(file) << std::string(5000, 'x'); }
  const Database db(file, Engine::kAbsent);
  EXPECT_EQ(attach(db.handle()).message(), "");
  EXPECT_NE(error_of(db, "SELECT crsql_db_version()").find("file is not a database"), std::string::npos);
  EXPECT_NE(error_of(db, "SELECT * FROM crsql_changes").find("file is not a database"), std::string::npos);
}

TEST_F(EngineOnFile, AReadOnlyFileThatIsNoReplicaSaysSoWhenItIsToBecomeOne) {
  Database(file, Engine::kAbsent).exec("CREATE TABLE t (id PRIMARY KEY NOT NULL)");
  const Database db(file, Engine::kAttached, SQLITE_OPEN_READONLY);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 0);
  EXPECT_EQ(db.lines("SELECT * FROM crsql_changes"), Lines{});
  EXPECT_NE(error_of(db, "SELECT crsql_site_id()"), "");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('t')"), "the database is read-only and is not a replica yet");
}

TEST_F(EngineOnFile, ALockedFileIsAttachedAndUsedWhenTheLockIsGone) {
  const Database other(file, Engine::kAbsent);
  other.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); BEGIN EXCLUSIVE");
  const Database db(file, Engine::kAbsent);
  EXPECT_EQ(attach(db.handle()).message(), "");
  EXPECT_EQ(db.error_of("SELECT crsql_site_id()")->code(), SQLITE_BUSY);
  EXPECT_EQ(db.error_of("SELECT * FROM crsql_changes")->code(), SQLITE_BUSY);
  other.exec("COMMIT");
  db.exec("SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(changes(db), Lines{"'a'|1|1|1|1|0"});
}

// --- settings ---

TEST_F(EngineOnFile, SettingsAreTheDatabasesAndNotTheConnections) {
  const Database one(file);
  const Database other(file);
  one.exec(kTable);
  one.exec("INSERT INTO t VALUES (1, 5, 5)");
  Change change = cell("a", std::int64_t{5}, 1);
  change.site_id = Blob(16, 0xff);
  merge(other, change);
  EXPECT_EQ(other.integer("SELECT count(*) FROM crsql_changes WHERE site_id = x'" + std::string(32, 'f') + "'"), 0);
  EXPECT_EQ(one.integer("SELECT crsql_config_set('merge-equal-values', 1)"), 1);
  EXPECT_EQ(other.integer("SELECT crsql_config_get('merge-equal-values')"), 1);
  merge(other, change);
  EXPECT_EQ(other.integer("SELECT count(*) FROM crsql_changes WHERE site_id = x'" + std::string(32, 'f') + "'"), 1);
}

TEST(EngineTest, ASettingThatIsRolledBackIsNotInForce) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 5, 5); BEGIN; SELECT crsql_config_set('merge-equal-values', 1)");
  Change change = cell("a", std::int64_t{5}, 1);
  change.site_id = Blob(16, 0xff);
  db.exec("SAVEPOINT s");
  merge(db, change);
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 1);
  db.exec("ROLLBACK");
  merge(db, change);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE site_id = crsql_site_id()"), 2);
}

// --- what it remembers ---

TEST_F(EngineOnFile, ASchemaThatWasRolledBackIsForgotten) {
  const Database db(file);
  db.exec(kTable);
  db.exec(
      "INSERT INTO t VALUES (1, 1, 1); BEGIN; SELECT crsql_as_table('t'); INSERT INTO t VALUES (2, 2, 2); ROLLBACK");
  db.exec("INSERT INTO t VALUES (3, 3, 3); BEGIN; SAVEPOINT s; SELECT crsql_as_table('t'); ROLLBACK TO s");
  db.exec("INSERT INTO t VALUES (4, 4, 4); COMMIT");
  EXPECT_EQ(db.lines("SELECT DISTINCT pk, db_version FROM crsql_changes"),
            (Lines{"x'010901'|1", "x'010903'|2", "x'010904'|3"}));
}

TEST_F(EngineOnFile, ASchemaWithTheSameNumberAsTheOneThatWasRolledBackIsNotMistakenForIt) {
  const Database db(file);
  db.exec(
      "BEGIN; CREATE TABLE t (id PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1); "
      "ROLLBACK");
  db.exec(
      "BEGIN; CREATE TABLE t (id PRIMARY KEY NOT NULL, z); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1); "
      "COMMIT");
  EXPECT_EQ(changes(db), Lines{"'z'|1|1|1|1|0"});
}

TEST_F(EngineOnFile, TheFilesVersionIsSeenWhoeverMovedIt) {
  const Database db(file);
  db.exec(kTable);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 0);
  const Database other(file);
  other.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
  other.exec("BEGIN; INSERT INTO t VALUES (2, 2, 2); ROLLBACK");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
  db.exec("BEGIN; SELECT * FROM t");
  other.exec("PRAGMA busy_timeout = 0");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
  db.exec("COMMIT");
}

TEST(EngineTest, OfAConnectionWithoutOneIsNull) {
  const Database db(":memory:", Engine::kAbsent);
  EXPECT_EQ(internal::Engine::of(db.handle()), nullptr);
  ASSERT_TRUE(attach(db.handle()).ok());
  EXPECT_NE(internal::Engine::of(db.handle()), nullptr);
  EXPECT_NE(internal::Engine::of(db.handle()), internal::Engine::of(Database().handle()));
}

TEST(EngineTest, WorksInADatabaseOfUtf16) {
  const Database db(":memory:", Engine::kAbsent);
  db.exec("PRAGMA encoding = 'UTF-16be'");
  ASSERT_TRUE(attach(db.handle()).ok());
  db.exec("CREATE TABLE \"größe\" (\"schlüssel\" TEXT PRIMARY KEY NOT NULL, \"wért\"); SELECT crsql_as_crr('größe')");
  db.exec("INSERT INTO \"größe\" VALUES ('ä', 'ö'); UPDATE \"größe\" SET \"wért\" = 'ü☃'");
  EXPECT_EQ(db.lines("SELECT \"table\", pk, cid, val, col_version FROM crsql_changes"),
            Lines{"'größe'|x'010b02c3a4'|'wért'|'ü☃'|2"});
  const Database other;
  other.exec(
      "CREATE TABLE \"größe\" (\"schlüssel\" TEXT PRIMARY KEY NOT NULL, \"wért\"); SELECT crsql_as_crr('größe')");
  for (const Row& row : db.query("SELECT pk, val FROM crsql_changes")) {
    merge(other, {"größe", std::get<Blob>(row[0]), "wért", row[1], 2, 2, kPeer, 1, 0});
  }
  EXPECT_EQ(other.lines("SELECT * FROM \"größe\""), Lines{"'ä'|'ü☃'"});
  EXPECT_EQ(*std::move(Replica::on(db.handle())).value().digest(),
            *std::move(Replica::on(other.handle())).value().digest());
}

TEST_F(EngineOnFile, ConnectionsInThreadsWriteAndMergeWithoutSharingAVersion) {
  Database(file).exec(std::string("PRAGMA journal_mode = WAL; ") + kTable);
  constexpr int kThreads = 4;
  constexpr int kWrites = 25;
  std::vector<std::string> problems(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      try {
        const Database db(file, Engine::kAbsent);
        sqlite3_busy_timeout(db.handle(), 60000);
        if (const Status status = attach(db.handle()); !status.ok()) throw SqlError(0, status.message());
        for (int n = 0; n < kWrites; ++n) {
          db.exec("BEGIN IMMEDIATE");
          if (n % 2 == 0) {
            db.exec("INSERT INTO t VALUES (" + std::to_string(i * 1000 + n) + ", 1, 1)");
          } else {
            Change change = cell("a", std::int64_t{n}, n);
            change.pk = key(db, std::to_string(i * 1000 + n));
            merge(db, change);
          }
          db.exec("COMMIT");
        }
      } catch (const std::exception& error) {
        problems[static_cast<std::size_t>(i)] = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  const Database db(file);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), kThreads * kWrites);
  EXPECT_EQ(db.integer("SELECT count(DISTINCT db_version) FROM crsql_changes"), kThreads * kWrites);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), kThreads * kWrites);
}

}  // namespace
}  // namespace rejoin::test
