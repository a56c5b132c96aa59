// Threads at one WAL file, and threads that have nothing in common but the engine's code.
#include <gmock/gmock.h>

#include <atomic>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>
#include <thread>

#include <rejoin/rejoin.h>
#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

#include "concurrency/workers.hpp"
#include "support/temporary.hpp"

namespace rejoin::concurrency_test {
namespace {

using test::Database;

/// Runs one thread a body, all let go at once; what they throw becomes failures.
void run_threads(const std::vector<std::function<void()>>& bodies, const std::function<void()>& when_writers_end = {},
                 std::size_t writers = 0) {
  std::latch start(static_cast<std::ptrdiff_t>(bodies.size()));
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::thread> threads;
  threads.reserve(bodies.size());
  for (const auto& body : bodies) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      try {
        body();
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        failures.emplace_back(error.what());
      }
    });
  }
  for (std::size_t i = 0; i < writers; ++i) threads[i].join();
  if (when_writers_end) when_writers_end();
  for (std::size_t i = writers; i < threads.size(); ++i) threads[i].join();
  EXPECT_THAT(failures, testing::IsEmpty());
}

/// `share`: how much of the usual work is done, in percent.
void work_on_one_file(const std::string& journal_mode, int share) {
  const test::TemporaryDirectory directory;
  make_shared_file(directory.path(), journal_mode);
  std::vector<Worker> workers;
  const auto add = [&](Role role, int count, int transactions) {
    for (int i = 0; i < count; ++i) {
      const int number = static_cast<int>(workers.size());
      workers.push_back(
          {role, number, transactions * share / 100, first_seed() * 100 + static_cast<std::uint64_t>(number)});
    }
  };
  add(Role::kWriter, 3, 120);
  add(Role::kMerger, 2, 50);
  add(Role::kMaker, 1, 8);
  const std::size_t writers = workers.size();
  add(Role::kReader, 2, 0);
  std::vector<std::function<void()>> bodies;
  for (const Worker& worker : workers) bodies.emplace_back([&] { work(worker, directory.path()); });
  run_threads(
      bodies, [&] { stop_readers(directory.path()); }, writers);
  ASSERT_NO_THROW(require_serial(directory.path(), workers));
}

TEST(Threads, WriteMergeAndReadOneFile) { work_on_one_file("WAL", 100); }

TEST(Threads, WriteMergeAndReadOneFileWithARollbackJournal) { work_on_one_file("DELETE", 50); }

// Whoever comes first makes the bookkeeping tables, and the site id that all see from then on.
TEST(Threads, AttachToANewFileAtTheSameTime) {
  for (int round = 0; round < 10; ++round) {
    const test::TemporaryDirectory directory;
    const std::string path = (directory.path() / "new.db").string();
    Database(path, test::Engine::kAbsent).exec("PRAGMA journal_mode = WAL");
    constexpr std::size_t kThreads = 6;
    std::vector<Blob> sites(kThreads);
    std::vector<std::function<void()>> bodies;
    for (std::size_t i = 0; i < kThreads; ++i) {
      bodies.emplace_back([&, i] {
        Database db(path, test::Engine::kAbsent);
        sqlite3_busy_timeout(db.handle(), 60000);
        if (const Status status = attach(db.handle()); !status.ok()) throw std::runtime_error(status.message());
        db.exec(
            "BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY NOT NULL, v);"
            "SELECT crsql_as_crr('t'); COMMIT");
        db.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", 'v')");
        sites[i] = db.blob("SELECT crsql_site_id()");
      });
    }
    run_threads(bodies);
    const Database db(path);
    EXPECT_EQ(db.integer("SELECT count(DISTINCT db_version) FROM crsql_changes"), kThreads);
    EXPECT_EQ(db.integer("SELECT count(*) FROM rejoin_check"), 0);
    EXPECT_THAT(sites, testing::Each(db.blob("SELECT crsql_site_id()")));
  }
}

/// Uses what there is, on a database that no other thread sees.
void use_everything(const Database& db, std::size_t number) {
  const std::string name = "t" + std::to_string(number);
  const std::string create = "CREATE TABLE " + name + " (id INTEGER PRIMARY KEY NOT NULL, v, place TEXT);";
  db.exec(create + "SELECT crsql_as_crr('" + name + "')");
  db.exec("INSERT INTO " + name + " VALUES (1, 'a', 'a '), (2, 'b', 'b'), (3, NULL, 'c')");
  db.exec("UPDATE " + name + " SET v = crsql_fract_key_between('a ', NULL) WHERE id < 3");
  db.exec("DELETE FROM " + name + " WHERE id = 3");
  db.exec(
      "CREATE VIRTUAL TABLE made_schema USING clset (id INTEGER PRIMARY KEY NOT NULL, v);"
      "INSERT INTO made VALUES (1, 2); SELECT crsql_begin_alter('made'); ALTER TABLE made ADD COLUMN w;"
      "SELECT crsql_commit_alter('made'); SELECT crsql_fract_as_ordered('made', 'v')");
  db.exec(R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES (')" +
          name + "', crsql_pack_columns(9), 'v', 1.5, 1, 1, x'0102', 1, 0)");
  EXPECT_NE(db.error_of(R"(INSERT INTO crsql_changes ("table", pk) VALUES ('nowhere', x''))"), std::nullopt);
  EXPECT_GT(db.integer("SELECT count(*) FROM crsql_changes"), 0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM rejoin_check"), 0);
  EXPECT_EQ(db.text("SELECT rejoin_digest()").size(), 32U);
  {
    const Result<Replica> replica = Replica::on(db.handle());
    ASSERT_TRUE(replica.ok());
    EXPECT_EQ(replica->check()->size(), 0U);
  }
  Database migrated;
  migrated.exec(create + "SELECT crsql_as_crr('" + name + "')");
  migrated.exec(
      "SELECT crsql_automigrate('CREATE TABLE more (id INTEGER PRIMARY KEY NOT NULL, v); "
      "SELECT crsql_as_crr(''more'');')");
}

// Nothing of the engine's is shared by connections: this is for the eyes of ThreadSanitizer.
TEST(Threads, EachWithADatabaseOfItsOwn) {
  constexpr std::size_t kThreads = 6;
  std::vector<std::function<void()>> bodies;
  for (std::size_t i = 0; i < kThreads; ++i) {
    bodies.emplace_back([i] {
      for (int round = 0; round < 20; ++round) {
        Database db;
        use_everything(db, i);
        EXPECT_EQ(db.close(), SQLITE_OK);
      }
    });
  }
  run_threads(bodies);
}

TEST(Threads, OpenConnectionsThatAttachBySqlitesAutoExtension) {
  constexpr std::size_t kThreads = 6;
  std::vector<std::function<void()>> bodies;
  for (std::size_t i = 0; i < kThreads; ++i) {
    bodies.emplace_back([i] {
      for (int round = 0; round < 20; ++round) {
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&sqlite3_crsqlite_init));
        const Database db(":memory:", test::Engine::kAbsent);
        use_everything(db, i);
      }
    });
  }
  run_threads(bodies);
  sqlite3_reset_auto_extension();
}

}  // namespace
}  // namespace rejoin::concurrency_test
