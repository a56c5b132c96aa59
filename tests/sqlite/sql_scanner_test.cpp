// Reading the SQL that SQLite keeps as text.
#include "sqlite/sql_scanner.hpp"

#include <gtest/gtest.h>

namespace rejoin::internal {
namespace {

TEST(SqlScanner, FindsAColumnsDefinition) {
  const std::string table = "CREATE TABLE t (a /* , b x */, \"b\"\"c\" TEXT DEFAULT (max(1, 2)), [d] -- ,e\n, E INT)";
  std::string definition;
  ASSERT_TRUE(find_column_definition(table, "b\"c", definition));
  EXPECT_EQ(definition, "\"b\"\"c\" TEXT DEFAULT (max(1, 2))\n");
  ASSERT_TRUE(find_column_definition(table, "e", definition));
  EXPECT_EQ(definition, "E INT\n");
  EXPECT_FALSE(find_column_definition(table, "x", definition));
}

TEST(SqlScanner, FindsAWord) {
  for (const char* sql : {"check", "(a,CHECK(a>0))", "a -- x\ncheck", "/*x*/Check", "'' check"})
    EXPECT_TRUE(mentions(sql, "check")) << sql;
  for (const char* sql : {"", "checked", "un_check", "\"check\"", "'check'", "[check]", "-- check", "/* check */ a"})
    EXPECT_FALSE(mentions(sql, "check")) << sql;
}

TEST(SqlScanner, TellsAnInsertOfManyRows) {
  for (const char* sql :
       {"INSERT INTO c VALUES (1), (2)", " insert into C(a) select 1", "REPLACE INTO main.c SELECT 1",
        "-- it\nINSERT/**/OR/**/IGNORE INTO main . \"c\"SELECT 1", "insert or fail into [c](x) VALUES((1), ')'),(2,2)",
        "INSERT INTO `C`(x,y)VALUES(1,2)\n,(3,4)"}) {
    EXPECT_TRUE(inserts_rows_into(sql, "c")) << sql;
  }
  for (const char* sql :
       {"", "INSERT", "INSERT INTO", "INSERT INTO c", "INSERT INTO c VALUES ((SELECT 1))",
        "REPLACE INTO c(a, b) VALUES (1, 2)", "INSERT INTO c(x", "INSERT INTO c VALUES", "INSERT INTO c VALUES (1",
        "INSERT INTO cc VALUES (1), (2)", "INSERT INTO c.d SELECT 1", "SELECT c", "UPDATE c SET x = 1",
        "INSERT INTO c DEFAULT VALUES", "WITH x AS (SELECT 1) INSERT INTO c SELECT * FROM x",
        "EXPLAIN INSERT INTO c SELECT 1", "INSERT INTO 'c", "INSERT INTO c.", "DELETE FROM c"}) {
    EXPECT_FALSE(inserts_rows_into(sql, "c")) << sql;
  }
}

TEST(SqlScanner, CountsTheArgumentsOfACall) {
  const auto count = [](std::string_view sql) { return count_arguments(sql, "f"); };
  EXPECT_EQ(count("SELECT f()"), 0U);
  EXPECT_EQ(count("SELECT f ( /* none */ )"), 0U);
  EXPECT_EQ(count("SELECT f(1)"), 1U);
  EXPECT_EQ(count("SELECT f('a,b(', \"c,\", [d,e], `g,`, -- h, i\n (1, 2), j)"), 6U);
  EXPECT_EQ(count("CREATE TRIGGER \"f(1,2,3)\" BEGIN SELECT f(NEW.\"f(\", 2); END"), 2U);
  EXPECT_EQ(count("SELECT g(1, 2)"), 0U);
  EXPECT_EQ(count("SELECT f"), 0U);
  EXPECT_EQ(count("SELECT f(1, "), 2U);
  EXPECT_EQ(count(""), 0U);
}

}  // namespace
}  // namespace rejoin::internal
