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
