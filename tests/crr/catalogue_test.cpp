// Which tables are CRRs, what their columns are, and which table can become one.
#include "crr/catalogue.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::Lines;

struct CatalogueTest : testing::Test {
  explicit CatalogueTest(const std::string& path = ":memory:")
      : db(path), statements(db.handle()), catalogue(db.handle(), statements) {}
  ~CatalogueTest() override { statements.clear(); }

  Table described(const std::string& name) {
    Table table;
    EXPECT_EQ(catalogue.describe(name, table).message(), "");
    return table;
  }
  std::vector<std::string> names() {
    EXPECT_EQ(catalogue.refresh(false).message(), "");
    return catalogue.names();
  }
  /// Why `create` does not make a table that can become a CRR; "" where it does.
  std::string refusal(const std::string& create, const std::string& name = "t") {
    db.exec("SAVEPOINT s; " + create);
    const Status status = catalogue.check_eligible(described(name));
    db.exec("ROLLBACK TO s; RELEASE s");
    EXPECT_EQ(status.code(), status.ok() ? ErrorCode::kOk : ErrorCode::kNotEligible);
    return status.message();
  }

  Database db;
  StatementCache statements;
  Catalogue catalogue;
};

Lines names_of(const std::vector<Column>& columns) {
  Lines names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

TEST_F(CatalogueTest, KeysComeInTheOrderOfTheKeyAndCellsInTheOrderOfTheTable) {
  db.exec("CREATE TABLE t (z, b NOT NULL, y, a NOT NULL, x, PRIMARY KEY (a, b))");
  const Table table = described("t");
  EXPECT_EQ(names_of(table.keys), (Lines{"a", "b"}));
  EXPECT_EQ(names_of(table.cells), (Lines{"z", "y", "x"}));
}

// SQLite counts the places of a key with what it names again.
TEST_F(CatalogueTest, AKeyMayNameAColumnTwice) {
  db.exec("CREATE TABLE t (b NOT NULL, a NOT NULL, c, PRIMARY KEY (a, a, b)); SELECT crsql_as_crr('t')");
  EXPECT_EQ(names_of(described("t").keys), (Lines{"a", "b"}));
  db.exec("INSERT INTO t VALUES (1, 2, 3); UPDATE t SET c = 4; UPDATE t SET b = 5");
  EXPECT_EQ(db.lines("SELECT cid, val FROM crsql_changes WHERE pk = crsql_pack_columns(2, 5)"), (Lines{"'c'|4"}));
}

TEST_F(CatalogueTest, GeneratedColumnsAreNoCells) {
  db.exec(
      "CREATE TABLE t (id PRIMARY KEY NOT NULL, a, v AS (a + 1) VIRTUAL, s AS (a + 2) STORED, z DEFAULT (1 + 1), "
      "y DEFAULT 'it''s')");
  const Table table = described("t");
  EXPECT_EQ(names_of(table.cells), (Lines{"a", "z", "y"}));
  EXPECT_EQ(table.cells[0].default_sql, "");
  EXPECT_EQ(table.cells[1].default_sql, "1 + 1");
  EXPECT_EQ(table.cells[2].default_sql, "'it''s'");
}

TEST_F(CatalogueTest, ColumnsHaveTheirAffinity) {
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b REAL, c NUMERIC, d, e ANY)");
  db.exec("CREATE TABLE s (id INTEGER PRIMARY KEY, e ANY) STRICT");
  const Table table = described("t");
  EXPECT_EQ(table.keys[0].affinity, Affinity::kInteger);
  const std::vector<Affinity> expected = {Affinity::kText, Affinity::kReal, Affinity::kNumeric, Affinity::kNone,
                                          Affinity::kNumeric};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(table.cells[i].affinity, expected[i]) << i;
  EXPECT_EQ(described("s").cells[0].affinity, Affinity::kNone);
}

TEST_F(CatalogueTest, ATableIsDescribedUnderItsDeclaredName) {
  db.exec("CREATE TABLE \"Mixed Case\" (id PRIMARY KEY)");
  EXPECT_EQ(described("MIXED case").name, "Mixed Case");
}

TEST_F(CatalogueTest, WhatIsNoOrdinaryTableIsNotDescribed) {
  db.exec("CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE j USING fts5(x); CREATE TEMP TABLE tmp (id PRIMARY KEY)");
  Table table;
  EXPECT_EQ(catalogue.describe("nowhere", table).message(), "there is no table \"nowhere\"");
  EXPECT_EQ(catalogue.describe("tmp", table).message(), "there is no table \"tmp\"");
  EXPECT_EQ(catalogue.describe("v", table).message(), "\"v\" is not an ordinary table");
  EXPECT_EQ(catalogue.describe("j", table).message(), "\"j\" is not an ordinary table");
}

TEST_F(CatalogueTest, ATemporaryTableDoesNotHideTheReal) {
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); CREATE TEMP TABLE t (other PRIMARY KEY NOT NULL)");
  EXPECT_EQ(names_of(described("t").keys), Lines{"id"});
}

TEST_F(CatalogueTest, CellIndexTriesTheGuessFirst) {
  db.exec("CREATE TABLE t (id PRIMARY KEY, a, b, c)");
  const Table table = described("t");
  for (std::size_t guess = 0; guess < 5; ++guess) {
    EXPECT_EQ(table.cell_index("a", guess), 0);
    EXPECT_EQ(table.cell_index("c", guess), 2);
    EXPECT_EQ(table.cell_index("id", guess), -1);
    EXPECT_EQ(table.cell_index("C", guess), -1);
  }
}

TEST_F(CatalogueTest, AllCrrsAndNothingElseAreListed) {
  db.exec("CREATE TABLE b (id PRIMARY KEY NOT NULL); CREATE TABLE a (id PRIMARY KEY NOT NULL);");
  db.exec("CREATE TABLE plain (id PRIMARY KEY NOT NULL); SELECT crsql_as_crr('b'); SELECT crsql_as_crr('a')");
  db.exec("CREATE TRIGGER x__crsql_itrig AFTER INSERT ON plain BEGIN SELECT 1; END");
  EXPECT_EQ(names(), (Lines{"a", "b"}));
  Status status;
  EXPECT_EQ(catalogue.find("a", status)->keys[0].name, "id");
  EXPECT_NE(catalogue.find("a", status)->slot, catalogue.find("b", status)->slot);
  EXPECT_EQ(catalogue.find("plain", status), nullptr);
  EXPECT_EQ(catalogue.find("A", status), nullptr) << "peers name tables exactly";
  EXPECT_TRUE(status.ok());
}

TEST_F(CatalogueTest, IsReadAnewWhenTheSchemaChangesAndOnlyThen) {
  EXPECT_EQ(names(), Lines{});
  const auto before = catalogue.generation();
  db.exec("SELECT crsql_db_version()");
  EXPECT_EQ(names(), Lines{});
  EXPECT_EQ(catalogue.generation(), before);
  db.exec(test::kTable);
  EXPECT_EQ(names(), Lines{"t"});
  EXPECT_GT(catalogue.generation(), before);
  db.exec("INSERT INTO t VALUES (1, 2, 3)");
  const auto after = catalogue.generation();
  EXPECT_EQ(names(), Lines{"t"});
  EXPECT_EQ(catalogue.generation(), after);
  catalogue.forget();
  EXPECT_EQ(names(), Lines{"t"});
  EXPECT_GT(catalogue.generation(), after);
}

TEST_F(CatalogueTest, OldTablesStayOfUseToThoseWhoHoldThem) {
  db.exec(test::kTable);
  names();
  Status status;
  const std::shared_ptr<const Table> held = catalogue.find("t", status);
  db.exec("SELECT crsql_as_table('t'); DROP TABLE t");
  EXPECT_EQ(names(), Lines{});
  EXPECT_EQ(held->cells[1].name, "b");
}

TEST_F(CatalogueTest, WhatMayVanishServesOnlyOnce) {
  db.exec("BEGIN");
  db.exec(test::kTable);
  EXPECT_TRUE(catalogue.refresh(true).ok());
  const auto seen = catalogue.generation();
  EXPECT_TRUE(catalogue.refresh(true).ok());
  EXPECT_GT(catalogue.generation(), seen);
  db.exec("ROLLBACK");
  EXPECT_EQ(names(), Lines{});
}

TEST_F(CatalogueTest, CrrsDroppedBehindTheEnginesBackAreOrphans) {
  db.exec("CREATE TABLE gone (id PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('gone'); DROP TABLE gone");
  db.exec(test::kTable);
  EXPECT_EQ(names(), Lines{"t"});
  EXPECT_EQ(catalogue.orphans(), Lines{"gone"});
}

TEST(CatalogueOnFile, SeesWhatAnotherConnectionMakes) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database db(file);
  StatementCache statements(db.handle());
  Catalogue catalogue(db.handle(), statements);
  ASSERT_TRUE(catalogue.refresh(false).ok());
  EXPECT_EQ(catalogue.size(), 0U);
  Database(file).exec(test::kTable);
  ASSERT_TRUE(catalogue.refresh(false).ok());
  EXPECT_EQ(catalogue.names(), Lines{"t"});
  statements.clear();
}

// --- eligibility ---

TEST_F(CatalogueTest, TablesThatCanBecomeCrrs) {
  for (const char* create :
       {"CREATE TABLE t (id PRIMARY KEY)", "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id PRIMARY KEY NOT NULL)",
        "CREATE TABLE t (a NOT NULL, b NOT NULL, PRIMARY KEY (b, a)) WITHOUT ROWID",
        "CREATE TABLE t (id INT PRIMARY KEY NOT NULL, a ANY) STRICT",
        "CREATE TABLE t (id PRIMARY KEY, a NOT NULL DEFAULT 1, b AS (a) NOT NULL, c CHECK (c > 0), d COLLATE NOCASE)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, \"autoincrement\" /* AUTOINCREMENT */)",
        "CREATE TABLE t (id PRIMARY KEY, a); CREATE INDEX i ON t (a); CREATE INDEX j ON t (a) WHERE a > 1",
        "CREATE TABLE t (id PRIMARY KEY); CREATE TABLE child (t REFERENCES t)"}) {
    EXPECT_EQ(refusal(create), "") << create;
  }
}

TEST_F(CatalogueTest, EachRefusalNamesTheTableAndTheReason) {
  const std::pair<const char*, const char*> refused[] = {
      {"CREATE TABLE t (a)", "it has no primary key"},
      {"CREATE TABLE t (id PRIMARY KEY, a UNIQUE)",
       "it has a unique index besides its primary key, \"sqlite_autoindex_t_2\""},
      {"CREATE TABLE t (id PRIMARY KEY, a); CREATE UNIQUE INDEX i ON t (a)",
       "it has a unique index besides its primary key, \"i\""},
      {"CREATE TABLE t (id PRIMARY KEY, a); CREATE UNIQUE INDEX p ON t (a) WHERE a > 5",
       "it has a unique index besides its primary key, \"p\""},
      {"CREATE TABLE t (id PRIMARY KEY, a REFERENCES t)", "its column \"a\" is a foreign key that SQLite would check"},
      {"CREATE TABLE t (id PRIMARY KEY, a, b, FOREIGN KEY (a, b) REFERENCES o (x, y))",
       "its column \"b\" is a foreign key that SQLite would check"},
      {"CREATE TABLE t (id PRIMARY KEY, a NOT NULL)", "its column \"a\" is NOT NULL and has no default value"},
      {"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)",
       "its primary key is AUTOINCREMENT, which two sites would count alike"},
      {"CREATE TABLE t (id PRIMARY KEY, \"-1\")", "it has a column named \"-1\", the engine's mark for a whole row"}};
  for (const auto& [create, reason] : refused) {
    EXPECT_EQ(refusal(create), "table \"t\" cannot become a CRR: " + std::string(reason)) << create;
  }
}

// SQLite 3.54 does not even make such a table.
TEST_F(CatalogueTest, ATableThatSqliteCannotReadIsRefused) {
  const char* create = "CREATE TABLE t (id PRIMARY KEY, a AS (b || 1), b AS (a || 1))";
  if (const auto error = db.error_of(create)) {
    EXPECT_STREQ(error->what(), "generated column loop on \"b\"");
    return;
  }
  db.exec("DROP TABLE t");
  EXPECT_EQ(refusal(create), "table \"t\" cannot become a CRR: SQLite cannot read it: generated column loop on \"b\"");
}

TEST_F(CatalogueTest, NamesOfTheEngineItselfAreRefused) {
  for (const char* name : {"crsql_mine", "x__crsql_clock", "a__crsql_b"}) {
    EXPECT_EQ(
        refusal("CREATE TABLE " + std::string(name) + " (id PRIMARY KEY)", name),
        "table \"" + std::string(name) + "\" cannot become a CRR: its name is one of the engine's or of SQLite's own");
  }
}

// The key table has a column of this name already.
TEST_F(CatalogueTest, AKeyColumnNamedAsTheKeyTablesOwnIsRefused) {
  EXPECT_EQ(
      refusal("CREATE TABLE t (\"__crsql_key\" PRIMARY KEY)"),
      "table \"t\" cannot become a CRR: its key column \"__crsql_key\" has a name that the engine needs beside it");
  EXPECT_NE(refusal("CREATE TABLE t (\"__CRSQL_KEY\" NOT NULL, b NOT NULL, PRIMARY KEY (b, __crsql_key))"), "");
  EXPECT_EQ(refusal("CREATE TABLE t (id PRIMARY KEY, \"__crsql_key\")"), "");
}

TEST_F(CatalogueTest, ATableWiderThanATriggersCallIsRefused) {
  const int most = sqlite3_limit(db.handle(), SQLITE_LIMIT_FUNCTION_ARG, -1);
  const auto create = [](int cells) {
    std::string sql = "CREATE TABLE t (id PRIMARY KEY";
    for (int i = 0; i < cells; ++i) sql += ", c" + std::to_string(i);
    return sql + ")";
  };
  const int widest = (most - 1) / 2 - 1;
  EXPECT_EQ(refusal(create(widest)), "");
  EXPECT_EQ(
      refusal(create(widest + 1)),
      "table \"t\" cannot become a CRR: its trigger would need more arguments than this SQLite allows a function, " +
          std::to_string(most));
  db.exec(create(widest));
  db.exec("SELECT crsql_as_crr('t'); INSERT INTO t (id) VALUES (1); UPDATE t SET c0 = 1, c" +
          std::to_string(widest - 1) + " = 2");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE col_version = 2"), 2);
}

}  // namespace
}  // namespace rejoin::internal
