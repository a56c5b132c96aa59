// Texts, suggestions, tables and JSON values, without the tool.
#include <gtest/gtest.h>
#include <cli/json_value.hpp>
#include <cli/suggest.hpp>
#include <cli/table_printer.hpp>
#include <cli/text.hpp>

#include <limits>
#include <sstream>

namespace rejoin::cli {
namespace {

using namespace std::string_literals;

TEST(Text, Counts) {
  EXPECT_EQ(count_of(0, "row"), "0 rows");
  EXPECT_EQ(count_of(1, "row"), "1 row");
  EXPECT_EQ(count_of(999, "row"), "999 rows");
  EXPECT_EQ(count_of(1000, "row"), "1,000 rows");
  EXPECT_EQ(count_of(-1234567, "row"), "-1,234,567 rows");
  EXPECT_EQ(count_of(2, "entry", "entries"), "2 entries");
}

TEST(Text, Hexadecimal) {
  std::string bytes;
  EXPECT_TRUE(parse_hex("00fF7a", bytes));
  EXPECT_EQ(bytes, "\x00\xff\x7a"s);
  EXPECT_EQ(to_hex(bytes), "00ff7a");
  EXPECT_TRUE(parse_hex("", bytes));
  EXPECT_EQ(bytes, "");
  for (const char* bad : {"0", "0g", "g0", "0x", " 00"}) EXPECT_FALSE(parse_hex(bad, bytes)) << bad;
}

TEST(Text, Utf8) {
  for (const std::string& good : {""s, "a\0b"s, "é"s, "東京"s, "😀"s, "\xf4\x8f\xbf\xbf"s}) EXPECT_TRUE(is_utf8(good));
  // A lone continuation, a cut-off sequence, overlong forms, a surrogate, beyond the last code point, bytes never used.
  for (const std::string& bad : {"\x80"s, "\xc3"s, "\xe2\x82"s, "\xc0\x80"s, "\xe0\x80\x80"s, "\xf0\x80\x80\x80"s,
                                 "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xff"s, "a\xfe"s, "\xc3\x28"s}) {
    EXPECT_FALSE(is_utf8(bad)) << to_hex(bad);
  }
}

TEST(Text, NothingReachesTheTerminalRaw) {
  EXPECT_EQ(printable("Bogotá\n\t\x1b[31m\x7f\xff"), "Bogotá\\n\\t\\x1b[31m\\x7f\\xff");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "the one-byte escape sequence introducer";
  EXPECT_EQ(printable("a\0b"s), "a\\x00b");
}

TEST(Text, WidthsAndShortening) {
  EXPECT_EQ(display_width("Bogotá"), 6U);
  EXPECT_EQ(display_width("東京"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
  EXPECT_EQ(shortened("東京東京", 6), "東京…");
}

TEST(Text, ValuesAndKeys) {
  EXPECT_EQ(quoted(Value("it's"s)), "'it''s'");
  EXPECT_EQ(quoted(Value("'"s)), "''''");
  EXPECT_EQ(shown(Value("it's"s)), "it's");
  EXPECT_EQ(quoted(Value(1.0)), "1.0");
  EXPECT_EQ(quoted(Value(-std::numeric_limits<double>::infinity())), "-inf");
  EXPECT_EQ(quoted(Value(Blob{0, 255})), "x'00ff'");
  EXPECT_EQ(quoted(Value()), "NULL");
  const auto key = [](const std::string& hex) {
    std::string bytes;
    EXPECT_TRUE(parse_hex(hex, bytes));
    return shown_key(Blob(bytes.begin(), bytes.end()));
  };
  // The contract's own examples, section 3.
  EXPECT_EQ(key("0101"), "(0)");
  EXPECT_EQ(key("01110100"), "(256)");
  EXPECT_EQ(key("0141ffffffffffffffff"), "(-1)");
  EXPECT_EQ(key("010b0161"), "('a')");
  const std::string five = "010b016102bff8000000000000050c01ff";
  EXPECT_EQ(key("05" + five), "(0, 'a', -1.5, NULL, x'ff')");
  EXPECT_EQ(key("06" + five), "x'06" + five + "'") << "a value too few";
  EXPECT_EQ(key("04" + five), "x'04" + five + "'") << "a value too many";
  for (const char* bad :
       {"", "00", "01", "0107", "010b", "010b05", "010b0261", "0102", "0149ffffffffffffffffff", "010901ff"}) {
    EXPECT_EQ(key(bad), "x'"s + bad + "'");
  }
}

TEST(Suggest, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("merge", "merge"), 0U);
  EXPECT_EQ(edit_distance("mrege", "merge"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggest, OnlyWhatIsNear) {
  const std::vector<std::string> known{"merge", "init", "status", "sql"};
  EXPECT_EQ(suggestion_for("merg", known), "merge");
  EXPECT_EQ(suggestion_for("statsu", known), "status");
  EXPECT_EQ(suggestion_for("sqk", known), "sql");
  EXPECT_EQ(suggestion_for("x", known), "");
  EXPECT_EQ(suggestion_for("frobnicate", known), "");
}

TEST(Table, RowsBeyondTheFirstKeepItsWidths) {
  std::ostringstream out;
  TablePrinter table(out, {"n", "text"});
  for (int i = 0; i < 600; ++i) table.row({{std::to_string(i), true}, {i == 550 ? "much longer than before" : "x"}});
  table.finish();
  EXPECT_EQ(table.rows(), 600);
  std::istringstream lines(out.str());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (count == 552) {
      EXPECT_EQ(line, "550  much longer than before");
    } else if (count == 2) {
      EXPECT_EQ(line, "  0  x");
    }
  }
  EXPECT_EQ(count, 602);
}

TEST(JsonValues, RoundTrip) {
  const std::vector<Value> values{std::monostate(),
                                  std::int64_t{0},
                                  std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max(),
                                  (std::int64_t{1} << 53),
                                  0.0,
                                  -0.0,
                                  1.0,
                                  5e-324,
                                  1.7976931348623157e308,
                                  0.1 + 0.2,
                                  std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(),
                                  ""s,
                                  "a\0\x1f\"\\é"s,
                                  "\xff\x00"s,
                                  "\xed\xa0\x80"s,
                                  Blob{},
                                  Blob{0, 1, 255}};
  for (const Value& value : values) {
    const std::string text = to_json(value).dump();
    const Value back = value_from_json(Json::parse(text));
    EXPECT_EQ(back, value) << text;
    if (const auto* real = std::get_if<double>(&value)) {
      EXPECT_EQ(std::signbit(std::get<double>(back)), std::signbit(*real)) << text;
    }
  }
}

}  // namespace
}  // namespace rejoin::cli
