// crsql_unpack_columns: what crsql_pack_columns packed, one value a row, in every way in which SQL can ask for it.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kAllKinds =
    "1, 'a', x'00ff', NULL, 2.5, '', x'', -1, 0, 300, 9223372036854775807, -9223372036854775807 - 1, 9e999, "
    "CAST(x'6100ff' AS TEXT)";

TEST(UnpackTable, GivesBackWhatWasPacked) {
  const Database db;
  const std::string packed = std::string("crsql_pack_columns(") + kAllKinds + ")";
  const Rows wanted = db.query(std::string("SELECT ") + kAllKinds);
  const Rows rows = db.query("SELECT cell FROM crsql_unpack_columns WHERE package = " + packed);
  ASSERT_EQ(rows.size(), wanted[0].size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], Row{wanted[0][i]}) << i;
  EXPECT_EQ(db.query("SELECT * FROM crsql_unpack_columns(" + packed + ")"), rows);
}

TEST(UnpackTable, TakesABoundPackageAgainAndAgain) {
  const Database db;
  Statement statement(db.handle(), "SELECT rowid, cell FROM crsql_unpack_columns WHERE package = ?");
  for (const std::int64_t number : {std::int64_t{5}, std::int64_t{0}, std::int64_t{-5}}) {
    statement.bind(1, key(db, std::to_string(number) + ", 'x'"));
    ASSERT_TRUE(statement.step());
    EXPECT_EQ(statement.row(), (Row{std::int64_t{1}, number}));
    ASSERT_TRUE(statement.step());
    EXPECT_EQ(statement.row(), (Row{std::int64_t{2}, std::string("x")}));
    EXPECT_FALSE(statement.step());
    statement.reset();
  }
}

TEST(UnpackTable, HasTheColumnsOfTheReference) {
  const Database db;
  EXPECT_EQ(db.lines("SELECT name, type, hidden FROM pragma_table_xinfo('crsql_unpack_columns')"),
            (Lines{"'cell'|'ANY'|0", "'package'|'BLOB'|1"}));
  EXPECT_EQ(db.lines("SELECT cell, package FROM crsql_unpack_columns(x'010905')"), (Lines{"5|x'010905'"}));
}

TEST(UnpackTable, JoinsInEitherOrder) {
  const Database db;
  db.exec("CREATE TABLE p (name, package); INSERT INTO p VALUES ('one', x'010907'), ('two', x'020b016105')");
  const Lines wanted = {"'one'|7", "'two'|'a'", "'two'|NULL"};
  EXPECT_EQ(db.lines("SELECT name, cell FROM p JOIN crsql_unpack_columns AS u ON u.package = p.package"), wanted);
  EXPECT_EQ(db.lines("SELECT name, cell FROM crsql_unpack_columns AS u JOIN p ON u.package = p.package"), wanted);
  EXPECT_EQ(db.lines("SELECT name, cell FROM p, crsql_unpack_columns(p.package)"), wanted);
  EXPECT_EQ(db.lines("SELECT name, (SELECT count(*) FROM crsql_unpack_columns WHERE package = p.package) FROM p"),
            (Lines{"'one'|1", "'two'|2"}));
  EXPECT_EQ(db.lines("SELECT a.cell FROM crsql_unpack_columns(x'0209050906') AS a "
                     "JOIN crsql_unpack_columns(x'010906') AS b ON a.cell = b.cell"),
            (Lines{"6"}));
}

TEST(UnpackTable, TakesOtherConditionsAndOrders) {
  const Database db;
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns WHERE package IN (x'010905', x'010906')"),
            (Lines{"5", "6"}));
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns(x'0209050906') WHERE cell > 5"), (Lines{"6"}));
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns(x'0209050906') ORDER BY cell DESC"), (Lines{"6", "5"}));
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns WHERE package IS x'010905'"), (Lines{"5"}));
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns WHERE package = x'010905' AND package = x'010906'"),
            Lines{});
}

TEST(UnpackTable, NothingEqualsNull) {
  const Database db;
  EXPECT_EQ(db.lines("SELECT cell FROM crsql_unpack_columns WHERE package = NULL"), Lines{});
  EXPECT_EQ(db.lines("SELECT p.x, u.cell FROM (SELECT NULL AS x) AS p LEFT JOIN crsql_unpack_columns AS u "
                     "ON u.package = p.x"),
            (Lines{"NULL|NULL"}));
}

TEST(UnpackTable, SaysWhatIsWrongAndWhere) {
  const Database db;
  const auto error = [&](const std::string& package) {
    return error_of(db, "SELECT * FROM crsql_unpack_columns WHERE package = " + package);
  };
  EXPECT_EQ(error("x''"), "crsql_unpack_columns: packed values are empty");
  EXPECT_EQ(error("x'02090509'"), "crsql_unpack_columns: packed value 2 is an integer of a bad length");
  EXPECT_EQ(error("x'0107'"), "crsql_unpack_columns: packed value 1 is of an unknown type");
  EXPECT_EQ(error("x'010bff61'"), "crsql_unpack_columns: packed value 1 is longer than the key that holds it");
  EXPECT_EQ(error("x'010905ff'"), "crsql_unpack_columns: 1 bytes follow the last packed value");
  EXPECT_EQ(error("x'01490102030405060708090a'"), "crsql_unpack_columns: packed value 1 is an integer of a bad length");
  EXPECT_EQ(error("'abc'"), "crsql_unpack_columns: the package is not a blob");
  EXPECT_EQ(error("5"), "crsql_unpack_columns: the package is not a blob");
  EXPECT_NE(error_of(db, "SELECT * FROM crsql_unpack_columns").find("what to unpack is missing"), std::string::npos);
}

TEST(UnpackTable, CannotBeWrittenAndServesAnySchema) {
  const Database db;
  EXPECT_TRUE(db.error_of("INSERT INTO crsql_unpack_columns VALUES (1)"));
  db.exec("CREATE VIEW v AS SELECT cell FROM crsql_unpack_columns WHERE package = x'010905'");
  db.exec("PRAGMA trusted_schema = OFF");
  EXPECT_EQ(db.lines("SELECT * FROM v"), (Lines{"5"}));
}

}  // namespace
}  // namespace rejoin::test
