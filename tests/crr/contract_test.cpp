// The rows of the contract's section 9, and of its sections 2 and 11, that take a host program to show. The others are
// scripts (tests/scripts/differs_*.test).
#include <gtest/gtest.h>

#include <rejoin/rejoin.h>
#include <rejoin/attach.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "support/database.hpp"
#include "support/site.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t')";

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct HookCalls {
  int commits = 0;
  int rollbacks = 0;
  std::set<std::string> tables;
};

int count_commit(void* calls) {
  static_cast<HookCalls*>(calls)->commits += 1;
  return 0;
}
void count_rollback(void* calls) { static_cast<HookCalls*>(calls)->rollbacks += 1; }
void note_update(void* calls, int, const char*, const char* table, sqlite3_int64) {
  static_cast<HookCalls*>(calls)->tables.insert(table);
}

// "One commit hook and one rollback hook a connection, taken from the application" | none taken
TEST(Contract, HooksOfTheApplicationAreLeftAlone) {
  HookCalls calls;
  const Database db(":memory:", Engine::kAbsent);
  sqlite3_commit_hook(db.handle(), count_commit, &calls);
  sqlite3_rollback_hook(db.handle(), count_rollback, &calls);
  sqlite3_update_hook(db.handle(), note_update, &calls);
  ASSERT_TRUE(attach(db.handle()).ok());
  db.exec(kTable);
  const int before = calls.commits;
  db.exec("INSERT INTO t VALUES (1, 'x')");
  EXPECT_EQ(calls.commits, before + 1);
  db.exec("BEGIN; INSERT INTO t VALUES (2, 'y'); ROLLBACK");
  EXPECT_EQ(calls.rollbacks, 1);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
  EXPECT_EQ(sqlite3_commit_hook(db.handle(), nullptr, nullptr), &calls);
  EXPECT_EQ(sqlite3_rollback_hook(db.handle(), nullptr, nullptr), &calls);
  EXPECT_EQ(sqlite3_update_hook(db.handle(), nullptr, nullptr), &calls);
}

// The application may refuse a commit in its hook: then nothing was written, and the next version is the same again.
TEST(Contract, CommitRefusedByTheApplicationsHookLeavesNothing) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'x')");
  sqlite3_commit_hook(
      db.handle(), [](void*) { return 1; }, nullptr);
  EXPECT_TRUE(db.error_of("INSERT INTO t VALUES (2, 'y')"));
  sqlite3_commit_hook(db.handle(), nullptr, nullptr);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
  db.exec("INSERT INTO t VALUES (3, 'z')");
  EXPECT_EQ(db.lines("SELECT pk, db_version, seq FROM crsql_changes"),
            (std::vector<std::string>{"x'010901'|1|0", "x'010903'|2|0"}));
}

// Section 11: hosts tell internal tables by `__crsql` in their names.
TEST(Contract, UpdateHooksSeeInternalTablesOnlyUnderTheirNames) {
  HookCalls calls;
  const Database db;
  db.exec(kTable);
  db.exec("SELECT crsql_site_id()");
  sqlite3_update_hook(db.handle(), note_update, &calls);
  db.exec("INSERT INTO t VALUES (1, 'x'); UPDATE t SET v = 'y'; DELETE FROM t; INSERT INTO t VALUES (1, 'x')");
  db.exec(
      "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq) "
      "VALUES ('t', crsql_pack_columns(2), 'v', 1, 1, 1, x'0b', 1, 0)");
  EXPECT_TRUE(calls.tables.contains("t"));
  for (const std::string& table : calls.tables) {
    EXPECT_TRUE(table == "t" || table == "crsql_site_id" || table.find("__crsql") != std::string::npos) << table;
  }
}

void use(const Database& db) {
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'x'), (2, 'y'); UPDATE t SET v = 'z'; DELETE FROM t WHERE id = 2");
  db.query("SELECT * FROM crsql_changes WHERE db_version > 0 AND site_id IS NOT x'00'");
  db.exec(
      "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq) "
      "VALUES ('t', crsql_pack_columns(3), 'v', 1, 1, 1, x'0b', 1, 0)");
  db.exec("UPDATE t SET id = 9 WHERE id = 3");
}

// "sqlite3_close fails until crsql_finalize()" | closes; crsql_finalize still works
TEST(Contract, ClosesWithoutFinalize) {
  Database db;
  use(db);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(Contract, WorksAfterFinalizeAndClosesThen) {
  Database db;
  use(db);
  EXPECT_EQ(db.text("SELECT crsql_finalize()"), "finalized");
  db.exec("INSERT INTO t VALUES (5, 'after')");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE pk = crsql_pack_columns(5)"), 1);
  EXPECT_EQ(db.text("SELECT crsql_finalize()"), "finalized");
  EXPECT_EQ(db.close(), SQLITE_OK);
}

// Section 11: expo-sqlite finalizes every statement of the connection before it closes. A double free is the
// sanitizer's or valgrind's to see.
TEST(Contract, SurvivesAHostThatFinalizesEveryStatementBeforeItCloses) {
  Database db;
  use(db);
  while (sqlite3_stmt* statement = sqlite3_next_stmt(db.handle(), nullptr)) sqlite3_finalize(statement);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(Contract, ClosesInAnOpenTransaction) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  {
    Database db(file);
    use(db);
    db.exec("BEGIN; INSERT INTO t VALUES (77, 'lost')");
    EXPECT_EQ(db.close(), SQLITE_OK);
  }
  const Database db(file);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t WHERE id = 77"), 0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE pk = crsql_pack_columns(77)"), 0);
}

// "500 CRRs or more: failed to recreate db version stmt" | no limit but SQLite's
TEST(Contract, AThousandCrrsUnderATightLimitOfCompoundSelects) {
  Database db;
  sqlite3_limit(db.handle(), SQLITE_LIMIT_COMPOUND_SELECT, 5);
  db.exec("BEGIN");
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "t" + std::to_string(i);
    db.exec("CREATE TABLE " + name + " (id INTEGER PRIMARY KEY NOT NULL, v)");
    db.exec("SELECT crsql_as_crr('" + name + "')");
  }
  db.exec("COMMIT; INSERT INTO t7 VALUES (1, 'x'); INSERT INTO t999 VALUES (1, 'y')");
  EXPECT_EQ(db.lines("SELECT \"table\", val, db_version FROM crsql_changes"),
            (std::vector<std::string>{"'t7'|'x'|1", "'t999'|'y'|2"}));
  EXPECT_EQ(db.lines("SELECT \"table\" FROM crsql_changes WHERE db_version > 1 AND site_id IS NOT x'00'"),
            (std::vector<std::string>{"'t999'"}));
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 2);
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(Attach, TwiceIsOnce) {
  Database db;
  db.exec(kTable);
  ASSERT_TRUE(attach(db.handle()).ok());
  ASSERT_EQ(rejoin_attach(db.handle(), nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_crsqlite_init(db.handle(), nullptr, nullptr), SQLITE_OK);
  db.exec("INSERT INTO t VALUES (1, 'x')");
  EXPECT_EQ(db.lines("SELECT val, db_version, seq FROM crsql_changes"), (std::vector<std::string>{"'x'|1|0"}));
  EXPECT_EQ(db.close(), SQLITE_OK);
}

TEST(Attach, ThroughAutoExtension) {
  auto* entry = reinterpret_cast<void (*)()>(&sqlite3_crsqlite_init);
  ASSERT_EQ(sqlite3_auto_extension(entry), SQLITE_OK);
  {
    Database one(":memory:", Engine::kAbsent);
    Database other(":memory:", Engine::kAbsent);
    EXPECT_NE(one.blob("SELECT crsql_site_id()"), other.blob("SELECT crsql_site_id()"));
    one.exec(kTable);
    one.exec("INSERT INTO t VALUES (1, 'x')");
    EXPECT_EQ(one.integer("SELECT count(*) FROM crsql_changes"), 1);
    EXPECT_EQ(one.close(), SQLITE_OK);
    EXPECT_EQ(other.close(), SQLITE_OK);
  }
  sqlite3_cancel_auto_extension(entry);
}

TEST(Attach, SiteIdIsAVersion4UuidThatStays) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Blob id = Database(file).blob("SELECT crsql_site_id()");
  ASSERT_EQ(id.size(), 16U);
  EXPECT_EQ(id[6] >> 4, 4);
  EXPECT_EQ(id[8] >> 6, 2);
  EXPECT_EQ(Database(file).blob("SELECT crsql_site_id()"), id);
}

TEST(Attach, ReadOnlyDatabaseReadsItsChanges) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Blob id = [&] {
    const Database db(file);
    db.exec(kTable);
    db.exec("INSERT INTO t VALUES (1, 'x')");
    return db.blob("SELECT crsql_site_id()");
  }();
  const std::string before = bytes_of(file);
  {
    Database db(file, Engine::kAttached, SQLITE_OPEN_READONLY);
    EXPECT_EQ(db.blob("SELECT crsql_site_id()"), id);
    EXPECT_EQ(db.lines("SELECT cid, val FROM crsql_changes"), (std::vector<std::string>{"'v'|'x'"}));
    EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
    EXPECT_TRUE(db.error_of("INSERT INTO t VALUES (2, 'y')"));
    EXPECT_TRUE(
        db.error_of("INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, "
                    "seq) VALUES ('t', crsql_pack_columns(2), 'v', 1, 1, 1, x'0b', 1, 0)"));
    EXPECT_EQ(db.close(), SQLITE_OK);
  }
  EXPECT_EQ(bytes_of(file), before);
}

TEST(Attach, ReadOnlyDatabaseThatNeverHadTheEngine) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  Database(file, Engine::kAbsent).exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v)");
  const std::string before = bytes_of(file);
  Database db(file, Engine::kAbsent, SQLITE_OPEN_READONLY);
  ASSERT_TRUE(attach(db.handle()).ok());
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(db.error_of("SELECT crsql_as_crr('t')"));
  EXPECT_EQ(db.close(), SQLITE_OK);
  EXPECT_EQ(bytes_of(file), before);
}

TEST(Attach, WhileAnotherConnectionHasTheLock) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database other(file, Engine::kAbsent);
  other.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); BEGIN EXCLUSIVE");
  const Database db(file, Engine::kAbsent);
  ASSERT_TRUE(attach(db.handle()).ok());
  EXPECT_TRUE(db.error_of("SELECT crsql_as_crr('t')"));
  other.exec("COMMIT");
  db.exec("SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 'x')");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
  EXPECT_EQ(db.blob("SELECT crsql_site_id()").size(), 16U);
}

TEST(Attach, ManyConnectionsAtOnceToANewFile) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  std::vector<std::string> problems(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        const Database db(file, Engine::kAbsent);
        sqlite3_busy_timeout(db.handle(), 60000);
        if (const Status status = attach(db.handle()); !status.ok()) problems[i] = status.message();
        const std::string table = "t" + std::to_string(i);
        db.exec("BEGIN IMMEDIATE; CREATE TABLE " + table + " (id INTEGER PRIMARY KEY NOT NULL, v);" +
                "SELECT crsql_as_crr('" + table + "'); INSERT INTO " + table + " VALUES (1, 'x'); COMMIT");
      } catch (const std::exception& error) {
        problems[i] = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  const Database db(file);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_site_id"), 1);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 8);
  EXPECT_EQ(db.integer("SELECT count(DISTINCT db_version) FROM crsql_changes"), 8);
}

// Files of cr-sqlite before 0.15, and of 0.15 itself, are refused and left alone (contract, section 1).
TEST(Attach, OldLayoutsAreRefusedByName) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "old.db").string();
  Database(file, Engine::kAbsent)
      .exec(
          "CREATE TABLE crsql_master (\"key\" TEXT PRIMARY KEY, value ANY);"
          "INSERT INTO crsql_master VALUES ('crsqlite_version', 140000)");
  const std::string before = bytes_of(file);
  {
    const Database db(file, Engine::kAbsent);
    const Status status = attach(db.handle());
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.code(), ErrorCode::kUnsupported);
    EXPECT_NE(status.message().find("140000"), std::string::npos) << status.message();
    EXPECT_TRUE(db.error_of("SELECT crsql_site_id()")) << "the connection is as it was";
    EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_master"), 1);
  }
  EXPECT_EQ(bytes_of(file), before);
}

TEST(Attach, TheLayoutOf015IsRefusedThoughItsVersionIsThatOfTheWebAssemblyBuild) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "old.db").string();
  Database(file, Engine::kAbsent)
      .exec(
          "CREATE TABLE crsql_master (\"key\" TEXT PRIMARY KEY, value ANY);"
          "INSERT INTO crsql_master VALUES ('crsqlite_version', 150000);"
          "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v);"
          "CREATE TABLE t__crsql_clock (id, __crsql_col_name TEXT NOT NULL, __crsql_col_version INT NOT NULL,"
          " __crsql_db_version INT NOT NULL, __crsql_site_id INT, __crsql_seq INT NOT NULL,"
          " PRIMARY KEY (id, __crsql_col_name))");
  const std::string before = bytes_of(file);
  {
    const Database db(file, Engine::kAbsent);
    EXPECT_EQ(attach(db.handle()).code(), ErrorCode::kUnsupported);
  }
  EXPECT_EQ(bytes_of(file), before);
}

// The layout of 0.16 under the version number of its WebAssembly build is opened.
TEST(Attach, TheWebAssemblyBuildsVersionNumberIsTaken) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "wasm.db").string();
  {
    const Database db(file);
    db.exec(kTable);
    db.exec("INSERT INTO t VALUES (1, 'x'); UPDATE crsql_master SET value = 150000 WHERE \"key\" = 'crsqlite_version'");
  }
  const Database db(file);
  db.exec("UPDATE t SET v = 'y'");
  EXPECT_EQ(db.lines("SELECT val, col_version, db_version FROM crsql_changes"), (std::vector<std::string>{"'y'|2|2"}));
}

// Two connections that write in turn count versions on from each other.
TEST(Connections, SeeEachOthersVersions) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database one(file);
  one.exec(kTable);
  const Database other(file);
  for (int i = 0; i < 10; ++i) {
    (i % 2 == 0 ? one : other).exec("INSERT INTO t (v) VALUES ('x')");
    EXPECT_EQ(one.integer("SELECT crsql_db_version()"), i + 1);
    EXPECT_EQ(other.integer("SELECT crsql_db_version()"), i + 1);
  }
  EXPECT_EQ(one.integer("SELECT count(DISTINCT db_version) FROM crsql_changes"), 10);
}

}  // namespace
}  // namespace rejoin::test
