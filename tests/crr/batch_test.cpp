// Replica::merge of many changes: the same end as one by one, all or none.
#include <gtest/gtest.h>

#include <rejoin/replica.hpp>

#include "crr/some_changes.hpp"

namespace rejoin::test {
namespace {

TEST(Batch, ComesToTheSameEndAsItsChangesOneByOne) {
  for (const char* table : kTables) {
    for (unsigned seed = 0; seed < 60; ++seed) {
      const std::vector<Change> changes = some_changes(seed);
      Lines ends[2];
      MergeSummary by_one;
      MergeSummary by_batch;
      for (const bool batch : {false, true}) {
        const Database db;
        db.exec(table);
        db.exec("INSERT INTO t (id, a) VALUES (1, 1), (2, 'local'); UPDATE t SET b = 'x' WHERE id = 2; BEGIN");
        Replica replica = std::move(Replica::on(db.handle())).value();
        const std::int64_t seen = seed % 2 == 0 ? 1 : std::numeric_limits<std::int64_t>::max();
        if (batch) {
          auto summary = replica.merge(changes, seen);
          ASSERT_TRUE(summary.ok()) << summary.status().message();
          by_batch = *summary;
        } else {
          for (const Change& change : changes) {
            auto outcome = replica.merge(change, seen);
            ASSERT_TRUE(outcome.ok()) << outcome.status().message();
            by_one.won += outcome->won ? 1 : 0;
            by_one.conflicts += outcome->conflict ? 1 : 0;
          }
        }
        ends[batch ? 1 : 0] = state_of(db);
        db.exec("COMMIT");
        EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{}) << table << seed;
      }
      EXPECT_EQ(ends[1], ends[0]) << table << " seed " << seed;
      EXPECT_EQ(by_batch.won, by_one.won) << table << " seed " << seed;
      EXPECT_EQ(by_batch.conflicts, by_one.conflicts) << table << " seed " << seed;
    }
  }
}

TEST(Batch, WritesARowOnce) {
  const Database db;
  db.exec(kTable);
  static int updates = 0;
  updates = 0;
  sqlite3_update_hook(
      db.handle(),
      [](void*, int, const char*, const char* table, sqlite3_int64) {
        updates += std::string_view(table) == "t" ? 1 : 0;
      },
      nullptr);
  Replica replica = std::move(Replica::on(db.handle())).value();
  std::vector<Change> changes = {cell("a", "one", 1), cell("b", "two", 1)};
  EXPECT_EQ(replica.merge(changes)->won, 2);
  EXPECT_EQ(updates, 1);
  for (Change& change : changes) change.column_version = 2;
  EXPECT_EQ(replica.merge(changes)->won, 2);
  EXPECT_EQ(updates, 2);
  EXPECT_EQ(replica.merge(changes)->won, 0);
  EXPECT_EQ(replica.merge(std::span<const Change>())->won, 0);
  EXPECT_EQ(updates, 2);
  EXPECT_FALSE(db.in_transaction());
}

TEST(Batch, OneBadChangeUndoesAllAndIsNamed) {
  for (const bool in_transaction : {false, true}) {
    const Database db;
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a CHECK (a <> 'bad'), b); SELECT crsql_as_crr('t')");
    if (in_transaction) db.exec("BEGIN");
    db.exec("INSERT INTO t VALUES (9, 9, 9)");
    Change earlier = cell("a", "earlier", 1);
    earlier.pk = {1, 9, 8};
    merge(db, earlier);
    const Lines before = state_of(db);
    Replica replica = std::move(Replica::on(db.handle())).value();
    std::vector<Change> changes = {cell("a", "good", 1), cell("b", "two", 1)};
    const auto error = [&] { return replica.merge(changes).status().message(); };
    changes.push_back(cell("c", "three", 1));
    EXPECT_EQ(error(), "change 3 of 3: crsql_changes: table \"t\" has no column \"c\"");
    EXPECT_EQ(state_of(db), before);
    changes[2] = cell("b", "three", 2, -1);
    EXPECT_EQ(error(), "change 3 of 3: crsql_changes: table \"t\": cl -1 is out of bounds");
    EXPECT_EQ(state_of(db), before);
    changes = {cell("a", "bad", 1), cell("b", "two", 1)};
    EXPECT_EQ(error(), "merging into table \"t\": CHECK constraint failed: a <> 'bad' (row (1), column \"a\")");
    EXPECT_EQ(state_of(db), before);
    changes = {cell("a", "good", 1), cell("b", "two", 1)};
    EXPECT_EQ(replica.merge(changes)->won, 2);
    if (in_transaction) db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT * FROM t"), (Lines{"1|'good'|'two'", "8|'earlier'|NULL", "9|9|9"}));
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

TEST(Batch, HoldsWhatItHasNoTableFor) {
  const Database db;
  db.exec(kTable);
  db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  Replica replica = std::move(Replica::on(db.handle())).value();
  std::vector<Change> changes = {cell("a", "good", 1), cell("c", "later", 1), cell("b", "two", 1)};
  EXPECT_EQ(replica.merge(changes)->won, 2);
  EXPECT_EQ(*replica.held_changes(), 1);
  db.exec("SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c; SELECT crsql_commit_alter('t')");
  EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|'good'|'two'|'later'"});
}

}  // namespace
}  // namespace rejoin::test
