#include <rejoin/watcher.hpp>

#include <gtest/gtest.h>

#include <rejoin/key.hpp>
#include <rejoin/replica.hpp>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

/// table, key, and D for deleted, M for merged.
Lines told(Watcher& watcher, const BatchLimits& limits = {}) {
  std::vector<ChangedRow> rows;
  const Status status = watcher.poll(rows, limits);
  EXPECT_TRUE(status.ok()) << status.message();
  Lines out;
  for (const ChangedRow& row : rows) {
    const auto key = unpack_key(row.pk);
    EXPECT_TRUE(key.ok());
    out.push_back(row.table + " " + literal(Row(*key)) + (row.deleted ? " D" : "") + (row.merged ? " M" : ""));
  }
  return out;
}

struct WatcherTest : testing::Test {
  WatcherTest() {
    db.exec(std::string(kTable) + "; INSERT INTO t VALUES (1, 1, 1)");
    watcher = std::move(replica.watch()).value();
  }
  Database db;
  Replica replica = std::move(Replica::on(db.handle())).value();
  Watcher watcher = std::move(replica.watch()).value();
};

TEST_F(WatcherTest, TellsEachRowOnceThatWasWrittenSince) {
  EXPECT_EQ(told(watcher), Lines{});
  db.exec("UPDATE t SET a = 2, b = 3; INSERT INTO t VALUES (2, 1, 1); UPDATE t SET a = 5 WHERE id = 1");
  EXPECT_EQ(told(watcher), (Lines{"t 1", "t 2"}));
  EXPECT_EQ(told(watcher), Lines{});
  db.exec("DELETE FROM t WHERE id = 2");
  EXPECT_EQ(told(watcher), Lines{"t 2 D"});
}

TEST_F(WatcherTest, TellsWhatWasMerged) {
  merge(db, cell("a", std::string("x"), 7));
  EXPECT_EQ(told(watcher), Lines{"t 1 M"});
  merge(db, cell("a", std::string("x"), 7));
  EXPECT_EQ(told(watcher), Lines{}) << "it was there already";
  merge(db, life(2));
  EXPECT_EQ(told(watcher), Lines{"t 1 D M"});
}

TEST_F(WatcherTest, TellsNothingOfWhatIsNotCommitted) {
  db.exec("BEGIN; UPDATE t SET a = 7");
  EXPECT_EQ(told(watcher), Lines{});
  db.exec("ROLLBACK");
  EXPECT_EQ(told(watcher), Lines{});
  db.exec("UPDATE t SET b = 8");
  EXPECT_EQ(told(watcher), Lines{"t 1"}) << "under the version that the rollback gave back";
  db.exec("UPDATE t SET b = 9; BEGIN; UPDATE t SET b = 10");
  EXPECT_EQ(told(watcher), Lines{});
  db.exec("ROLLBACK");
  EXPECT_EQ(told(watcher), Lines{"t 1"}) << "what had been committed before";
}

TEST_F(WatcherTest, TellsInPieces) {
  db.exec("INSERT INTO t VALUES (2, 1, 1), (3, 1, 1), (4, 1, 1)");
  EXPECT_EQ(told(watcher, {2}), (Lines{"t 2"}));
  EXPECT_EQ(told(watcher, {3}), (Lines{"t 3", "t 4"}));
  Watcher later = std::move(replica.watch(watcher.cursor())).value();
  EXPECT_EQ(told(watcher), told(later));
  EXPECT_EQ(told(later), Lines{});
}

TEST(WatcherOfAFile, TellsWhatOthersWrite) {
  const TemporaryDirectory dir;
  const Database here((dir.path() / "a.db").string());
  here.exec(kTable);
  const Replica replica = std::move(Replica::on(here.handle())).value();
  Watcher watcher = std::move(replica.watch()).value();
  const Database other((dir.path() / "a.db").string());
  other.exec(
      "INSERT INTO t VALUES (7, 1, 1); CREATE TABLE u (id TEXT PRIMARY KEY NOT NULL, v);"
      "SELECT crsql_as_crr('u'); INSERT INTO u VALUES ('x', 1)");
  EXPECT_EQ(told(watcher), (Lines{"t 7", "u 'x'"}));
}

TEST_F(WatcherTest, ACallAfterEachCommitThatWrote) {
  int calls = 0;
  const std::int64_t first = *replica.on_commit([&] { ++calls; });
  db.exec("UPDATE t SET a = 3");
  EXPECT_EQ(calls, 1);
  db.exec("BEGIN; UPDATE t SET a = 4; UPDATE t SET a = 5; COMMIT");
  EXPECT_EQ(calls, 2);
  db.exec("BEGIN; UPDATE t SET a = 4; ROLLBACK; CREATE TABLE plain (x); INSERT INTO plain VALUES (1); SELECT * FROM t");
  EXPECT_EQ(calls, 2);
  merge(db, cell("a", std::string("x"), 9));
  EXPECT_EQ(calls, 3);
  merge(db, cell("a", std::string("x"), 9));
  EXPECT_EQ(calls, 3) << "nothing was won";
  std::int64_t second = 0;
  second = *replica.on_commit([&] {
    calls += 10;
    replica.forget_commit(second);
  });
  db.exec("UPDATE t SET a = 6");
  EXPECT_EQ(calls, 14);
  db.exec("UPDATE t SET a = 7");
  EXPECT_EQ(calls, 15);
  replica.forget_commit(first);
  db.exec("UPDATE t SET a = 8");
  EXPECT_EQ(calls, 15);
}

TEST_F(WatcherTest, ACallMayTakeAnotherAwayAndAddOne) {
  int calls = 0;
  std::int64_t second = 0;
  std::int64_t added = 0;
  static_cast<void>(*replica.on_commit([&] {
    replica.forget_commit(second);
    if (added == 0) added = *replica.on_commit([&] { calls += 100; });
  }));
  second = *replica.on_commit([&] { calls += 10; });
  db.exec("UPDATE t SET a = 3");
  EXPECT_EQ(calls, 0);
  EXPECT_NE(added, second) << "the number of one that is gone is not given again";
  db.exec("UPDATE t SET a = 4");
  EXPECT_EQ(calls, 100);
}

TEST_F(WatcherTest, WhatACallThrowsStaysInside) {
  ASSERT_TRUE(replica.on_commit([] { throw std::runtime_error("mine"); }).ok());
  db.exec("UPDATE t SET a = 3");
  EXPECT_EQ(db.integer("SELECT a FROM t"), 3);
}

TEST(Keys, ArePackedAndUnpackedAsBySql) {
  const Database db;
  const std::vector<Value> values = {std::int64_t{-1}, std::string("ü"), Blob{0, 1}, 1.5, std::monostate()};
  EXPECT_EQ(*pack_key(values), db.blob("SELECT crsql_pack_columns(-1, 'ü', x'0001', 1.5, NULL)"));
  EXPECT_EQ(*unpack_key(*pack_key(values)), values);
  EXPECT_EQ(unpack_key({2, 9}).status().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(pack_key(std::vector<Value>(256)).status().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rejoin::test
