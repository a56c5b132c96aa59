// CREATE VIRTUAL TABLE t_schema USING clset (...): table t as a CRR, and all of it gone again when the virtual table
// is.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kClset =
    "CREATE VIRTUAL TABLE foo_schema USING clset (id INTEGER PRIMARY KEY NOT NULL, name TEXT DEFAULT 'a,b', n)";

/// The names in the schema that have to do with `word`.
Lines names(const Database& db, const std::string& word) {
  return db.lines("SELECT name FROM sqlite_master WHERE name LIKE '%" + word + "%' ORDER BY name");
}

const Lines kWholeFoo = {"'foo'",
                         "'foo__crsql_clock'",
                         "'foo__crsql_clock_dbv_idx'",
                         "'foo__crsql_dtrig'",
                         "'foo__crsql_itrig'",
                         "'foo__crsql_pks'",
                         "'foo__crsql_pks_pks'",
                         "'foo__crsql_utrig'",
                         "'foo_schema'"};

TEST(ClsetTable, MakesTheTableAndUpgradesIt) {
  const Database db;
  db.exec(kClset);
  EXPECT_EQ(names(db, "foo"), kWholeFoo);
  EXPECT_EQ(db.text("SELECT sql FROM sqlite_master WHERE name = 'foo'"),
            "CREATE TABLE \"foo\" (id INTEGER PRIMARY KEY NOT NULL,name TEXT DEFAULT 'a,b',n)");
  db.exec("INSERT INTO foo (id, n) VALUES (1, 2)");
  EXPECT_EQ(changes(db), (Lines{"'name'|'a,b'|1|1|1|0", "'n'|2|1|1|1|1"}));
}

TEST(ClsetTable, WorksInsideATransactionAndGoesWithIt) {
  const Database db;
  db.exec("BEGIN; CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
  db.exec(kClset);
  db.exec("INSERT INTO foo VALUES (1, 'x', 2)");
  EXPECT_EQ(changes(db).size(), 2U);
  db.exec("ROLLBACK");
  EXPECT_EQ(names(db, "foo"), Lines{});
  EXPECT_EQ(changes(db), Lines{});
  db.exec(kClset);
  EXPECT_EQ(names(db, "foo"), kWholeFoo);
}

TEST(ClsetTable, HasTheColumnsOfTheReferenceAndNoRows) {
  const Database db;
  db.exec(kClset);
  EXPECT_EQ(db.lines("SELECT name, type, hidden FROM pragma_table_xinfo('foo_schema')"),
            (Lines{"'alteration'|'TEXT'|1", "'schema'|'TEXT'|1"}));
  EXPECT_EQ(db.lines("SELECT alteration, schema FROM foo_schema"), Lines{});
  EXPECT_TRUE(db.error_of("INSERT INTO foo_schema (alteration) VALUES ('x')"));
  EXPECT_TRUE(db.error_of("SELECT * FROM clset"));
}

// A failure leaves nothing behind, and what the application's transaction did before stays.
TEST(ClsetTable, FailureLeavesNothingBehind) {
  const Database db;
  db.exec("CREATE TABLE taken (x); CREATE VIEW seen AS SELECT 1; SELECT crsql_site_id()");
  const auto fails = [&](const std::string& sql, const std::string& why) {
    const Lines before = everything(db);
    EXPECT_NE(error_of(db, sql).find(why), std::string::npos) << error_of(db, sql);
    EXPECT_EQ(everything(db), before) << sql;
    db.exec("BEGIN; CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
    const Lines inside = everything(db);
    EXPECT_NE(error_of(db, sql).find(why), std::string::npos);
    EXPECT_TRUE(db.in_transaction()) << sql;
    EXPECT_EQ(everything(db), inside) << sql;
    db.exec("COMMIT; DROP TABLE mine");
    EXPECT_EQ(everything(db), before) << sql;
  };
  const auto clset = [](const std::string& name, const std::string& columns) {
    return "CREATE VIRTUAL TABLE " + name + " USING clset (" + columns + ")";
  };
  fails(clset("foo", "id PRIMARY KEY NOT NULL"), "must end in _schema");
  fails(clset("foo_SCHEMA", "id PRIMARY KEY NOT NULL"), "must end in _schema");
  fails(clset("_schema", "id PRIMARY KEY NOT NULL"), "must end in _schema");
  fails(clset("foo_schema", ""), "needs the column definitions of table \"foo\"");
  fails("CREATE VIRTUAL TABLE foo_schema USING clset", "needs the column definitions of table \"foo\"");
  fails(clset("foo_schema", "id PRIMARY KEY NOT NULL, foreign"), "making table \"foo\": near");
  fails(clset("foo_schema", "id, v"), "table \"foo\" cannot become a CRR: it has no primary key");
  fails(clset("foo_schema", "id PRIMARY KEY NOT NULL, v UNIQUE"), "unique index");
  fails(clset("taken_schema", "id PRIMARY KEY NOT NULL"), "\"taken\" already exists");
  fails(clset("seen_schema", "id PRIMARY KEY NOT NULL"), "\"seen\" already exists");
  db.exec(kClset);  // nothing in memory stands in the way either
  EXPECT_EQ(names(db, "foo"), kWholeFoo);
}

TEST(ClsetTable, IfNotExistsKeepsTheOneThatIsThere) {
  const Database db;
  db.exec(kClset);
  db.exec("INSERT INTO foo VALUES (1, 'x', 2)");
  EXPECT_TRUE(db.error_of(kClset));
  db.exec("CREATE VIRTUAL TABLE IF NOT EXISTS foo_schema USING clset (other PRIMARY KEY NOT NULL)");
  EXPECT_EQ(db.lines("SELECT * FROM foo"), (Lines{"1|'x'|2"}));
}

TEST(ClsetTable, DroppingItDropsTheTableAndItsShadowTables) {
  const Database db;
  db.exec(kClset);
  db.exec("INSERT INTO foo VALUES (1, 'x', 2); CREATE INDEX foo_n ON foo (n)");
  db.exec("BEGIN; INSERT INTO foo VALUES (2, 'y', 3); DROP TABLE foo_schema");
  EXPECT_EQ(names(db, "foo"), Lines{});
  db.exec("ROLLBACK");
  EXPECT_EQ(db.lines("SELECT * FROM foo"), (Lines{"1|'x'|2"}));
  db.exec("INSERT INTO foo VALUES (2, 'y', 3)");
  EXPECT_EQ(changes(db).size(), 4U);
  db.exec("DROP TABLE foo_schema");
  EXPECT_EQ(names(db, "foo"), Lines{});
  EXPECT_EQ(changes(db), Lines{});
  // The reference's version falls to 0 here, so that what is written next would be taken for old news.
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 2);
  db.exec(kClset);
  EXPECT_EQ(names(db, "foo"), kWholeFoo);
}

TEST(ClsetTable, CanBeDroppedWhateverBecameOfTheTable) {
  for (const char* fate : {"DROP TABLE foo", "SELECT crsql_as_table('foo')", "ALTER TABLE foo RENAME TO other",
                           "DROP TABLE foo; CREATE VIEW foo AS SELECT 1"}) {
    const Database db;
    db.exec(kClset);
    db.exec(fate);
    db.exec("DROP TABLE foo_schema");
    EXPECT_EQ(names(db, "foo_schema"), Lines{}) << fate;
    EXPECT_EQ(names(db, "foo__crsql_clock"), Lines{}) << fate;
  }
}

TEST(ClsetTable, IsThereAgainWhenTheFileIsOpenedAgain) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "clset.db").string();
  {
    const Database db(path);
    db.exec(kClset);
    db.exec("INSERT INTO foo VALUES (1, 'x', 2)");
  }
  const Database db(path);
  EXPECT_EQ(db.lines("SELECT alteration FROM foo_schema"), Lines{});
  db.exec("INSERT INTO foo VALUES (2, 'y', 3)");
  EXPECT_EQ(changes(db).size(), 4U);
  db.exec("DROP TABLE foo_schema");
  EXPECT_EQ(names(db, "foo"), Lines{});
}

TEST(ClsetTable, RenamingItLeavesTheTableAsItIs) {
  const Database db;
  db.exec(kClset);
  db.exec("CREATE TABLE taken (x)");
  EXPECT_NE(error_of(db, "ALTER TABLE foo_schema RENAME TO bar").find("must end in _schema"), std::string::npos);
  EXPECT_NE(error_of(db, "ALTER TABLE foo_schema RENAME TO taken_schema").find("would drop table \"taken\""),
            std::string::npos);
  db.exec("BEGIN; ALTER TABLE foo_schema RENAME TO bar_schema; ROLLBACK");
  db.exec("ALTER TABLE foo_schema RENAME TO bar_schema");
  db.exec("INSERT INTO foo VALUES (1, 'x', 2)");
  EXPECT_EQ(changes(db).size(), 2U);
  db.exec("DROP TABLE bar_schema");
  EXPECT_EQ(names(db, "bar"), Lines{});
  EXPECT_EQ(db.lines("SELECT * FROM foo"), (Lines{"1|'x'|2"}));
}

TEST(ClsetTable, TakesAnyNameAndAnyDefinition) {
  const Database db;
  db.exec(
      "CREATE VIRTUAL TABLE \"it's a \"\"list\"\"_schema\" USING clset (\"the key\" TEXT NOT NULL, b NOT NULL, "
      "\"d,d\" DEFAULT 'x,y', twice AS (b * 2), PRIMARY KEY (\"the key\", b), CHECK (b > 0))");
  db.exec("INSERT INTO \"it's a \"\"list\"\"\" (\"the key\", b) VALUES ('k', 1)");
  EXPECT_EQ(changes(db), (Lines{"'d,d'|'x,y'|1|1|1|0"}));
  EXPECT_TRUE(db.error_of("INSERT INTO \"it's a \"\"list\"\"\" (\"the key\", b) VALUES ('k', -1)"));
  db.exec("DROP TABLE \"it's a \"\"list\"\"_schema\"");
  EXPECT_EQ(names(db, "list"), Lines{});
}

TEST(ClsetTable, IsOfSchemaMain) {
  const Database db;
  db.exec("ATTACH ':memory:' AS other");
  EXPECT_NE(error_of(db, "CREATE VIRTUAL TABLE other.foo_schema USING clset (id PRIMARY KEY NOT NULL)")
                .find("not of \"other\""),
            std::string::npos);
  EXPECT_EQ(names(db, "foo"), Lines{});
  EXPECT_EQ(db.integer("SELECT count(*) FROM other.sqlite_master"), 0);
}

TEST(ClsetTable, SyncsLikeAnyTable) {
  Site a("a");
  Site b("b");
  for (Site* site : {&a, &b}) site->db().exec(kClset);
  a.db().exec("INSERT INTO foo VALUES (1, 'x', 2)");
  sync_full(a, b);
  EXPECT_EQ(b.db().lines("SELECT * FROM foo"), (Lines{"1|'x'|2"}));
}

}  // namespace
}  // namespace rejoin::test
