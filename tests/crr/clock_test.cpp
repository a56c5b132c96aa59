// Versions, sites, and the rows of the shadow tables, called as the engine calls them.
#include "crr/clock.hpp"
#include "crr/packed_key.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::Lines;

struct ClockTest : testing::Test {
  ClockTest() {
    db.exec(test::kTable);
    ok(engine_of(db).enter_to_read());
    Status status;
    table = engine_of(db).catalogue().find("t", status);
  }
  static void ok(const Status& status) { EXPECT_EQ(status.message(), ""); }

  /// Begins a transaction that the engine takes part in.
  void begin() {
    db.exec("BEGIN");
    ok(engine_of(db).enter_to_write());
  }
  std::int64_t row_of(std::int64_t id) {
    number.type = SQLITE_INTEGER;
    number.integer = id;
    std::int64_t row = 0;
    ok(clock.key_of(*table, {number}, row, fresh));
    return row;
  }
  LocalClock look_up(std::int64_t id, std::string_view column) {
    number.type = SQLITE_INTEGER;
    number.integer = id;
    LocalClock local;
    pk = {1};
    append_packed_value(pk, number);
    ok(clock.look_up(table, {pk.data(), pk.size()}, {number}, column, table->cell_index(column), local));
    return local;
  }
  [[nodiscard]] Lines rows() const { return test::clocks(db); }

  Database db;
  Clock& clock = engine_of(db).clock();
  std::shared_ptr<const Table> table;
  ValueView number;
  Bytes pk;
  bool fresh = false;
};

TEST_F(ClockTest, AnUnknownKeyIsMadeOnce) {
  begin();
  const std::int64_t row = row_of(7);
  EXPECT_TRUE(fresh);
  EXPECT_EQ(row_of(7), row);
  EXPECT_FALSE(fresh);
  EXPECT_NE(row_of(8), row);
  EXPECT_EQ(db.lines("SELECT * FROM t__crsql_pks"), (Lines{"1|7", "2|8"}));
}

TEST_F(ClockTest, ANewRowHasAClockRowForEachCell) {
  begin();
  ok(clock.write_new_row(*table, row_of(7), 3));
  EXPECT_EQ(rows(), (Lines{"1|'a'|1|3|0|0", "1|'b'|1|3|0|1"}));
  EXPECT_EQ(clock.counters().next_seq, 2);
  EXPECT_EQ(clock.counters().stored_version, 3);
}

TEST_F(ClockTest, WrittenAgainWithoutASentinelCountsEveryCellUp) {
  begin();
  const std::int64_t row = row_of(7);
  ok(clock.write_new_row(*table, row, 3));
  ok(clock.touch_cell(*table, row, "b", 3));
  ok(clock.write_again(*table, row, 4));
  EXPECT_EQ(rows(), (Lines{"1|'a'|2|4|0|3", "1|'b'|3|4|0|4"}));
}

TEST_F(ClockTest, BuriedAndWrittenAgainGoesThroughItsLives) {
  begin();
  const std::int64_t row = row_of(7);
  ok(clock.write_new_row(*table, row, 1));
  ok(clock.bury(*table, row, 1));
  EXPECT_EQ(rows(), Lines{"1|'-1'|2|1|0|2"});
  ok(clock.write_again(*table, row, 1));
  EXPECT_EQ(rows(), (Lines{"1|'-1'|3|1|0|3", "1|'a'|1|1|0|4", "1|'b'|1|1|0|5"}));
  ok(clock.write_again(*table, row, 1));
  EXPECT_EQ(rows(), (Lines{"1|'-1'|5|1|0|6", "1|'a'|2|1|0|7", "1|'b'|2|1|0|8"}));
  ok(clock.bury(*table, row, 1));
  EXPECT_EQ(rows(), Lines{"1|'-1'|6|1|0|9"});
  ok(clock.bury(*table, row, 1));
  EXPECT_EQ(rows(), Lines{"1|'-1'|8|1|0|10"}) << "the next even number, whatever it was";
}

TEST_F(ClockTest, TouchingAnUnknownCellBeginsAtOne) {
  begin();
  const std::int64_t row = row_of(7);
  ok(clock.touch_cell(*table, row, "b", 9));
  ok(clock.touch_cell(*table, row, "b", 9));
  EXPECT_EQ(rows(), Lines{"1|'b'|2|9|0|1"});
}

TEST_F(ClockTest, ZeroedAndDroppedCellsLeaveTheSentinel) {
  begin();
  const std::int64_t row = row_of(7);
  ok(clock.write_new_row(*table, row, 1));
  ok(clock.write_cell(*table, row, "-1", 5, {2, 40, 0}));
  ok(clock.zero_cells(*table, row, 2));
  EXPECT_EQ(rows(), (Lines{"1|'-1'|5|2|0|40", "1|'a'|0|2|0|0", "1|'b'|0|2|0|1"}));
  ok(clock.drop_cells(*table, row));
  EXPECT_EQ(rows(), Lines{"1|'-1'|5|2|0|40"});
}

TEST_F(ClockTest, ClockRowsLeftBehindByAnotherRowDoNotSpoilANewOne) {
  begin();
  ok(clock.write_cell(*table, row_of(7), "a", 9, {1, 0, 0}));
  ok(clock.write_new_row(*table, 1, 2));
  EXPECT_EQ(rows(), (Lines{"1|'a'|1|2|0|0", "1|'b'|1|2|0|1"}));
}

TEST_F(ClockTest, LookUpTellsUnknownAliveAndDead) {
  begin();
  EXPECT_EQ(look_up(7, "a").causal_length, 0);
  EXPECT_EQ(look_up(7, "a").key, 0);
  const std::int64_t row = row_of(7);
  EXPECT_EQ(look_up(7, "a").causal_length, 0) << "a key row alone means nothing";
  EXPECT_EQ(look_up(7, "a").key, row);
  ok(clock.write_cell(*table, row, "b", 4, {6, 0, 0}));
  LocalClock local = look_up(7, "a");
  EXPECT_EQ(local.causal_length, 1) << "any clock row makes it alive";
  EXPECT_FALSE(local.has_cell);
  EXPECT_FALSE(local.has_sentinel);
  local = look_up(7, "b");
  EXPECT_TRUE(local.has_cell);
  EXPECT_EQ(local.column_version, 4);
  EXPECT_EQ(local.cell_db_version, 6);
  ok(clock.bury(*table, row, 7));
  local = look_up(7, "-1");
  EXPECT_EQ(local.causal_length, 2);
  EXPECT_TRUE(local.has_sentinel);
  EXPECT_FALSE(local.has_cell) << "the sentinel is no cell";
  EXPECT_EQ(local.sentinel_db_version, 7);
}

TEST_F(ClockTest, CountsRowsAndTombstones) {
  db.exec("INSERT INTO t (id) VALUES (1), (2), (3), (4); DELETE FROM t WHERE id > 2; INSERT INTO t (id) VALUES (4)");
  std::int64_t alive = 0;
  std::int64_t deleted = 0;
  ok(clock.count_rows(*table, alive, deleted));
  EXPECT_EQ(alive, 3);
  EXPECT_EQ(deleted, 1);
}

// --- versions ---

TEST_F(ClockTest, EachTransactionHasOneVersion) {
  std::int64_t version = -1;
  ok(clock.committed_version(version));
  EXPECT_EQ(version, 0);
  db.exec("BEGIN; INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2)");
  ok(engine_of(db).enter_to_read());
  ok(clock.committed_version(version));
  EXPECT_EQ(version, 0) << "not before the commit";
  ok(clock.max_version(version));
  EXPECT_EQ(version, 1);
  db.exec("COMMIT");
  ok(clock.committed_version(version));
  EXPECT_EQ(version, 1);
}

TEST_F(ClockTest, TheNextVersionIsAtLeastWhatWasAskedForAndStays) {
  begin();
  std::int64_t version = 0;
  ok(clock.next_version(0, version));
  EXPECT_EQ(version, 1);
  ok(clock.next_version(10, version));
  EXPECT_EQ(version, 10);
  ok(clock.next_version(3, version));
  EXPECT_EQ(version, 10);
  db.exec("ROLLBACK");
  begin();
  ok(clock.next_version(0, version));
  EXPECT_EQ(version, 1) << "gone with the transaction";
}

TEST_F(ClockTest, VersionsNeverGoDown) {
  db.exec("INSERT INTO t (id) VALUES (1); UPDATE t SET a = 1; UPDATE t SET a = 2");
  db.exec("SELECT crsql_as_table('t')");
  std::int64_t version = 0;
  ok(engine_of(db).enter_to_read());
  ok(clock.committed_version(version));
  EXPECT_EQ(version, 3) << "kept as pre_compact_dbversion";
  db.exec("SELECT crsql_as_crr('t'); INSERT INTO t (id) VALUES (5)");
  EXPECT_EQ(db.integer("SELECT max(db_version) FROM t__crsql_clock"), 5) << "4 is the backfill's";
}

TEST_F(ClockTest, AVersionThatAnotherConnectionStoredCounts) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database one(file);
  one.exec(test::kTable);
  one.exec("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(one.integer("SELECT crsql_db_version()"), 1);
  Database(file).exec("INSERT INTO t (id) VALUES (2)");
  EXPECT_EQ(one.integer("SELECT crsql_db_version()"), 2);
  one.exec("INSERT INTO t (id) VALUES (3)");
  EXPECT_EQ(one.lines("SELECT db_version, pk FROM crsql_changes WHERE cid = 'a'"),
            (Lines{"1|x'010901'", "2|x'010902'", "3|x'010903'"}));
}

// --- sites ---

TEST_F(ClockTest, SitesGetOrdinalsWhenTheyAreFirstNeeded) {
  begin();
  const ByteView peer{test::kPeer.data(), test::kPeer.size()};
  std::int64_t ordinal = 0;
  ok(clock.ordinal_of(peer, false, ordinal));
  EXPECT_EQ(ordinal, -1);
  ok(clock.ordinal_of(peer, true, ordinal));
  EXPECT_EQ(ordinal, 1);
  ok(clock.ordinal_of(peer, false, ordinal));
  EXPECT_EQ(ordinal, 1);
  ok(clock.ordinal_of({test::kGreaterPeer.data(), 3}, true, ordinal));
  EXPECT_EQ(ordinal, 2) << "a shorter id is another site";
  ByteView site;
  ok(clock.site_of(1, site));
  EXPECT_EQ(Blob(site.data, site.data + site.size), test::kPeer);
}

TEST_F(ClockTest, NoSiteAndOurOwnAreOrdinalZero) {
  begin();
  std::int64_t ordinal = -5;
  ok(clock.ordinal_of({}, true, ordinal));
  EXPECT_EQ(ordinal, 0);
  Bytes own;
  ok(clock.own_site(own));
  EXPECT_EQ(own.size(), 16U);
  ordinal = -5;
  ok(clock.ordinal_of({own.data(), own.size()}, true, ordinal));
  EXPECT_EQ(ordinal, 0);
}

TEST_F(ClockTest, AnOrdinalThatWasRolledBackIsForgotten) {
  begin();
  std::int64_t ordinal = 0;
  ok(clock.ordinal_of({test::kPeer.data(), 16}, true, ordinal));
  db.exec("ROLLBACK");
  begin();
  ok(clock.ordinal_of({test::kGreaterPeer.data(), 16}, true, ordinal));
  EXPECT_EQ(ordinal, 1);
  ok(clock.ordinal_of({test::kPeer.data(), 16}, false, ordinal));
  EXPECT_EQ(ordinal, -1);
}

TEST_F(ClockTest, AClockRowOfAnUnknownSiteIsCorruption) {
  ByteView site;
  const Status status = clock.site_of(77, site);
  EXPECT_EQ(status.code(), ErrorCode::kCorrupt);
  EXPECT_EQ(status.message(), "crsql_site_id has no site of ordinal 77, which a clock row names");
}

TEST_F(ClockTest, ADatabaseWithoutItsOwnSiteIsCorrupt) {
  db.exec("DELETE FROM crsql_site_id");
  Bytes own;
  EXPECT_EQ(clock.own_site(own).code(), ErrorCode::kCorrupt);
}

TEST_F(ClockTest, AKeyTableThatTakesNoKeyIsCorruption) {
  db.exec("CREATE TRIGGER odd BEFORE INSERT ON t__crsql_pks BEGIN SELECT raise(IGNORE); END");
  const auto error = db.error_of("INSERT INTO t VALUES (77, 1, 1)");
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "the index of \"t__crsql_pks\" disagrees with its table");
}

}  // namespace
}  // namespace rejoin::internal
