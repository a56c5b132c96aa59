#include <rejoin/change_stream.hpp>

#include <gtest/gtest.h>

#include <rejoin/replica.hpp>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

std::vector<Change> visited(const Replica& replica, std::int64_t since = 0) {
  std::vector<Change> out;
  EXPECT_TRUE(replica
                  .visit_changes(since, {},
                                 [&](const Change& change) {
                                   out.push_back(change);
                                   return Status();
                                 })
                  .ok());
  return out;
}

struct ChangeStreamTest : testing::Test {
  ChangeStreamTest() {
    db.exec(kTable);
    db.exec(
        "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2); INSERT INTO t VALUES (3, 'c', 3); DELETE FROM t WHERE id = 1");
    all = visited(replica);
  }

  /// All changes behind `after`, in batches, each from a new stream that goes on where the one before ended.
  std::vector<Change> resumed(Cursor after, const BatchLimits& limits) {
    std::vector<Change> out;
    std::vector<Change> batch;
    do {
      Result<ChangeStream> stream = replica.changes_after(after);
      EXPECT_TRUE(stream.ok());
      EXPECT_EQ(stream->cursor(), after);
      EXPECT_TRUE(stream->next(limits, batch).ok());
      EXPECT_LE(batch.size(), limits.changes);
      out.insert(out.end(), batch.begin(), batch.end());
      after = stream->cursor();
    } while (!batch.empty());
    EXPECT_EQ(after, Cursor{*replica.db_version()});
    return out;
  }

  Database db;
  Replica replica = std::move(Replica::on(db.handle())).value();
  std::vector<Change> all;
};

/// The rows' ids and the values of `a` that a stream gives, with SQL run after its first change.
Lines values_with(const Database& db, const Replica& replica, const std::string& sql, const std::string& after = "") {
  Result<ChangeStream> stream = replica.changes_after({});
  std::vector<Change> batch;
  Lines values;
  for (int i = 0;; ++i) {
    EXPECT_TRUE(stream->next({1}, batch).ok());
    if (batch.empty()) return values;
    if (batch[0].column == "a") values.push_back(std::get<std::string>(batch[0].value));
    if (i == 0) db.exec(sql);
    if (i == 2 && !after.empty()) db.exec(after);
  }
}

// A value that is not yet committed, or that belongs to a later version, must not go out under an earlier one: a peer
// would keep it.
TEST_F(ChangeStreamTest, AValueNeverComesUnderAVersionThatIsNotItsOwn) {
  EXPECT_EQ(values_with(db, replica, "BEGIN; UPDATE t SET a = 'mine' WHERE id = 3", "ROLLBACK"), (Lines{"b"}));
  EXPECT_EQ(values_with(db, replica, "UPDATE t SET b = 9 WHERE id = 3"), (Lines{"b", "c"}));
  EXPECT_EQ(values_with(db, replica, "UPDATE t SET a = 'new' WHERE id = 3"), (Lines{"b"}));
  EXPECT_EQ(values_with(db, replica, "SELECT 1"), (Lines{"b", "new"}));
}

TEST_F(ChangeStreamTest, SoItIsInALoopOverSql) {
  Statement walk(db.handle(), "SELECT val FROM crsql_changes WHERE cid = 'a'");
  ASSERT_TRUE(walk.step());
  db.exec("BEGIN; UPDATE t SET a = 'mine' WHERE id = 3");
  EXPECT_FALSE(walk.step());
  walk.reset();
  db.exec("ROLLBACK");
}

TEST_F(ChangeStreamTest, GivesInPiecesWhatAVisitGives) {
  ASSERT_EQ(all.size(), 5U);
  for (std::size_t most = 1; most <= all.size() + 1; ++most) {
    Result<ChangeStream> stream = replica.changes_after({});
    std::vector<Change> joined;
    std::vector<Change> batch;
    for (;;) {
      ASSERT_TRUE(stream->next({most}, batch).ok());
      if (batch.empty()) break;
      EXPECT_LE(batch.size(), most);
      EXPECT_EQ(stream->cursor(), (Cursor{batch.back().db_version, batch.back().seq}));
      joined.insert(joined.end(), batch.begin(), batch.end());
    }
    EXPECT_EQ(joined, all);
    EXPECT_EQ(stream->cursor(), Cursor{3});
    EXPECT_EQ(resumed({}, {most}), all);
  }
}

TEST_F(ChangeStreamTest, GoesOnFromTheMiddleOfAVersion) {
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::vector<Change> rest(all.begin() + static_cast<std::ptrdiff_t>(at) + 1, all.end());
    EXPECT_EQ(resumed({all[at].db_version, all[at].seq}, {2}), rest);
  }
  EXPECT_EQ(resumed({1}, {100}), visited(replica, 1));
}

TEST_F(ChangeStreamTest, ABatchEndsWithTheChangeThatFillsIt) {
  db.exec("INSERT INTO t VALUES (4, zeroblob(1000), zeroblob(1000)), (5, 1, 1)");
  Result<ChangeStream> stream = replica.changes_after({3});
  std::vector<Change> batch;
  ASSERT_TRUE(stream->next({100, 1}, batch).ok());
  EXPECT_EQ(batch.size(), 1U) << "one, however large";
  ASSERT_TRUE(stream->next({100, 1100}, batch).ok());
  EXPECT_EQ(batch.size(), 3U) << "1000 bytes and the ones around do not fill it yet, a small change does not either";
}

TEST_F(ChangeStreamTest, NoCursorComesBetweenChangesOfOnePlace) {
  db.exec("UPDATE t__crsql_clock SET seq = 0 WHERE db_version = 1");
  Result<ChangeStream> stream = replica.changes_after({});
  std::vector<Change> batch;
  ASSERT_TRUE(stream->next({1}, batch).ok());
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_EQ(resumed({}, {3}).size(), all.size());
}

TEST_F(ChangeStreamTest, LeavesOutASiteAndStandsBehindItAtTheEnd) {
  merge(db, cell("b", std::int64_t{9}, 9, 3));
  Result<ChangeStream> stream = replica.changes_after({3}, kPeer);
  std::vector<Change> batch(7);
  ASSERT_TRUE(stream->next({}, batch).ok());
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(stream->cursor(), Cursor{4});
}

TEST_F(ChangeStreamTest, ReportsWhatItCannotRead) {
  db.exec("UPDATE t__crsql_clock SET site_id = 77 WHERE db_version = 2");
  Result<ChangeStream> stream = replica.changes_after({});
  std::vector<Change> batch;
  const Status status = stream->next({}, batch);
  EXPECT_EQ(status.code(), ErrorCode::kCorrupt) << status.message();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(stream->cursor(), Cursor{});
}

TEST(ReplicaOpen, OpensAFileAndClosesItWithTheLastCopy) {
  const TemporaryDirectory dir;
  const std::string path = (dir.path() / "a.db").string();
  {
    Result<Replica> opened = Replica::open(path);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    const Replica copy = *opened;
    ASSERT_EQ(sqlite3_exec(copy.connection(), kTable, nullptr, nullptr, nullptr), SQLITE_OK);
    opened = Replica::open(path);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*copy.tables(), *opened->tables());
    EXPECT_NE(copy.connection(), opened->connection());
  }
  const Result<Replica> nowhere = Replica::open(path + "/no/such/dir/x.db");
  EXPECT_EQ(nowhere.status().code(), ErrorCode::kSqlite);
  EXPECT_NE(nowhere.status().message().find("no/such/dir"), std::string::npos);
}

}  // namespace
}  // namespace rejoin::test
