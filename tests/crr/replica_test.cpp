// The public class: the same engine without SQL.
#include <rejoin/replica.hpp>

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

struct ReplicaTest : testing::Test {
  ReplicaTest() { db.exec(kTable); }

  std::vector<Change> all(std::int64_t since = 0, const Blob& not_from = {}) {
    std::vector<Change> out;
    const Status status = replica.visit_changes(since, not_from, [&](const Change& change) {
      out.push_back(change);
      return Status();
    });
    EXPECT_EQ(status.message(), "");
    EXPECT_EQ(*replica.count_changes(since, not_from), static_cast<std::int64_t>(out.size()));
    return out;
  }

  Database db;
  Replica replica = std::move(Replica::on(db.handle())).value();
};

TEST_F(ReplicaTest, IsTheEngineThatSqlSees) {
  EXPECT_EQ(*replica.site_id(), db.blob("SELECT crsql_site_id()"));
  EXPECT_EQ(*replica.db_version(), 0);
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_EQ(*replica.db_version(), 1);
  const Result<Replica> second = Replica::on(db.handle());
  EXPECT_EQ(*second->db_version(), 1);
}

TEST(ReplicaOn, AttachesAndReportsWhatIsWrong) {
  const Database db(":memory:", Engine::kAbsent);
  EXPECT_TRUE(Replica::on(db.handle()).ok());
  EXPECT_EQ(db.blob("SELECT crsql_site_id()").size(), 16U);
  EXPECT_EQ(Replica::on(nullptr).status().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ReplicaTest, VisitsEveryFieldOfEveryChange) {
  db.exec("INSERT INTO t VALUES (1, 'x', NULL), (-2, 1.5, x'00ff'); DELETE FROM t WHERE id = -2");
  merge(db, cell("b", std::string("merged"), 7));
  const Blob own = *replica.site_id();
  const std::vector<Change> expected = {{"t", key(db, "1"), "a", std::string("x"), 1, 1, own, 1, 0},
                                        {"t", key(db, "-2"), "-1", {}, 2, 2, own, 2, 0},
                                        {"t", key(db, "1"), "b", std::string("merged"), 7, 3, kPeer, 1, 0}};
  EXPECT_EQ(all(), expected);
  EXPECT_EQ(all(1), std::vector<Change>(expected.begin() + 1, expected.end()));
  EXPECT_EQ(all(0, own), std::vector<Change>{expected[2]});
  EXPECT_EQ(all(0, kPeer), std::vector<Change>(expected.begin(), expected.begin() + 2));
  EXPECT_EQ(all(0, kGreaterPeer), expected) << "a site that is unknown here wrote nothing";
  EXPECT_EQ(all(3), std::vector<Change>{});
  EXPECT_EQ(all(std::numeric_limits<std::int64_t>::max()), std::vector<Change>{});
  EXPECT_EQ(all(std::numeric_limits<std::int64_t>::min()), expected);
}

TEST_F(ReplicaTest, ChangesHaveEveryKindOfValue) {
  db.exec("INSERT INTO t VALUES (1, '', x''), (2, CAST(x'610062' AS TEXT), -9e999), (3, 9223372036854775807, 5e-324)");
  std::vector<Value> values;
  for (const Change& change : all()) values.push_back(change.value);
  EXPECT_EQ(values,
            (std::vector<Value>{std::string(), Blob(), std::string("a\0b", 3), -std::numeric_limits<double>::infinity(),
                                std::numeric_limits<std::int64_t>::max(), 5e-324}));
  const Database other;
  other.exec(kTable);
  Replica copy = std::move(Replica::on(other.handle())).value();
  for (const Change& change : all()) EXPECT_TRUE(copy.merge(change)->won);
  EXPECT_EQ(other.lines("SELECT * FROM t"), db.lines("SELECT * FROM t"));
  EXPECT_EQ(*copy.digest(), *replica.digest());
}

TEST_F(ReplicaTest, AFailedVisitEndsTheWalkAndIsReturned) {
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
  int visited = 0;
  const Status status = replica.visit_changes(
      0, {}, [&](const Change&) { return ++visited == 2 ? Status(ErrorCode::kInvalidArgument, "enough") : Status(); });
  EXPECT_EQ(status.message(), "enough");
  EXPECT_EQ(visited, 2);
  EXPECT_EQ(all().size(), 4U);
}

TEST_F(ReplicaTest, AVisitMayMergeIntoTheSameDatabase) {
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)");
  int visited = 0;
  const Status status = replica.visit_changes(0, {}, [&](const Change& change) {
    ++visited;
    Change greater = change;
    greater.column_version += 1;
    greater.value = std::string("greater");
    greater.site_id = kPeer;
    return replica.merge(greater).status();
  });
  EXPECT_EQ(status.message(), "");
  EXPECT_EQ(visited, 6) << "what is merged on the way is not part of the walk";
  EXPECT_EQ(db.integer("SELECT count(*) FROM t WHERE a = 'greater' AND b = 'greater'"), 3);
}

TEST_F(ReplicaTest, AMergeOutsideATransactionIsOneItself) {
  EXPECT_TRUE(replica.merge(cell("a", std::int64_t{1}, 1))->won);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_FALSE(replica.merge(cell("a", std::int64_t{1}, 1))->won);
  Change bad = cell("a", std::int64_t{1}, 1);
  bad.pk = {};
  EXPECT_EQ(replica.merge(bad).status().code(), ErrorCode::kInvalidArgument);
  bad.pk = {1, 9, 1};
  bad.table = "nowhere";
  EXPECT_EQ(replica.merge(bad).status().code(), ErrorCode::kUnknownSchema);
  EXPECT_FALSE(db.in_transaction());
}

TEST_F(ReplicaTest, AMergeInATransactionBelongsToIt) {
  db.exec("BEGIN; INSERT INTO t VALUES (9, 9, 9)");
  EXPECT_TRUE(replica.merge(cell("a", std::int64_t{1}, 1))->won);
  Change bad = cell("nothing", std::int64_t{1}, 1);
  EXPECT_FALSE(replica.merge(bad).ok());
  EXPECT_TRUE(db.in_transaction());
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 2);
  db.exec("BEGIN");
  EXPECT_TRUE(replica.merge(cell("a", std::int64_t{7}, 5))->won);
  db.exec("ROLLBACK");
  EXPECT_EQ(db.integer("SELECT a FROM t WHERE id = 1"), 1);
}

TEST_F(ReplicaTest, MakesCrrsAndListsThem) {
  db.exec("CREATE TABLE b (id PRIMARY KEY NOT NULL, v); CREATE TABLE bad (v); INSERT INTO b VALUES (1, 1), (2, 2)");
  EXPECT_EQ(replica.make_crr("bad").code(), ErrorCode::kNotEligible);
  EXPECT_EQ(replica.make_crr("nowhere").code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(replica.make_crr("b").message(), "");
  EXPECT_EQ(replica.make_crr("b").message(), "");
  EXPECT_EQ(*replica.tables(), (Lines{"b", "t"}));
  db.exec("DELETE FROM b WHERE id = 1; INSERT INTO t VALUES (1, 1, 1)");
  const Result<std::vector<TableSummary>> summaries = replica.summaries();
  ASSERT_EQ(summaries->size(), 2U);
  EXPECT_EQ((*summaries)[0].name, "b");
  EXPECT_EQ((*summaries)[0].rows, 1);
  EXPECT_EQ((*summaries)[0].tombstones, 1);
  EXPECT_EQ((*summaries)[1].rows, 1);
  EXPECT_EQ((*summaries)[1].tombstones, 0);
}

TEST_F(ReplicaTest, KeepsACursorForEachPeer) {
  EXPECT_EQ(*replica.cursor(kPeer), 0);
  EXPECT_EQ(replica.set_cursor(kPeer, 5).message(), "");
  EXPECT_EQ(replica.set_cursor(kPeer, 7).message(), "");
  EXPECT_EQ(replica.set_cursor(kGreaterPeer, 2).message(), "");
  EXPECT_EQ(*replica.cursor(kPeer), 7);
  EXPECT_EQ(*replica.cursor(kGreaterPeer), 2);
  EXPECT_EQ(db.lines("SELECT version, seq, tag, event FROM crsql_tracked_peers ORDER BY 1"),
            (Lines{"2|0|0|0", "7|0|0|0"}));
  db.exec("INSERT INTO crsql_tracked_peers VALUES (x'" + std::string(32, '1') + "', 99, 0, 0, 1)");
  EXPECT_EQ(*replica.cursor(kPeer), 7) << "events of others are not ours";
  db.exec("BEGIN");
  EXPECT_EQ(replica.set_cursor(kPeer, 8).message(), "");
  db.exec("ROLLBACK");
  EXPECT_EQ(*replica.cursor(kPeer), 7);
}

TEST(ReplicaReadOnly, ReadsAndRefusesToWrite) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  {
    const Database db(file);
    db.exec(kTable);
    db.exec("INSERT INTO t VALUES (1, 1, 1)");
  }
  const Database db(file, Engine::kAttached, SQLITE_OPEN_READONLY);
  Replica replica = std::move(Replica::on(db.handle())).value();
  EXPECT_EQ(*replica.db_version(), 1);
  EXPECT_EQ(*replica.count_changes(0, {}), 2);
  EXPECT_EQ(*replica.cursor(kPeer), 0);
  EXPECT_NE(*replica.digest(), Digest());
  EXPECT_EQ(replica.merge(cell("a", std::int64_t{7}, 5)).status().code(), ErrorCode::kReadOnly);
  EXPECT_EQ(replica.set_cursor(kPeer, 5).code(), ErrorCode::kReadOnly);
  EXPECT_EQ(replica.make_crr("t").code(), ErrorCode::kOk) << "it is one";
}

TEST(ReplicaReadOnly, OfAFileThatIsNoReplicaIsEmpty) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  Database(file, Engine::kAbsent).exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a)");
  const Database db(file, Engine::kAttached, SQLITE_OPEN_READONLY);
  Replica replica = std::move(Replica::on(db.handle())).value();
  EXPECT_EQ(*replica.db_version(), 0);
  EXPECT_EQ(*replica.count_changes(0, {}), 0);
  EXPECT_EQ(*replica.digest(), Digest());
  EXPECT_FALSE(replica.site_id().ok());
  EXPECT_EQ(replica.make_crr("t").code(), ErrorCode::kReadOnly);
}

// --- conflicts: what the sender could not have known, and the change decides otherwise ---

struct Conflicts : ReplicaTest {
  /// `seen`: the version of ours that the sender knew.
  MergeOutcome outcome(const Change& change, std::int64_t seen) {
    const Result<MergeOutcome> result = replica.merge(change, seen);
    EXPECT_EQ(result.status().message(), "");
    return *result;
  }
};

TEST_F(Conflicts, TwoWritesOfOneCell) {
  db.exec("INSERT INTO t VALUES (1, 'old', 0); UPDATE t SET a = 'ours'");
  EXPECT_FALSE(outcome(cell("a", std::string("theirs"), 3), 2).conflict) << "the sender had seen ours";
  db.exec("UPDATE t SET a = 'ours again'");
  const MergeOutcome lost = outcome(cell("a", std::string("theirs"), 3), 1);
  EXPECT_TRUE(lost.conflict);
  EXPECT_FALSE(lost.won);
  const MergeOutcome won = outcome(cell("a", std::string("theirs"), 9), 1);
  EXPECT_TRUE(won.conflict);
  EXPECT_TRUE(won.won);
  EXPECT_FALSE(outcome(cell("a", std::string("theirs"), 9), 1).conflict) << "it is the sender's own now";
  EXPECT_FALSE(outcome(cell("b", std::int64_t{0}, 1), 0).conflict) << "the same value is no conflict";
}

TEST_F(Conflicts, ADeleteOfARowThatWasEdited) {
  db.exec("INSERT INTO t VALUES (1, 'x', 0)");
  EXPECT_FALSE(outcome(life(2), 0).conflict) << "created, never edited";
  db.exec("INSERT INTO t VALUES (1, 'x', 0); UPDATE t SET a = 'edited'");
  const MergeOutcome known = outcome(life(4), 99);
  EXPECT_FALSE(known.conflict);
  EXPECT_TRUE(known.won);
  db.exec("INSERT INTO t VALUES (1, 'x', 0); UPDATE t SET a = 'edited'");
  const MergeOutcome unknown = outcome(life(6), 1);
  EXPECT_TRUE(unknown.conflict);
  EXPECT_TRUE(unknown.won);
}

TEST_F(Conflicts, AnEditOfARowThatWasDeleted) {
  db.exec("INSERT INTO t VALUES (1, 'x', 0); DELETE FROM t");
  EXPECT_TRUE(outcome(cell("a", std::string("edited"), 2), 1).conflict);
  EXPECT_FALSE(outcome(cell("a", std::string("edited"), 2), 2).conflict) << "the sender knew of the delete";
  EXPECT_FALSE(outcome(cell("a", std::string("x"), 1), 1).conflict) << "the first write of a cell is no edit";
  EXPECT_FALSE(outcome(life(2), 1).conflict) << "both deleted it";
}

TEST_F(Conflicts, AreNotLookedForWithoutACursor) {
  db.exec("INSERT INTO t VALUES (1, 'old', 0); UPDATE t SET a = 'ours'");
  EXPECT_FALSE(replica.merge(cell("a", std::string("theirs"), 9))->conflict);
}

TEST(Replica, GivesACopyASiteIdOfItsOwn) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 2, 3)");
  Replica replica = *Replica::on(db.handle());
  const Blob before = *replica.site_id();
  const Result<Blob> after = replica.renew_site_id();
  ASSERT_TRUE(after.ok());
  EXPECT_NE(*after, before);
  EXPECT_EQ(*replica.site_id(), *after);
  EXPECT_EQ(db.blob("SELECT site_id FROM crsql_changes LIMIT 1"), before) << "what it holds was written by the old one";
  EXPECT_EQ(replica.check()->size(), 0U);
}

TEST(Replica, KeepsNotesBesideTheData) {
  const Database db;
  db.exec(kTable);
  Replica replica = *Replica::on(db.handle());
  EXPECT_EQ(*replica.note("mine"), "");
  ASSERT_TRUE(replica.set_note("mine", "12").ok());
  for (const char* text : {"0013", "12e3", "", "a\nb", "13"}) {
    ASSERT_TRUE(replica.set_note("mine", text).ok());
    EXPECT_EQ(*replica.note("mine"), text) << "as it was, even if it looks like a number";
  }
  EXPECT_EQ(*replica.note("min"), "");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_master WHERE key = 'note.mine'"), 1);
}

TEST(Replica, RunsWorkInATransaction) {
  const Database db;
  db.exec(kTable);
  Replica replica = *Replica::on(db.handle());
  const auto write = [&](const char* sql, bool fine) {
    return replica.in_transaction([&]() -> Status {
      db.exec(sql);
      const Status noted = replica.set_note("n", sql);
      return fine ? noted : Status(ErrorCode::kInvalidArgument, "not today");
    });
  };
  EXPECT_EQ(write("INSERT INTO t VALUES (1, 2, 3)", false).message(), "not today");
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
  EXPECT_EQ(*replica.note("n"), "");
  EXPECT_EQ(*replica.db_version(), 0);
  EXPECT_TRUE(write("INSERT INTO t VALUES (1, 2, 3)", true).ok());
  EXPECT_EQ(*replica.db_version(), 1);
  db.exec("BEGIN; INSERT INTO t VALUES (2, 2, 3)");
  EXPECT_FALSE(write("INSERT INTO t VALUES (3, 2, 3)", false).ok());
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 2) << "what the caller's transaction did before stays";
}

}  // namespace
}  // namespace rejoin::test
