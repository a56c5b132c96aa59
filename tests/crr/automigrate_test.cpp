// crsql_automigrate: from any schema to the wanted one. What cr-sqlite does alike is in tests/oracle/scripts.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

std::optional<SqlError> migrate(const Database& db, const std::string& schema) {
  return db.error_of("SELECT crsql_automigrate(" + literal(Value(schema)) + ")");
}

Lines schema_and_changes(const Database& db) {
  Lines all = db.lines("SELECT name, sql FROM sqlite_master ORDER BY name");
  for (std::string& line : changes(db)) all.push_back(std::move(line));
  return all;
}

/// Migrates, expects that to succeed, and that a second time changes nothing.
void migrates(const Database& db, const std::string& schema) {
  const auto error = migrate(db, schema);
  ASSERT_FALSE(error) << error->what();
  const Lines after = schema_and_changes(db);
  const auto again = migrate(db, schema);
  ASSERT_FALSE(again) << again->what();
  EXPECT_EQ(schema_and_changes(db), after);
}

Lines names(const Database& db) {
  return db.lines("SELECT name FROM sqlite_master WHERE name NOT LIKE '%crsql%' AND sql IS NOT NULL ORDER BY name");
}

constexpr const char* kClset =
    "CREATE VIRTUAL TABLE IF NOT EXISTS foo_schema USING clset (id INTEGER PRIMARY KEY NOT NULL, n);";

TEST(Automigrate, AClsetTableMakesItsOwnTable) {
  const Database db;
  migrates(db, kClset);
  EXPECT_EQ(names(db), (Lines{"'foo'", "'foo_schema'"}));
  db.exec("INSERT INTO foo VALUES (1, 2)");
  EXPECT_EQ(changes(db), (Lines{"'n'|2|1|1|1|0"}));
}

TEST(Automigrate, AClsetTableTakesItsOwnTableWithIt) {
  const Database db;
  db.exec(std::string(kClset) + "INSERT INTO foo VALUES (1, 2)");
  migrates(db, "CREATE TABLE other (id)");
  EXPECT_EQ(names(db), (Lines{"'other'"}));
  EXPECT_EQ(changes(db), Lines{});
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 1);
}

TEST(Automigrate, ATableThatIsStillWantedOutlivesItsClsetTable) {
  const Database db;
  db.exec(std::string(kClset) + "INSERT INTO foo VALUES (1, 2)");
  migrates(db, "CREATE TABLE foo (id INTEGER PRIMARY KEY NOT NULL, n, m); SELECT crsql_as_crr('foo');");
  EXPECT_EQ(names(db), (Lines{"'foo'"}));
  EXPECT_EQ(db.lines("SELECT * FROM foo"), (Lines{"1|2|NULL"}));
  db.exec("UPDATE foo SET m = 3");
  EXPECT_EQ(changes(db), (Lines{"'n'|2|1|1|1|0", "'m'|3|1|2|1|0"}));
}

TEST(Automigrate, AClsetTablesColumnsComeAndGo) {
  const Database db;
  db.exec(std::string(kClset) + "INSERT INTO foo VALUES (1, 2)");
  migrates(db, "CREATE VIRTUAL TABLE foo_schema USING clset (id INTEGER PRIMARY KEY NOT NULL, m DEFAULT 7);");
  EXPECT_EQ(db.lines("SELECT * FROM foo"), (Lines{"1|7"}));
  db.exec("UPDATE foo SET m = 3");
  EXPECT_EQ(db.lines("SELECT cid, val FROM crsql_changes WHERE cid <> '-1'"), (Lines{"'m'|3"}));
}

TEST(Automigrate, AClsetTableDoesNotTakeATableThatIsThere) {
  const Database db;
  db.exec("CREATE TABLE foo (id INTEGER PRIMARY KEY NOT NULL, n); INSERT INTO foo VALUES (1, 2)");
  const Lines before = everything(db);
  const auto error = migrate(db, kClset);
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("foo"), std::string::npos) << error->what();
  EXPECT_EQ(everything(db), before);
}

TEST(Automigrate, OtherVirtualTablesComeAndGo) {
  const Database db;
  migrates(db, "CREATE VIRTUAL TABLE words USING fts5(word);");
  db.exec("INSERT INTO words VALUES ('here')");
  migrates(db, "CREATE VIRTUAL TABLE words USING fts5(word); CREATE TABLE t (id)");
  EXPECT_EQ(db.lines("SELECT word FROM words WHERE words MATCH 'here'"), (Lines{"'here'"}));
  migrates(db, "CREATE TABLE t (id)");
  EXPECT_EQ(names(db), (Lines{"'t'"}));
}

constexpr const char* kNumbers = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t');";

TEST(Automigrate, AViewThatIsReplacedKeepsItsTriggers) {
  const Database db;
  const std::string wanted = "CREATE TRIGGER wanted INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (1, 1, 1); END;";
  db.exec(std::string(kNumbers) + "CREATE VIEW v AS SELECT a FROM t;" + wanted +
          "CREATE TRIGGER unnamed INSTEAD OF DELETE ON v BEGIN DELETE FROM t; END;");
  migrates(db, std::string(kNumbers) + "CREATE VIEW v AS SELECT a, b FROM t;" + wanted);
  EXPECT_EQ(names(db), (Lines{"'t'", "'unnamed'", "'v'", "'wanted'"}));
  db.exec("INSERT INTO v VALUES (5, 6)");
  EXPECT_EQ(db.lines("SELECT * FROM v"), (Lines{"1|1"}));
  db.exec("DELETE FROM v");
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
}

// ALTER TABLE DROP COLUMN refuses while a view or trigger names the column.
TEST(Automigrate, AColumnGoesTogetherWithTheViewAndTheTriggerThatNameIt) {
  const Database db;
  db.exec(std::string(kNumbers) +
          "INSERT INTO t VALUES (1, 2, 3);"
          "CREATE VIEW v AS SELECT a, b FROM t;"
          "CREATE TRIGGER log AFTER UPDATE OF b ON t BEGIN SELECT new.b; END;");
  migrates(db,
           "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t');"
           "CREATE VIEW v AS SELECT a FROM t;"
           "CREATE TRIGGER log AFTER UPDATE OF a ON t BEGIN SELECT new.a; END;");
  EXPECT_EQ(db.lines("SELECT * FROM v"), (Lines{"2"}));
  EXPECT_EQ(db.lines("SELECT cid, val FROM crsql_changes"), (Lines{"'a'|2"}));
}

TEST(Automigrate, ViewsAndTriggersThatNobodyMentionsStay) {
  const Database db;
  db.exec(std::string(kNumbers) +
          "CREATE VIEW v AS SELECT a FROM t;"
          "CREATE TRIGGER log AFTER INSERT ON t BEGIN SELECT new.a; END;");
  migrates(db, "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, c); SELECT crsql_as_crr('t');");
  EXPECT_EQ(names(db), (Lines{"'log'", "'t'", "'v'"}));
}

TEST(Automigrate, AFailureChangesNothing) {
  const Database db;
  db.exec(std::string(kNumbers) + "INSERT INTO t VALUES (1, 2, 3); CREATE INDEX i ON t (a);");
  const Lines before = everything(db);
  const auto error = migrate(db,
                             "CREATE TABLE new (x); CREATE TABLE t (id NOT NULL, a NOT NULL, PRIMARY KEY (id, a));"
                             "SELECT crsql_as_crr('t');");
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("primary key of table \"t\""), std::string::npos) << error->what();
  EXPECT_EQ(everything(db), before);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_TRUE(migrate(db, "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL; "));
  EXPECT_EQ(everything(db), before);
}

TEST(Automigrate, ACrrTakesIndicesButNoUniqueOnes) {
  const Database db;
  db.exec(kNumbers);
  const std::string same = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t');";
  migrates(db, same + "CREATE INDEX i ON t (a);");
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_master WHERE name = 'i'"), 1);
  const Lines before = everything(db);
  EXPECT_TRUE(migrate(db, same + "CREATE UNIQUE INDEX j ON t (b);"));
  EXPECT_EQ(everything(db), before);
}

}  // namespace
}  // namespace rejoin::test
