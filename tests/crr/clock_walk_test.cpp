// One table's changes in order: versions that fit into memory, and those that do not.
#include "crr/clock_walk.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crr/fixture.hpp"
#include "support/choices.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::Lines;

constexpr std::int64_t kAll = 1000000;

ChangeRange until(std::int64_t last) {
  ChangeRange range;
  range.last_version = last;
  return range;
}

struct ClockWalkTest : testing::Test {
  ClockWalkTest() { db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, b, a, c); SELECT crsql_as_crr('t')"); }
  static void ok(const Status& status) { EXPECT_EQ(status.message(), ""); }

  std::shared_ptr<const Table> table() {
    ok(engine_of(db).enter_to_read());
    Status status;
    return engine_of(db).catalogue().find("t", status);
  }
  static std::string line(const Table& table, const ClockEntry& entry) {
    const std::string cell = entry.cell < 0 ? "-1" : table.cells[static_cast<std::size_t>(entry.cell)].name;
    return std::to_string(entry.db_version) + "." + std::to_string(entry.seq) + " " + std::to_string(entry.key) + cell +
           " " + std::to_string(entry.column_version) + " " + std::to_string(entry.site) + " " +
           std::to_string(entry.causal_length);
  }
  /// "version.seq key column col_version site causal length" of all changes of the range.
  Lines walk(const ChangeRange& range, std::size_t room = kMostHeldChanges) {
    const std::size_t most = room;
    const auto walked = table();
    ClockWalk walk(engine_of(db).clock());
    Lines out;
    ok(walk.open(*walked, range, room));
    bool more = false;
    for (Status status = walk.next(more);; status = walk.next(more)) {
      ok(status);
      if (!more || !status.ok()) break;
      out.push_back(line(*walked, walk.entry()));
      EXPECT_LE(room, most);
    }
    EXPECT_EQ(room, most) << "what was held was let go";
    return out;
  }
  /// The same by one plain statement.
  [[nodiscard]] Lines expected(const ChangeRange& range) const {
    Lines out;
    for (const test::Row& row : db.query(
             "SELECT db_version || '.' || seq || ' ' || key || col_name || ' ' || col_version || ' ' || site_id || ' ' "
             "|| ifnull((SELECT col_version FROM t__crsql_clock AS s WHERE s.key = c.key AND col_name = '-1'), 1) FROM "
             "t__crsql_clock AS c WHERE col_name IN ('-1', 'a', 'b', 'c') AND db_version BETWEEN " +
             std::to_string(range.first_version) + " AND " + std::to_string(range.last_version) +
             (range.not_site < 0 ? "" : " AND site_id <> " + std::to_string(range.not_site)) +
             (range.only_site < 0 ? "" : " AND site_id = " + std::to_string(range.only_site)) +
             " ORDER BY db_version, seq, key, col_name")) {
      out.push_back(std::get<std::string>(row[0]));
    }
    return out;
  }
  /// Writes clock rows as no history would leave them: seqs that meet, of any order, site and size.
  void scatter(test::Choices& choices, int rows) {
    const std::string numbers[] = {
        "0", "1", "2", "5", "65535", "65536", "4294967295", "4294967296", "4611686018427387"};
    for (int i = 0; i < rows; ++i) {
      const bool sentinel = choices.chance(20);
      db.exec("INSERT OR REPLACE INTO t__crsql_clock VALUES (" + std::to_string(choices.below(12) + 1) + ", '" +
              (sentinel ? "-1" : std::string(1, static_cast<char>('a' + choices.below(4)))) + "', " +
              (choices.chance(97) ? "1" : numbers[choices.below(9)]) + ", " + std::to_string(choices.below(6)) + ", " +
              (choices.chance(97) ? std::to_string(choices.below(3)) : numbers[choices.below(9)]) + ", " +
              (choices.chance(97) ? std::to_string(choices.below(8)) : numbers[choices.below(9)]) + ")");
    }
  }
  Database db;
};

TEST_F(ClockWalkTest, EveryRangeIsInOrderWhateverIsHeld) {
  test::Choices choices = test::Choices::seeded(7);
  for (int round = 0; round < 60; ++round) {
    db.exec("DELETE FROM t__crsql_clock");
    scatter(choices, 40);
    for (int i = 0; i < 8; ++i) {
      ChangeRange range;
      range.first_version = static_cast<std::int64_t>(choices.below(7)) - 1;
      range.last_version =
          choices.chance(50) ? kAll : range.first_version + static_cast<std::int64_t>(choices.below(3));
      if (choices.chance(30)) range.not_site = static_cast<std::int64_t>(choices.below(3));
      if (choices.chance(30)) range.only_site = static_cast<std::int64_t>(choices.below(3));
      for (const std::size_t most : {kMostHeldChanges, std::size_t{1}, std::size_t{3}, std::size_t{10}}) {
        ASSERT_EQ(walk(range, most), expected(range)) << round << " " << most;
      }
    }
  }
}

TEST_F(ClockWalkTest, TheOrderHoldsWithoutTheIndexAndWithUnorderedReadsReversed) {
  test::Choices choices = test::Choices::seeded(8);
  scatter(choices, 60);
  const ChangeRange all = until(kAll);
  const Lines wanted = expected(all);
  db.exec("PRAGMA reverse_unordered_selects = ON");
  EXPECT_EQ(walk(all), wanted);
  EXPECT_EQ(walk(all, 4), wanted);
  db.exec("DROP INDEX t__crsql_clock_dbv_idx");
  EXPECT_EQ(walk(all), wanted);
  EXPECT_EQ(walk(all, 4), wanted);
  db.exec("PRAGMA reverse_unordered_selects = OFF; ANALYZE");
  EXPECT_EQ(walk(all), wanted);
}

TEST_F(ClockWalkTest, NothingIsLeftRunningAtTheEnd) {
  db.exec("INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2); UPDATE t SET a = 3");
  const auto running = [&] {
    int count = 0;
    for (sqlite3_stmt* at = sqlite3_next_stmt(db.handle(), nullptr); at != nullptr;
         at = sqlite3_next_stmt(db.handle(), at)) {
      count += sqlite3_stmt_busy(at) != 0 ? 1 : 0;
    }
    return count;
  };
  for (std::size_t room : {kMostHeldChanges, std::size_t{1}}) {
    const auto walked = table();
    ClockWalk walk(engine_of(db).clock());
    ok(walk.open(*walked, until(kAll), room));
    for (bool more = true; more;) ok(walk.next(more));
    EXPECT_EQ(running(), 0);
  }
  test::Statement reading(db.handle(), "SELECT cid FROM crsql_changes");
  EXPECT_TRUE(reading.step());
  EXPECT_GT(running(), 1);
  reading.reset();
  EXPECT_EQ(running(), 0);
}

// What is written while a walk goes on is not part of it, and nothing is shown twice.
TEST_F(ClockWalkTest, WritesDuringAWalkDoNotDisturbIt) {
  db.exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) INSERT INTO t SELECT i, i, i, i "
      "FROM n; UPDATE t SET c = c + 1; UPDATE t SET b = 0 WHERE id > 10");
  for (std::size_t room : {kMostHeldChanges, std::size_t{8}}) {
    const std::size_t most = room;
    const auto walked = table();
    std::int64_t last = 0;
    ok(engine_of(db).clock().max_version(last));
    ClockWalk walk(engine_of(db).clock());
    ok(walk.open(*walked, until(last), room));
    bool more = true;
    std::set<std::string> seen;
    for (int i = 0; more; ++i) {
      ok(walk.next(more));
      if (!more) break;
      EXPECT_TRUE(seen.insert(std::to_string(walk.entry().key) + "/" + std::to_string(walk.entry().cell)).second);
      EXPECT_LE(walk.entry().db_version, last);
      if (i % 5 == 0) {
        db.exec("UPDATE t SET a = a + 1 WHERE id % 3 = 0; DELETE FROM t WHERE id = " + std::to_string(20 - i / 5) +
                "; INSERT INTO t VALUES (" + std::to_string(100 + i + static_cast<int>(most)) + ", 0, 0, 0)");
      }
    }
    EXPECT_GT(seen.size(), 30U);
  }
}

TEST_F(ClockWalkTest, ValuesComeWithTheirChangesInAVersionThatIsTooLarge) {
  // A col_version that a held change has no room for sends the whole version the other way.
  db.exec("BEGIN; INSERT INTO t VALUES (1, 'b1', 'a1', 'c1'), (2, 'b2', 'a2', 'c2'); COMMIT");
  const auto changes = [&] { return db.lines("SELECT pk, cid, val, db_version, seq, cl FROM crsql_changes"); };
  const Lines before = changes();
  ASSERT_EQ(before.size(), 6U);
  db.exec("UPDATE t__crsql_clock SET col_version = 4294967296 WHERE key = 2 AND col_name = 'c'");
  EXPECT_EQ(changes(), before);
  EXPECT_EQ(db.integer("SELECT max(col_version) FROM crsql_changes"), 4294967296);
}

TEST_F(ClockWalkTest, AVersionThatIsNoIntegerIsNoNewsAndEndsNothing) {
  db.exec(
      "INSERT INTO t VALUES (1, 'b1', 'a1', 'c1'), (2, 'b2', 'a2', 'c2'), (3, 'b3', 'a3', 'c3');"
      "CREATE TABLE copy AS SELECT * FROM t__crsql_clock; DROP TABLE t__crsql_clock;"
      "CREATE TABLE t__crsql_clock (key, col_name, col_version, db_version, site_id, seq, PRIMARY KEY (key, "
      "col_name)) WITHOUT ROWID;"
      "INSERT INTO t__crsql_clock SELECT * FROM copy");
  for (const std::string version : {"x''", "x'ff'", "'text'", "1.5"}) {
    db.exec("SAVEPOINT s; UPDATE t__crsql_clock SET db_version = " + version + ", seq = -1 WHERE key = 2");
    EXPECT_EQ(walk(until(kAll)).size(), 6U) << version;
    EXPECT_EQ(walk(until(kAll), 1).size(), 6U) << version;
    EXPECT_LE(db.lines("SELECT * FROM crsql_changes").size(), 6U) << version;
    EXPECT_NE(db.lines("SELECT * FROM rejoin_check"), Lines{}) << version;
    db.exec("ROLLBACK TO s; RELEASE s");
  }
}

TEST_F(ClockWalkTest, NoOneElseCallsTheFunctionOrReadsTheKey) {
  EXPECT_EQ(test::error_of(db, "SELECT crsql_internal_clock(1, 2, 3, 4, 5, 6, 7, 8)"),
            "crsql_internal_clock: for the engine alone");
  EXPECT_EQ(db.lines("SELECT * FROM crsql_internal_wanted_key"), Lines{});
  EXPECT_EQ(db.lines("SELECT * FROM crsql_internal_wanted_key(5)"), Lines{});
}

// Results are copies: SQLite keeps what max() has seen while the walk goes on.
TEST_F(ClockWalkTest, AggregatesKeepWhatTheySaw) {
  db.exec("INSERT INTO t VALUES (1, 1, 'x', 1), (300, 2, 'long enough for a buffer of its own ...........', 2)");
  EXPECT_EQ(db.lines("SELECT max(pk), min(pk), max(cid), min(\"table\"), max(val) FROM crsql_changes"),
            Lines{"x'0111012c'|x'010901'|'c'|'t'|'x'"});
}

}  // namespace
}  // namespace rejoin::internal
