// The walk over all tables' clock rows, and what is left out of it.
#include "crr/change_reader.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::Lines;

struct ChangeReaderTest : testing::Test {
  ChangeReaderTest() {
    db.exec(test::kTable);
    db.exec("CREATE TABLE u (x NOT NULL, y NOT NULL, PRIMARY KEY (y, x)); SELECT crsql_as_crr('u')");
  }
  /// "table cid@db_version.seq" of all changes in the range.
  Lines walk(ChangeRange range = {0, 1000, -1, -1, false, {}}) {
    EXPECT_TRUE(engine_of(db).enter_to_read().ok());
    ChangeReader reader(engine_of(db).catalogue(), engine_of(db).clock());
    Status status = reader.open(range);
    Lines out;
    for (; status.ok() && !reader.at_end(); status = reader.next()) {
      out.push_back(std::string(reader.table()) + " " + std::string(reader.column()) + "@" +
                    std::to_string(reader.db_version()) + "." + std::to_string(reader.seq()));
    }
    EXPECT_EQ(status.message(), "");
    return out;
  }
  Database db;
};

TEST_F(ChangeReaderTest, TablesAreWovenIntoOneOrder) {
  db.exec("BEGIN; INSERT INTO u VALUES (1, 1); INSERT INTO t VALUES (1, 1, 1); INSERT INTO u VALUES (2, 2); COMMIT");
  db.exec("INSERT INTO t VALUES (2, 2, 2); INSERT INTO u VALUES (3, 3); UPDATE t SET b = 9 WHERE id = 1");
  EXPECT_EQ(walk(), (Lines{"u -1@1.0", "t a@1.1", "u -1@1.3", "t a@2.0", "t b@2.1", "u -1@3.0", "t b@4.0"}));
  EXPECT_EQ(walk({2, 3, -1, -1, false, {}}), (Lines{"t a@2.0", "t b@2.1", "u -1@3.0"}));
  EXPECT_EQ(walk({1, 9, -1, -1, true, "u"}), (Lines{"u -1@1.0", "u -1@1.3", "u -1@3.0"}));
  EXPECT_EQ(walk({5, 9, -1, -1, false, {}}), Lines{});
  EXPECT_EQ(walk({1, 9, -1, -1, true, "nowhere"}), Lines{});
}

TEST_F(ChangeReaderTest, KeysComeInKeyOrderAndValuesAsTheyAreNow) {
  db.exec("INSERT INTO u VALUES ('x', 'y'); INSERT INTO t VALUES (300, NULL, 1.5); UPDATE t SET a = 'now'");
  ASSERT_TRUE(engine_of(db).enter_to_read().ok());
  ChangeReader reader(engine_of(db).catalogue(), engine_of(db).clock());
  ASSERT_TRUE(reader.open({0, 99, -1, -1, false, {}}).ok());
  ByteView packed = reader.packed_key();
  EXPECT_EQ(Blob(packed.data, packed.data + packed.size), test::key(db, "'y', 'x'"));
  EXPECT_EQ(reader.value(), nullptr) << "a sentinel has none";
  ASSERT_TRUE(reader.next().ok());
  packed = reader.packed_key();
  EXPECT_EQ(Blob(packed.data, packed.data + packed.size), test::key(db, "300"));
  EXPECT_EQ(sqlite3_value_double(reader.value()), 1.5);
  ASSERT_TRUE(reader.next().ok());
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_value_text(reader.value())), "now");
  EXPECT_EQ(reader.column_version(), 2);
  ASSERT_TRUE(reader.next().ok());
  EXPECT_TRUE(reader.at_end());
}

TEST_F(ChangeReaderTest, SitesAreLeftOutOrTakenAlone) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  test::merge(db, test::cell("a", std::int64_t{5}, 7));
  EXPECT_EQ(walk({0, 9, 0, -1, false, {}}), Lines{"t a@2.0"});
  EXPECT_EQ(walk({0, 9, 1, -1, false, {}}), Lines{"t b@1.1"});
  EXPECT_EQ(walk({0, 9, -1, 1, false, {}}), Lines{"t a@2.0"});
  EXPECT_EQ(walk({0, 9, -1, 0, false, {}}), Lines{"t b@1.1"});
}

TEST_F(ChangeReaderTest, EveryChangeOfARowTellsItsCausalLength) {
  db.exec(
      "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3); DELETE FROM t WHERE id < 3; INSERT INTO t VALUES (1, 0, "
      "0)");
  EXPECT_EQ(db.lines("SELECT pk, cid, cl FROM crsql_changes ORDER BY pk, cid"),
            (Lines{"x'010901'|'-1'|3", "x'010901'|'a'|3", "x'010901'|'b'|3", "x'010902'|'-1'|2", "x'010903'|'a'|1",
                   "x'010903'|'b'|1"}));
}

// A clock row that has no value any more says nothing that a peer could take.
TEST_F(ChangeReaderTest, WhatHasNoRowOrColumnIsPassedOver) {
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
  db.exec("SELECT crsql_internal_sync_bit(1); DELETE FROM t WHERE id = 1; SELECT crsql_internal_sync_bit(0)");
  db.exec("INSERT INTO t__crsql_clock VALUES (2, 'gone', 1, 1, 0, 9), (77, 'a', 1, 1, 0, 10)");
  EXPECT_EQ(walk(), (Lines{"t a@1.2", "t b@1.3"}));
}

TEST_F(ChangeReaderTest, AWalkGoesOnWhileTheTablesAreWritten) {
  db.exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i, i, i FROM "
      "n");
  test::Statement reading(db.handle(), "SELECT cid, val FROM crsql_changes WHERE db_version = 1");
  int rows = 0;
  while (reading.step()) {
    ++rows;
    if (rows == 10) db.exec("DELETE FROM t WHERE id > 40; INSERT INTO t VALUES (100, 0, 0); SELECT crsql_finalize()");
  }
  EXPECT_EQ(rows, 80);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE db_version > 1"), 12);
}

TEST_F(ChangeReaderTest, ValuesAreThoseOfTheirRowsInWhateverOrderRowsWereWritten) {
  db.exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO t SELECT i, i, i FROM "
      "n; DELETE FROM t WHERE id % 7 = 0; BEGIN");
  for (int i = 0; i < 60; ++i) {
    const std::string id = std::to_string(i * 23 % 60);
    db.exec("UPDATE t SET b = 'b' || id WHERE id = " + id + "; INSERT INTO u VALUES (" + id + ", 0)");
  }
  db.exec("UPDATE t SET a = 'a' || id WHERE id % 2; COMMIT");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE [table] = 't' AND cid <> '-1'"), 2 * (60 - 8));
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes AS c JOIN t ON crsql_pack_columns(t.id) = c.pk WHERE "
                       "[table] = 't' AND c.val IS CASE cid WHEN 'a' THEN a WHEN 'b' THEN b END"),
            2 * (60 - 8));
  const Lines walked = db.lines("SELECT db_version, seq FROM crsql_changes");
  EXPECT_EQ(walked, db.lines("SELECT db_version, seq FROM crsql_changes ORDER BY +db_version, +seq"));
}

/// Counts the statements that are begun on the connection, the engine's own included.
int statements_run(const Database& db, const std::string& sql) {
  int count = 0;
  sqlite3_trace_v2(
      db.handle(), SQLITE_TRACE_STMT,
      [](unsigned, void* counter, void*, void*) {
        ++*static_cast<int*>(counter);
        return 0;
      },
      &count);
  db.exec(sql);
  sqlite3_trace_v2(db.handle(), 0, nullptr, nullptr);
  return count;
}

TEST_F(ChangeReaderTest, APollWithoutNewsCostsTheSameForAnyNumberOfTables) {
  const auto poll = [](int since) {
    return "SELECT * FROM crsql_changes WHERE site_id IS NOT x'00' AND db_version > " + std::to_string(since);
  };
  db.exec("INSERT INTO t VALUES (1, 1, 1); INSERT INTO u VALUES (1, 1)");
  db.exec(poll(2));
  const int before = statements_run(db, poll(2));
  db.exec("BEGIN");
  for (int i = 0; i < 200; ++i) {
    const std::string name = "t" + std::to_string(i);
    db.exec("CREATE TABLE " + name + " (id PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('" + name + "')");
  }
  db.exec("COMMIT");
  db.exec(poll(2));
  EXPECT_EQ(statements_run(db, poll(2)), before);
  db.exec("INSERT INTO t7 VALUES (1, 1)");
  EXPECT_EQ(statements_run(db, poll(3)), before) << "this connection knows what it wrote itself";
  EXPECT_LE(statements_run(db, poll(2)), before + 3) << "only the table that has news is walked";
}

}  // namespace
}  // namespace rejoin::internal
