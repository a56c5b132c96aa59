// Tables with so many columns that a change of one of them does not read the row's other clocks.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/choices.hpp"

namespace rejoin::test {
namespace {

Database table_of(int columns) {
  Database db;
  std::string sql = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL";
  for (int i = 0; i < columns; ++i) sql += ", c" + std::to_string(i);
  db.exec(sql + "); SELECT crsql_as_crr('t')");
  return db;
}

constexpr const char* kChanges =
    "SELECT pk, cid, val, col_version, db_version, quote(site_id = crsql_site_id()), cl, seq FROM crsql_changes";

/// Any change of a table of eight columns: few rows, versions and lives, so that all meet.
Change any_change(Choices& random) {
  Change change = cell("c" + std::to_string(random.below(8)), static_cast<std::int64_t>(random.below(3)),
                       static_cast<std::int64_t>(1 + random.below(3)), static_cast<std::int64_t>(1 + random.below(4)));
  change.pk[2] = static_cast<std::uint8_t>(1 + random.below(3));
  if (random.below(4) == 0) {
    change.column = kSentinelColumn;
    change.value = {};
    change.column_version = change.causal_length;
  } else if (change.causal_length % 2 == 0) {
    ++change.causal_length;
  }
  if (random.below(2) == 0) change.site_id = kGreaterPeer;
  return change;
}

TEST(WideTables, AreMergedAsNarrowOnesAre) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Choices random = Choices::seeded(seed);
    const Database narrow = table_of(8);
    const Database wide = table_of(10);
    for (int step = 0; step < 60; ++step) {
      const Change change = any_change(random);
      const std::string where = " WHERE id = " + std::to_string(change.pk[2]);
      std::string local;
      switch (random.below(8)) {
        case 0:
          local = "UPDATE t SET c" + std::to_string(random.below(8)) + " = 7" + where;
          break;
        case 1:
          local = "DELETE FROM t" + where;
          break;
        default:
          break;
      }
      for (const Database* db : {&narrow, &wide}) {
        if (local.empty()) {
          merge(*db, change);
        } else {
          db->exec(local);
        }
      }
      ASSERT_EQ(narrow.lines(kChanges), wide.lines(kChanges)) << "seed " << seed << ", step " << step;
    }
    EXPECT_EQ(wide.lines("SELECT * FROM rejoin_check"), Lines{});
    EXPECT_EQ(narrow.lines("SELECT c0, c1, c2, c3, c4, c5, c6, c7 FROM t"),
              wide.lines("SELECT c0, c1, c2, c3, c4, c5, c6, c7 FROM t"));
  }
}

// A key row that someone has left without clock rows tells nothing.
TEST(WideTables, ARowOfWhichNothingIsRecordedIsNew) {
  const Database db = table_of(10);
  db.exec("INSERT INTO t__crsql_pks VALUES (1, 1)");
  merge(db, cell("c3", std::int64_t{5}, 1));
  EXPECT_EQ(db.lines("SELECT id, c3 FROM t"), Lines{"1|5"});
  EXPECT_EQ(clocks(db).size(), 1U);
}

// A clock row of a column that is not there any more, as a table that was altered without the engine leaves it.
TEST(WideTables, AClockOfAColumnThatIsGoneIsLeftAlone) {
  const Database db(":memory:");
  db.exec(std::string(kTable) +
          "; INSERT INTO t VALUES (1, 1, 1);"
          "INSERT INTO t__crsql_clock VALUES (1, 'gone', 3, 1, 0, 9)");
  merge(db, cell("a", std::int64_t{5}, 2));
  merge(db, cell("b", std::int64_t{6}, 2));
  EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|5|6"});
  EXPECT_EQ(db.integer("SELECT col_version FROM t__crsql_clock WHERE col_name = 'gone'"), 3);
}

// What a few rows are written by, one by one, and many together.
struct Leftovers : testing::Test {
  static Lines after(const char* damage, const char* write, bool together) {
    const Database db;
    db.exec(std::string(kTable) + "; INSERT INTO t VALUES (1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1)");
    db.exec(damage);
    db.exec("BEGIN");
    for (int row = 0; row < 4; ++row) {
      std::string sql = write;
      sql.replace(sql.find('$'), 1, std::to_string(row));
      db.exec(sql);
      if (!together) db.exec("SELECT count(*) FROM crsql_changes");  // stores it
    }
    db.exec("COMMIT");
    return db.lines(
        "SELECT id, cid, val, col_version, cl FROM crsql_changes AS c JOIN t ON crsql_pack_columns(id) = "
        "c.pk ORDER BY 1, 2");
  }
};

TEST_F(Leftovers, ClockRowsOfANewKeyRowWereAnothers) {
  const char* damage =
      "INSERT INTO t__crsql_clock SELECT 4 + value, 'a', 9, 1, 0, 0 FROM json_each('[1, 2, 3, 4]');"
      "INSERT INTO t__crsql_clock VALUES (6, 'b', 9, 1, 0, 0)";
  const char* write = "INSERT INTO t VALUES (10 + $, 2, 2)";
  EXPECT_EQ(after(damage, write, true), after(damage, write, false));
}

TEST_F(Leftovers, AKeyRowThatIsMissingIsMadeAgain) {
  const char* damage = "DELETE FROM t__crsql_pks WHERE id IN (2, 3)";
  const char* write = "UPDATE t SET a = 5, b = 6 WHERE id = 1 + $";
  EXPECT_EQ(after(damage, write, true), after(damage, write, false));
}

}  // namespace
}  // namespace rejoin::test
