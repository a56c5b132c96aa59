// The virtual table crsql_changes: any WHERE and ORDER BY gives what an ordinary table of the same rows gives.
#include "crr/changes_table.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/choices.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kColumns = "\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq";

/// A replica with some history of three sites in three tables.
struct ChangesTable : testing::Test {
  ChangesTable() {
    db.exec(kTable);
    db.exec("CREATE TABLE u (x NOT NULL, y NOT NULL, PRIMARY KEY (x, y)); SELECT crsql_as_crr('u')");
    db.exec("CREATE TABLE empty (id PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('empty')");
    db.exec("INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, NULL); INSERT INTO u VALUES (1, 1), (2, 2)");
    merge(db, cell("a", std::int64_t{50}, 4));
    Change change = cell("b", std::string("from afar"), 1, 3);
    change.pk = key(db, "9");
    change.site_id = kGreaterPeer;
    change.seq = 6;
    merge(db, change);
    db.exec("DELETE FROM t WHERE id = 2; UPDATE u SET x = 5 WHERE x = 1; UPDATE t SET b = 'z' WHERE id = 1");
    db.exec(
        "CREATE TABLE copy ([table] TEXT, [pk] BLOB, [cid] TEXT, [val] ANY, [col_version] INTEGER, [db_version] "
        "INTEGER, [site_id] BLOB, [cl] INTEGER, [seq] INTEGER); INSERT INTO copy SELECT * FROM crsql_changes");
  }
  [[nodiscard]] Lines from(const std::string& source, const std::string& rest) const {
    return db.lines("SELECT " + std::string(kColumns) + " FROM " + source + " " + rest);
  }
  Database db;
};

TEST_F(ChangesTable, HasTheColumnsOfTheContract) {
  EXPECT_EQ(db.lines("SELECT name, type, \"notnull\" FROM pragma_table_xinfo('crsql_changes')"),
            (Lines{"'table'|'TEXT'|1", "'pk'|'BLOB'|1", "'cid'|'TEXT'|1", "'val'|'ANY'|0", "'col_version'|'INTEGER'|1",
                   "'db_version'|'INTEGER'|1", "'site_id'|'BLOB'|1", "'cl'|'INTEGER'|1", "'seq'|'INTEGER'|1"}));
}

std::string term(const Database& db, Choices& choices) {
  const std::string own = literal(Value(db.blob("SELECT crsql_site_id()")));
  const std::vector<std::string> comparisons = {"=", "<", "<=", ">", ">=", "!=", "IS", "IS NOT"};
  const std::vector<std::string> versions = {"0",
                                             "1",
                                             "2",
                                             "3",
                                             "4",
                                             "5",
                                             "6",
                                             "7",
                                             "-1",
                                             "2.0",
                                             "2.5",
                                             "'3'",
                                             "'x'",
                                             "NULL",
                                             "x'03'",
                                             "9223372036854775807",
                                             "(-9223372036854775807 - 1)",
                                             "1e300",
                                             "-9e999",
                                             "(SELECT 4)"};
  const std::vector<std::string> sites = {
      own, literal(Value(kPeer)), literal(Value(kGreaterPeer)), "x'00'", "x''", "NULL", "'text'",
      "5", "crsql_site_id()"};
  const std::vector<std::string> tables = {"'t'", "'u'", "'empty'", "'T'", "'none'", "NULL", "5", "x'74'"};
  switch (choices.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return "db_version " + choices.pick(comparisons) + " " + choices.pick(versions);
    case 4:
      return "db_version BETWEEN " + choices.pick(versions) + " AND " + choices.pick(versions);
    case 5:
    case 6:
      return "site_id " + choices.pick(comparisons) + " " + choices.pick(sites);
    case 7:
      return "[table] " + choices.pick(comparisons) + " " + choices.pick(tables);
    case 8:
      return "db_version IN (2, 6, 1, NULL)";
    case 9:
      return "site_id IN (" + own + ", x'00')";
    case 10:
      return "[table] IN ('u', 't')";
    default:
      return choices.chance(50) ? "cid = 'a'" : "cl > 1";
  }
}

TEST_F(ChangesTable, AnyWhereAndOrderByGivesTheRightAnswer) {
  ASSERT_GT(db.integer("SELECT count(*) FROM copy"), 8);
  Choices choices = Choices::seeded(99);
  const std::vector<std::string> orders = {"db_version, seq",
                                           "db_version",
                                           "db_version DESC, seq",
                                           "db_version DESC, seq DESC",
                                           "seq, db_version",
                                           "db_version, seq, cid",
                                           "pk, cid",
                                           "site_id, db_version, seq",
                                           "cid DESC, pk"};
  for (int round = 0; round < 3000; ++round) {
    std::string where = "WHERE " + term(db, choices);
    while (choices.chance(40)) where += (choices.chance(70) ? " AND " : " OR ") + term(db, choices);
    const std::string rest = where + " ORDER BY " + choices.pick(orders) + ", [table], pk, cid";
    ASSERT_EQ(from("crsql_changes", rest), from("copy", rest)) << rest;
    // Without an order of one's own the rows come as (db_version, seq).
    if (where.find(" OR ") == std::string::npos && where.find(" IN ") == std::string::npos) {
      ASSERT_EQ(from("crsql_changes", where), from("copy", where + " ORDER BY db_version, seq, rowid")) << where;
    }
  }
}

TEST_F(ChangesTable, OrderByItsOwnOrderNeedsNoSorting) {
  const auto plan = [&](const std::string& order) {
    return db.lines("EXPLAIN QUERY PLAN SELECT * FROM crsql_changes WHERE db_version > 1 ORDER BY " + order).size();
  };
  EXPECT_EQ(plan("db_version"), 1U);
  EXPECT_EQ(plan("db_version, seq"), 1U);
  EXPECT_EQ(plan("db_version DESC"), 2U);
  EXPECT_EQ(plan("seq"), 2U);
  EXPECT_EQ(plan("db_version, seq, cid"), 2U);
}

TEST_F(ChangesTable, JoinsRunTheWalkAgainForEachRow) {
  EXPECT_EQ(db.lines("SELECT v.x, c.cid, c.seq FROM (SELECT 1 AS x UNION SELECT 6) AS v JOIN crsql_changes AS c ON "
                     "c.db_version = v.x ORDER BY 1, 3, 2"),
            db.lines("SELECT v.x, c.cid, c.seq FROM (SELECT 1 AS x UNION SELECT 6) AS v JOIN copy AS c ON "
                     "c.db_version = v.x ORDER BY 1, 3, 2"));
  EXPECT_EQ(
      db.integer("SELECT count(*) FROM crsql_changes AS a JOIN crsql_changes AS b USING (db_version, seq, pk, cid)"),
      db.integer("SELECT count(*) FROM copy"));
}

TEST_F(ChangesTable, RowidsAreUnique) {
  EXPECT_EQ(db.integer("SELECT count(DISTINCT rowid) - count(*) FROM crsql_changes"), 0);
  EXPECT_EQ(db.integer("SELECT count(rowid) FROM crsql_changes"), db.integer("SELECT count(*) FROM copy"));
}

TEST_F(ChangesTable, OnlySelectAndInsertAreAllowed) {
  EXPECT_EQ(error_of(db, "UPDATE crsql_changes SET val = 1"), "crsql_changes: only SELECT and INSERT are allowed");
  EXPECT_EQ(error_of(db, "DELETE FROM crsql_changes"), "crsql_changes: only SELECT and INSERT are allowed");
  EXPECT_EQ(from("crsql_changes", ""), from("copy", ""));
}

TEST_F(ChangesTable, AnInsertWithoutColumnNamesTakesThemInOrder) {
  db.exec("INSERT INTO crsql_changes VALUES ('t', x'010908', 'a', 'v', 3, 40, x'0a', 1, 2)");
  EXPECT_EQ(
      db.lines("SELECT cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes WHERE pk = x'010908'"),
      Lines{"'a'|'v'|3|40|x'0a'|1|2"});
}

TEST_F(ChangesTable, InsertFromSelectComesToAnEnd) {
  const Lines before = from("crsql_changes", "");
  db.exec("INSERT INTO crsql_changes SELECT * FROM crsql_changes");
  EXPECT_EQ(from("crsql_changes", ""), before) << "all of it is known here";
  db.exec(
      "INSERT INTO crsql_changes SELECT [table], pk, cid, 'more', col_version + 1, db_version, x'0a', cl, seq "
      "FROM crsql_changes WHERE cid = 'a'");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE val = 'more'"), 2);
}

TEST_F(ChangesTable, EveryArgumentOfAWrongKindIsNamed) {
  const auto insert = [](const std::string& column, const std::string& value) {
    std::string sql = "INSERT INTO crsql_changes (" + std::string(kColumns) + ") VALUES (";
    const std::pair<const char*, const char*> fine[] = {{"table", "'t'"},     {"pk", "x'010901'"},  {"cid", "'a'"},
                                                        {"val", "1"},         {"col_version", "1"}, {"db_version", "1"},
                                                        {"site_id", "x'0a'"}, {"cl", "1"},          {"seq", "0"}};
    for (const auto& [name, literal] : fine)
      sql += (name == fine[0].first ? "" : ", ") + (name == column ? value : literal);
    return sql + ")";
  };
  const std::tuple<const char*, const char*, const char*> wrong[] = {
      {"table", "NULL", "crsql_changes: table is not a text"},
      {"table", "x'74'", "crsql_changes: table is not a text"},
      {"pk", "'text'", "crsql_changes: pk is not a blob"},
      {"pk", "NULL", "crsql_changes: pk is not a blob"},
      {"pk", "1", "crsql_changes: pk is not a blob"},
      {"cid", "NULL", "crsql_changes: cid is not a text"},
      {"cid", "5", "crsql_changes: cid is not a text"},
      {"col_version", "NULL", "crsql_changes: col_version is not a whole number"},
      {"col_version", "'x'", "crsql_changes: col_version is not a whole number"},
      {"col_version", "1.5", "crsql_changes: col_version is not a whole number"},
      {"col_version", "1e300", "crsql_changes: col_version is not a whole number"},
      {"db_version", "x'01'", "crsql_changes: db_version is not a whole number"},
      {"cl", "'one'", "crsql_changes: cl is not a whole number"},
      {"cl", "9e999", "crsql_changes: cl is not a whole number"},
      {"seq", "0.5", "crsql_changes: seq is not a whole number"}};
  const Lines before = from("crsql_changes", "");
  for (const auto& [column, value, message] : wrong) EXPECT_EQ(error_of(db, insert(column, value)), message) << value;
  EXPECT_EQ(from("crsql_changes", ""), before);
  for (const auto& [column, value] : {std::pair{"col_version", "'2'"},
                                      {"db_version", "3.0"},
                                      {"cl", "' 1 '"},
                                      {"cl", "NULL"},
                                      {"seq", "NULL"},
                                      {"site_id", "NULL"},
                                      {"site_id", "x''"}}) {
    EXPECT_EQ(error_of(db, insert(column, value)), "") << column << " " << value;
  }
}

TEST_F(ChangesTable, AnEmptyDatabaseHasNoChanges) {
  const Database empty;
  EXPECT_EQ(empty.lines("SELECT * FROM crsql_changes"), Lines{});
  EXPECT_EQ(empty.integer("SELECT count(*) FROM crsql_changes WHERE db_version > -5 AND [table] = 't'"), 0);
}

}  // namespace
}  // namespace rejoin::test
