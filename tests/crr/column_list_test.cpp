// Lists of columns in SQL.
#include "crr/column_list.hpp"

#include <gtest/gtest.h>

namespace rejoin::internal {
namespace {

std::vector<Column> columns(const std::vector<std::string>& names) {
  std::vector<Column> columns;
  for (const std::string& name : names) columns.emplace_back().name = name;
  return columns;
}

TEST(Listed, IsTheNamesUnlessAFormIsGiven) {
  EXPECT_EQ(listed(columns({"a", "b\"c"})), "\"a\", \"b\"\"c\"");
  EXPECT_EQ(listed(columns({})), "");
}

TEST(Listed, FillsInTheFormForEachColumn) {
  EXPECT_EQ(listed(columns({"a", "it's"}), "k.%n = %t", " AND "), "k.\"a\" = 'a' AND k.\"it's\" = 'it''s'");
  EXPECT_EQ(listed(columns({"%n", "%i"}), "%n", ""), "\"%n\"\"%i\"") << "a name is no form";
}

TEST(Listed, CountsFromTheFirst) {
  EXPECT_EQ(listed(columns({"a", "b"}), "?%i %o"), "?1 0, ?2 1");
  const std::vector<Column> three = columns({"a", "b", "c"});
  EXPECT_EQ(listed(std::span(three).subspan(1), "%n = ?%i", ", ", 4), "\"b\" = ?4, \"c\" = ?5");
}

}  // namespace
}  // namespace rejoin::internal
