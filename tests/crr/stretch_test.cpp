// Writes that are stored together leave what each of them leaves by itself.
#include "crr/stretch.hpp"

#include <gmock/gmock.h>

#include "crr/fixture.hpp"
#include "crr/format.hpp"
#include "support/choices.hpp"

namespace rejoin::test {
namespace {

using testing::HasSubstr;

constexpr const char* kTables =
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, \"!\"); SELECT crsql_as_crr('t');"
    "CREATE TABLE u (x NOT NULL, y NOT NULL, v, PRIMARY KEY (x, y)) WITHOUT ROWID; SELECT crsql_as_crr('u');"
    "CREATE TABLE k (id BLOB PRIMARY KEY NOT NULL); SELECT crsql_as_crr('k')";

/// All that was written, but for the numbers of key rows.
Lines outcome(const Database& db) {
  Lines all = db.lines("SELECT * FROM t ORDER BY 1");
  for (const char* sql : {"SELECT * FROM u ORDER BY 1, 2", "SELECT * FROM k ORDER BY 1", "SELECT * FROM rejoin_check()",
                          "SELECT \"table\", pk, cid, val, col_version, db_version, cl, seq FROM crsql_changes ORDER "
                          "BY db_version, seq, 1",
                          "SELECT crsql_db_version(), crsql_get_seq()"}) {
    for (std::string& line : db.lines(sql)) all.push_back(std::move(line));
  }
  return all;
}

/// Two databases to which the same is done; the second one stores each write at once.
struct Twins {
  Database together;
  Database one_by_one;

  explicit Twins(const std::string& sql = kTables) {
    together.exec(sql);
    one_by_one.exec(sql);
  }
  void exec(const std::string& sql) const {
    together.exec(sql);
    one_by_one.exec(sql);
    const std::int64_t changes = sqlite3_changes64(together.handle());
    EXPECT_EQ(changes, sqlite3_changes64(one_by_one.handle())) << sql;
    one_by_one.exec("SELECT count(*) FROM crsql_changes");
    EXPECT_EQ(changes, sqlite3_changes64(one_by_one.handle())) << "reading after " << sql;
  }
  void expect_equal(const std::string& about) const {
    const std::int64_t changes = sqlite3_changes64(together.handle());
    EXPECT_EQ(changes, sqlite3_changes64(one_by_one.handle())) << about;
    ASSERT_EQ(outcome(together), outcome(one_by_one)) << about;
  }
};

std::string random_write(Choices& choices, std::uint64_t rows) {
  const auto number = [&](std::uint64_t below) { return std::to_string(1 + choices.below(below)); };
  const auto pair = [&] { return number(5) + (choices.chance(30) ? ".0, " : ", ") + number(rows); };
  switch (choices.below(12)) {
    case 0:
    case 1:
      return "INSERT OR IGNORE INTO t VALUES (" + number(rows) + ", " + number(3) + ", 0, 0)";
    case 2:
      return "INSERT INTO t VALUES (" + number(rows) +
             ", 7, 7, 7) ON CONFLICT DO UPDATE SET b = 1 - b, a = " + number(3);
    case 3:
      return "INSERT OR REPLACE INTO t VALUES (" + number(rows) + ", 8, " + number(9) + ", 0)";
    case 4:
      return "UPDATE t SET a = " + number(9) + " WHERE id = " + number(rows);
    case 5:
      return "UPDATE t SET b = a, a = b, \"!\" = " + number(9) + " WHERE id = " + number(rows);
    case 6:
      return "DELETE FROM t WHERE id = " + number(rows);
    case 7:
      return "UPDATE OR IGNORE t SET id = " + number(rows) + " WHERE id = " + number(rows);
    case 8:
      return "INSERT OR REPLACE INTO u VALUES (" + pair() + ", " + number(4) + ")";
    case 9:
      return "DELETE FROM u WHERE (x, y) = (" + pair() + ")";
    case 10:
      return "INSERT OR IGNORE INTO k VALUES (" + number(rows) + (choices.chance(50) ? ")" : ".0)");
    default:
      return "DELETE FROM k WHERE id = " + number(rows);
  }
}

void play(const Twins& twins, Choices& choices) {
  const std::uint64_t rows = choices.chance(50) ? 400 : 30;
  bool savepoint = false;
  std::string log;
  twins.exec("BEGIN");
  for (std::size_t left = 10 + choices.index(200); left > 0; --left) {
    std::string sql = random_write(choices, rows);
    if (choices.chance(3)) sql = savepoint ? (choices.chance(60) ? "ROLLBACK TO s" : "RELEASE s") : "SAVEPOINT s";
    if (sql == "RELEASE s") savepoint = false;
    if (sql == "SAVEPOINT s") savepoint = true;
    log += sql + ";\n";
    twins.exec(sql);
  }
  twins.exec("COMMIT");
  twins.expect_equal(log);
}

TEST(Stretch, MixedWritesLeaveWhatEachLeavesByItself) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Choices choices = Choices::seeded(seed);
    const Twins twins;
    if (choices.chance(30)) {
      for (const Database* db : {&twins.together, &twins.one_by_one}) db->exec("PRAGMA recursive_triggers = ON");
    }
    for (int transaction = 0; transaction < 3; ++transaction) {
      play(twins, choices);
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ", transaction " << transaction;
    }
  }
}

TEST(Stretch, AKeyThatIsAnotherNumberToThePeersAloneIsTheSameRow) {
  const Twins twins;
  twins.exec("INSERT INTO k VALUES (1), (2), (3), (4)");
  twins.exec("BEGIN");
  for (const char* sql : {"DELETE FROM k WHERE id = 1", "DELETE FROM k WHERE id = 2", "DELETE FROM k WHERE id = 3",
                          "INSERT INTO k VALUES (5)", "INSERT INTO k VALUES (1.0)", "INSERT INTO k VALUES (7.5)"}) {
    twins.exec(sql);
  }
  twins.exec("COMMIT");
  twins.expect_equal("1 and 1.0");
  EXPECT_EQ(twins.together.lines("SELECT * FROM k ORDER BY 1"), (Lines{"1.0", "4", "5", "7.5"}));
  EXPECT_EQ(twins.together.lines("SELECT cl FROM crsql_changes WHERE pk = x'010901'"), Lines{"3"});
}

const std::string kNumbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) ";

// The twin's statements are of many rows here, too, but on a table whose rows are written one after the other.
TEST(Stretch, ManyRowsOfOneStatement) {
  const Database plain(":memory:", Engine::kAbsent);
  const Database db;
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, c);";
  plain.exec(table);
  db.exec(table + "SELECT crsql_as_crr('t')");
  std::int64_t version = 0;
  for (const std::string& sql :
       {kNumbers + "INSERT INTO t SELECT i, i, i, i FROM n",
        std::string("UPDATE t SET a = a + 1, b = b + 1, c = c + 1"),
        std::string("UPDATE t SET a = a + 1, b = iif(id % 3 = 0, b, -b), c = c + 1"),
        std::string("UPDATE t SET b = b + 1"), std::string("UPDATE t SET c = iif(id % 7 = 0, 0, c)"),
        kNumbers + "REPLACE INTO t SELECT i + 150, 0, 0, 0 FROM n", std::string("DELETE FROM t WHERE id % 4 = 0"),
        kNumbers + "INSERT INTO t SELECT 4 * i, 1, 1, 1 FROM n", kNumbers + "REPLACE INTO t SELECT i, 2, 2, 2 FROM n",
        kNumbers + "INSERT INTO t SELECT i * 3, i, i, i FROM n WHERE true ON CONFLICT DO UPDATE SET c = -excluded.c"}) {
    const Lines before = db.lines("SELECT * FROM t");
    for (const Database* each : {&db, &plain}) each->exec("BEGIN; " + sql + "; COMMIT");
    EXPECT_EQ(sqlite3_changes64(db.handle()), sqlite3_changes64(plain.handle())) << sql;
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check()"), Lines{}) << sql;
    ++version;
    EXPECT_EQ(db.integer("SELECT count(*) = max(seq) + 1 AND count(DISTINCT seq) = max(seq) + 1 AND min(seq) = 0 FROM "
                         "crsql_changes WHERE db_version = " +
                         std::to_string(version)),
              1)
        << sql;
    EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_internal_rows"), 0) << sql;
  }
  EXPECT_EQ(db.lines("SELECT cid, val, col_version, cl FROM crsql_changes WHERE pk = crsql_pack_columns(6) ORDER BY 1"),
            (Lines{"'a'|2|4|1", "'b'|2|4|1", "'c'|-2|5|1"}));
}

// Long lists of neighbours are walked through, others are looked up.
TEST(Stretch, ManyNeighboursAndManyStrangers) {
  const Twins twins;
  const auto each = [&](const std::string& before, int step, int from, const std::string& after) {
    twins.exec("BEGIN");
    for (int id = from; id <= 400; id += step) twins.exec(before + std::to_string(id) + after);
    twins.exec("COMMIT");
    twins.expect_equal(before + "…" + after + " by " + std::to_string(step));
  };
  each("INSERT INTO t VALUES (", 1, 1, ", 0, 0, 0)");
  for (const Database* db : {&twins.together, &twins.one_by_one})
    db->exec("DELETE FROM t__crsql_clock WHERE key % 50 = 7 AND col_name = 'b'");
  for (const int step : {1, 2, 3}) {
    each("UPDATE t SET b = b + 1 WHERE id = ", step, 1, "");
    each("UPDATE t SET a = a + 1, b = b + 1, \"!\" = a WHERE id = ", step, 1, "");
    each("UPDATE t SET b = b + 1, a = iif(id % 5 = 0, a, b) WHERE id = ", step, 1, "");
    each("REPLACE INTO t VALUES (", step, 1, ", 5, 5, 5)");
  }
  each("DELETE FROM t WHERE id = ", 2, 1, "");
  each("REPLACE INTO t VALUES (", 1, 1, ", 6, 6, 6)");
  each("UPDATE t SET b = b + 1 WHERE id = ", 1, 1, "");
  each("DELETE FROM t WHERE id = ", 1, 200, "");
  each("INSERT INTO t VALUES (", 1, 200, ", 7, 7, 7)");
}

TEST(Stretch, UpdatedCellsThatHaveNoClockRowGetOne) {
  const Twins twins;
  twins.exec("BEGIN");
  for (int i = 1; i <= 8; ++i) twins.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", 0, 0, 0)");
  twins.exec("COMMIT");
  for (const Database* db : {&twins.together, &twins.one_by_one})
    db->exec("DELETE FROM t__crsql_clock WHERE col_name = iif(key % 2, 'a', 'b')");
  for (const std::string set : {"a = 1", "a = 2, b = 2, \"!\" = 2", "b = 3"}) {
    twins.exec("BEGIN");
    for (int i = 1; i <= 8; ++i) twins.exec("UPDATE t SET " + set + " WHERE id = " + std::to_string(i));
    twins.exec("COMMIT");
    twins.expect_equal(set);
  }
  EXPECT_EQ(twins.together.lines("SELECT col_name, col_version FROM t__crsql_clock WHERE key = 1"),
            (Lines{"'!'|2", "'a'|2", "'b'|3"}));
}

TEST(Stretch, ANameThatTheTableLacksIsLeftAlone) {
  const Database db;
  db.exec(kTables);
  db.exec("INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)");
  db.exec("INSERT INTO t__crsql_clock VALUES (2, 'gone', 7, 1, 0, 9)");
  db.exec("UPDATE t SET a = 0, b = 0, \"!\" = 0");
  EXPECT_EQ(db.lines("SELECT * FROM t__crsql_clock WHERE col_name = 'gone'"), Lines{"2|'gone'|7|1|0|9"});
  EXPECT_EQ(db.integer("SELECT count(*) FROM t__crsql_clock WHERE col_version = 2"), 9);
}

TEST(Stretch, ALastVersionIsFoundAmongMany) {
  const std::int64_t last = internal::kVersionLimit - 1;
  for (const char* sql : {"UPDATE t SET a = -1", "UPDATE t SET a = -1, b = -1", "REPLACE INTO t SELECT id, 9, 9 FROM t",
                          "INSERT INTO t SELECT id, 9, 9 FROM t WHERE true ON CONFLICT DO UPDATE SET a = 9, b = 9"}) {
    const Database db;
    db.exec(kTable);
    db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)");
    merge(db, cell("a", "theirs", last));
    const Lines before = everything(db);
    EXPECT_THAT(error_of(db, sql), HasSubstr("column \"a\" of a row has reached the last col_version")) << sql;
    EXPECT_EQ(everything(db), before);
    db.exec("UPDATE t SET b = -b");
    merge(db, life(last));
    EXPECT_THAT(error_of(db, "REPLACE INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)"),
                HasSubstr("a row has reached the last causal length"));
  }
}

TEST(Stretch, SomebodyElsesLargestKeyNumberIsNoObstacle) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1); UPDATE t__crsql_pks SET __crsql_key = 9223372036854775807");
  db.exec("UPDATE t__crsql_clock SET key = 9223372036854775807");
  db.exec("REPLACE INTO t VALUES (1, 2, 2), (2, 2, 2), (3, 3, 3), (4, 4, 4)");
  EXPECT_EQ(db.lines("SELECT pk, col_version, seq FROM crsql_changes WHERE cid = 'a'"),
            (Lines{"x'010901'|2|0", "x'010902'|1|2", "x'010903'|1|4", "x'010904'|1|6"}));
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check()"), Lines{});
}

TEST(Stretch, SeqsOfNothingListedAreNone) {
  const Database db;
  EXPECT_EQ(db.lines("SELECT crsql_internal_seq(1, 'a')"), Lines{"NULL"});
}

}  // namespace
}  // namespace rejoin::test
