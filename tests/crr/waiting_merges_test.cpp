// Clocks of merged changes wait in memory until they must be seen: nothing may tell that they do.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

Change of_row(std::int64_t id, std::string column, Value value, std::int64_t version) {
  Change change = cell(std::move(column), std::move(value), version);
  change.pk = {1, 9, static_cast<std::uint8_t>(id)};
  change.seq = id;
  return change;
}

void merge_rows(const Database& db, std::int64_t first, std::int64_t last, std::int64_t version) {
  for (std::int64_t id = first; id <= last; ++id) {
    merge(db, of_row(id, "b", id, version));
    merge(db, of_row(id, "a", "of version " + std::to_string(version), version));
  }
}

Lines shadow_rows(const Database& db) {
  Lines lines = db.lines("SELECT c.*, k.* FROM t__crsql_clock c JOIN t__crsql_pks k ON k.__crsql_key = c.key");
  for (std::string& line : db.lines("SELECT * FROM t ORDER BY 1")) lines.push_back(std::move(line));
  return lines;
}

/// The same work on two databases, on one of which every clock is written at once.
template <typename Work>
void expect_no_difference(Work&& work) {
  Lines lines[2];
  for (const bool wait : {false, true}) {
    const Database db;
    db.exec(kTable);
    db.exec("CREATE TABLE other (x UNIQUE)");
    work(db, [&] {
      if (!wait) db.exec("SELECT count(*) FROM crsql_changes");
    });
    lines[wait ? 1 : 0] = shadow_rows(db);
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
  EXPECT_FALSE(lines[0].empty());
  EXPECT_EQ(lines[0], lines[1]);
}

// What statements of the application roll back must not take along what was merged before them.
TEST(WaitingMerges, SurviveAStatementThatIsUndone) {
  const char* const failing[] = {
      "INSERT INTO other SELECT 1 UNION ALL SELECT 1",
      "INSERT INTO t (id) SELECT 70 UNION ALL SELECT 70",
      "UPDATE t SET id = 5, a = 'x'",
      "INSERT INTO crsql_changes SELECT 't', x'010909', 'a', 1, 9, 1, x'aa', 1, 0 UNION ALL SELECT 't', 0, 0, 0, 0, 0, "
      "0, 0, 0",
  };
  for (const char* sql : failing) {
    expect_no_difference([&](const Database& db, auto&& seen) {
      for (const std::int64_t version : {1, 2}) {  // rows that are new, and rows that are known
        db.exec("BEGIN");
        merge_rows(db, 1, 9, version);
        seen();
        EXPECT_NE(error_of(db, sql), "") << sql;
        merge_rows(db, 7, 12, version + 1);
        EXPECT_NE(error_of(db, sql), "") << sql;
        db.exec("COMMIT");
      }
      EXPECT_EQ(db.integer("SELECT count(*) FROM t__crsql_clock"), 24) << sql;
    });
  }
}

TEST(WaitingMerges, GoBackWithASavepointAndNoFurther) {
  expect_no_difference([](const Database& db, auto&& seen) {
    db.exec("BEGIN");
    merge_rows(db, 1, 4, 1);
    seen();
    db.exec("SAVEPOINT one");
    merge_rows(db, 3, 6, 2);
    seen();
    db.exec("SAVEPOINT two");
    merge_rows(db, 5, 8, 3);
    seen();
    db.exec("RELEASE two");
    merge_rows(db, 8, 9, 4);
    seen();
    db.exec("ROLLBACK TO one");
    merge_rows(db, 4, 5, 2);
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT id, a FROM t"), (Lines{"1|'of version 1'", "2|'of version 1'", "3|'of version 1'",
                                                      "4|'of version 2'", "5|'of version 2'"}));
  });
}

TEST(WaitingMerges, MeetLocalWritesInTheOrderInWhichTheyWereDone) {
  expect_no_difference([](const Database& db, auto&& seen) {
    db.exec("BEGIN");
    merge_rows(db, 1, 5, 7);
    seen();
    db.exec("UPDATE t SET a = 'local' WHERE id > 2; INSERT INTO t VALUES (6, 'local', 0)");
    seen();
    merge_rows(db, 4, 7, 8);
    seen();
    db.exec("DELETE FROM t WHERE id = 4; DELETE FROM t WHERE id = 7; UPDATE t SET b = 9 WHERE id = 5");
    merge_rows(db, 3, 7, 9);
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT id, a FROM t"), (Lines{"1|'of version 7'", "2|'of version 7'", "3|'of version 9'",
                                                      "5|'of version 9'", "6|'of version 9'"}));
  });
}

TEST(WaitingMerges, LivesThatEndAmongThem) {
  expect_no_difference([](const Database& db, auto&& seen) {
    db.exec("BEGIN");
    merge_rows(db, 1, 4, 1);
    seen();
    for (const std::int64_t cl : {2, 3}) {
      Change change = life(cl);
      change.pk = {1, 9, 2};
      merge(db, change);
      seen();
      merge_rows(db, 2, 3, 5);
      change.pk = {1, 9, 9};
      merge(db, change);
    }
    Change change = cell("a", "later", 1, 5);
    change.pk = {1, 9, 3};
    merge(db, change);
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT id, a, b FROM t"),
              (Lines{"1|'of version 1'|1", "2|NULL|NULL", "3|'later'|3", "4|'of version 1'|4", "9|NULL|NULL"}));
  });
}

// Where a key column has no type, 1 and 1.0 are one key, whose packed bytes differ; so are '1' and 1 where it is a
// number.
TEST(WaitingMerges, KnowARowByItsValueNotByItsBytes) {
  const std::vector<std::pair<const char*, std::vector<const char*>>> cases = {{"k", {"1", "1.0"}},
                                                                               {"k INTEGER", {"1", "'1'", "1.0"}},
                                                                               {"k TEXT", {"'1'", "1"}},
                                                                               {"k REAL", {"0.0", "-0.0", "0"}}};
  for (const auto& [column, keys] : cases) {
    const Database db;
    db.exec("CREATE TABLE t (" + std::string(column) + " PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')");
    for (int round = 0; round < 2; ++round) {
      db.exec("BEGIN");
      std::int64_t version = 0;
      for (const char* key_sql : keys) {
        Change change = cell("a", version, 10 - version);
        change.pk = key(db, key_sql);
        merge(db, change);
        ++version;
      }
      db.exec("COMMIT");
      EXPECT_EQ(db.lines("SELECT a FROM t"), Lines{"0"}) << column;
      EXPECT_EQ(db.lines("SELECT col_version FROM t__crsql_clock"), Lines{"10"}) << column;
    }
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{}) << column;
  }
}

TEST(WaitingMerges, LeaveWhatTheConnectionSaysOfTheLastStatement) {
  const Database db;
  db.exec(kTable);
  db.exec("CREATE TABLE other (id INTEGER PRIMARY KEY)");
  for (const std::int64_t version : {1, 2}) {
    db.exec("BEGIN");
    merge_rows(db, 1, 9, version);
    db.exec("REPLACE INTO other VALUES (41), (42), (43)");
    merge(db, of_row(3, "a", "again", 9));
    EXPECT_EQ(db.lines("SELECT changes(), last_insert_rowid()"), Lines{"1|43"});
    db.exec("DELETE FROM other WHERE id < 43");
    db.exec("SELECT crsql_db_version()");
    EXPECT_EQ(db.lines("SELECT changes(), last_insert_rowid()"), Lines{"2|43"});
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT changes(), last_insert_rowid()"), Lines{"2|43"});
  }
}

TEST(WaitingMerges, AreWrittenWhenThereAreMany) {
  const Database db;
  db.exec("CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); BEGIN");
  const auto written = [&] { return db.integer("SELECT count(*) FROM t__crsql_clock"); };
  constexpr int kRows = 60;
  int waited = 0;
  for (int i = 0; i < kRows; ++i) {
    Change change = cell("a", std::int64_t{i}, 1);
    change.pk = key(db, "CAST(zeroblob(" + std::to_string(100000 + i) + ") AS BLOB)");
    const std::int64_t before = written();
    merge(db, change);
    waited = written() == before ? waited + 1 : 0;
    EXPECT_LE(waited, 3) << "half a megabyte, of two copies of each key";
  }
  EXPECT_GT(written(), 0);
  db.exec("COMMIT");
  EXPECT_EQ(written(), kRows);
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
}

TEST(WaitingMerges, OfATableThatIsGoneGoWithIt) {
  for (const char* end : {"DROP TABLE t", "SELECT crsql_as_table('t')", "ALTER TABLE t RENAME TO renamed"}) {
    const Database db;
    db.exec(kTable);
    db.exec(
        "CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('u'); CREATE TABLE other (x); BEGIN");
    merge_rows(db, 1, 5, 1);
    Change change = cell("a", "kept", 1);
    change.table = "u";
    merge(db, change);
    db.exec(end);
    db.exec("SAVEPOINT s; INSERT INTO other SELECT 1 UNION ALL SELECT 2");
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT [table], cid, val FROM crsql_changes"), Lines{"'u'|'a'|'kept'"}) << end;
  }
}

}  // namespace
}  // namespace rejoin::test
