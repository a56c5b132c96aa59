// Names and texts in SQL: SQLite itself must read back what was quoted.
#include "sqlite/sql_text.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"

namespace rejoin::internal {
namespace {

using test::Database;

const std::vector<std::string> kOdd = {
    "plain",        "Two Words", "select",      "a.b",        "it's",       "say \"so\"", "\"",    "''",
    "[x]",          "`x`",       "x;y--z",      "-1",         "123",        "",           " ",     "größe",
    "\xE2\x98\x83", "new\nline", "back\\slash", "%s?1:a@b$c", "/* note */", "crsql_x",    "ROWID", "NEW.x"};

TEST(QuotedName, IsReadBackByTheParser) {
  const Database db(":memory:", test::Engine::kAbsent);
  for (const std::string& name : kOdd) {
    const std::string quoted = quoted_name(name);
    db.exec("CREATE TEMP TABLE x(" + quoted + ")");
    EXPECT_EQ(db.text("SELECT name FROM pragma_table_info('x')"), name);
    db.exec("DROP TABLE x");
  }
}

TEST(QuotedText, IsReadBackByTheParser) {
  const Database db(":memory:", test::Engine::kAbsent);
  for (const std::string& text : kOdd) EXPECT_EQ(db.text("SELECT " + quoted_text(text)), text);
}

TEST(QuotedName, DoublesItsQuotes) { EXPECT_EQ(quoted_name("a\"b'c"), "\"a\"\"b'c\""); }

TEST(QuotedText, DoublesItsQuotes) { EXPECT_EQ(quoted_text("a\"b'c"), "'a\"b''c'"); }

TEST(Compose, PutsEachPieceInThePlaceOfItsMark) {
  const std::string name = "a\"b";
  EXPECT_EQ(compose("%n is %s, not %t; %s", {name, -7, "it's", std::string_view("end")}),
            "\"a\"\"b\" is -7, not 'it''s'; end");
  EXPECT_EQ(compose("%s", {std::string_view()}), "") << "a view of nothing is an empty text, and no number";
  EXPECT_EQ(compose("%s%s", {std::int64_t{1} << 62, std::size_t{0}}), "46116860184273879040");
}

TEST(Compose, TakesNoMarkFromAPiece) { EXPECT_EQ(compose("%s %n", {"%n", "%s"}), "%n \"%s\""); }

TEST(Append, LeavesWhatIsThere) {
  std::string out = "a";
  append(out, ", %n", {"b"});
  EXPECT_EQ(out, "a, \"b\"");
}

}  // namespace
}  // namespace rejoin::internal
