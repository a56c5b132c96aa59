// rejoin changes and rejoin apply: changes out and in, without loss.
#include <nlohmann/json.hpp>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

constexpr const char* kOdd =
    "CREATE TABLE odd (k NOT NULL, part TEXT NOT NULL, v, PRIMARY KEY (k, part)); SELECT crsql_as_crr('odd');"
    "CREATE TABLE \"two \"\"words\"\"\" (id INTEGER PRIMARY KEY NOT NULL, \"a column\" TEXT);"
    "SELECT crsql_as_crr('two \"words\"');";

constexpr const char* kOddRows =
    "INSERT INTO odd VALUES (1, 'max', 9223372036854775807), (2, 'min', -9223372036854775808),"
    "(3, 'exact', 9007199254740991), (4, 'beyond', 9007199254740993), (5, 'inf', 9e999), (6, '-inf', -9e999),"
    "(7, 'tenth', 0.1), (8, 'one', 1.0), (9, 'tiny', 5e-324), (10, 'huge', 1.7976931348623157e308),"
    "(11, 'blob', x'00ff7f80'), (12, 'empty blob', x''), (13, 'empty text', ''), (14, 'null', NULL),"
    "(15, 'not utf-8', CAST(x'61ff00fe' AS TEXT)), (16, 'NUL', CAST(x'610062' AS TEXT)),"
    "(17, 'surrogate', CAST(x'eda080' AS TEXT)), (18, 'text', 'quote '' \" \\ ' || char(10, 9, 27, 128512)),"
    "(x'00', 'blob key', 1), (1.5, 'real key', 1), ('text key', CAST(x'ff' AS TEXT), 1), (-1, 'negative key', 1),"
    "(9e999, 'infinite key', 1), (-0.5, '', 1);"
    "INSERT INTO \"two \"\"words\"\"\" VALUES (1, 'x'), (2, NULL);"
    "DELETE FROM odd WHERE part = 'tiny'; DELETE FROM \"two \"\"words\"\"\" WHERE id = 2;"
    "INSERT INTO odd VALUES (9, 'tiny', 5e-324);";

class ChangesTest : public ToolTest {
 protected:
  std::string changes(const std::string& name, const std::vector<std::string>& options = {"--json"}) const {
    std::vector<std::string> arguments{"changes", path(name)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome outcome = run_tool(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out;
  }
  Outcome apply(const std::string& name, const std::string& input) const {
    return run_tool({"apply", path(name)}, {.input = input});
  }
};

TEST_F(ChangesTest, RoundTripLosesNothing) {
  make("a.db", std::string(kOdd) + kOddRows);
  make("b.db", kOdd);
  const std::string text = changes("a.db");
  const Outcome outcome = apply("b.db", text);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_same({"a.db", "b.db"}, "odd");
  const std::string query = "SELECT typeof(k), k, hex(part), typeof(v), hex(v), v FROM odd ORDER BY 2, 3";
  EXPECT_EQ(rows_of(path("a.db"), query), rows_of(path("b.db"), query));
  EXPECT_EQ(rows_of(path("b.db"), "SELECT * FROM \"two \"\"words\"\"\""), "1|'x'\n");
  EXPECT_EQ(run_tool({"merge", "--check", path("a.db"), path("b.db")}).exit_code, 0);
  // What b tells of a's rows is what a told, but for the version under which b stored it.
  Json told = Json::parse(text);
  Json retold = Json::parse(changes("b.db"));
  ASSERT_EQ(told.size(), retold.size());
  const auto by_place = [](const Json& a, const Json& b) {
    return std::tuple(a["table"].dump(), a["pk"].dump(), a["cid"].dump()) <
           std::tuple(b["table"].dump(), b["pk"].dump(), b["cid"].dump());
  };
  for (Json* list : {&told, &retold}) {
    for (Json& entry : *list) entry.erase("db_version");
    std::sort(list->begin(), list->end(), by_place);
  }
  EXPECT_EQ(told, retold);
}

TEST_F(ChangesTest, EncodingIsAsDocumented) {
  make("a.db", std::string(kOdd) + kOddRows);
  std::map<std::string, std::string> value_of;  // by the row's packed key
  for (const Json& entry : Json::parse(changes("a.db"))) {
    if (entry["cid"] == "v") value_of[entry["pk"]] = entry["val"].dump();
  }
  const auto key = [](const char* number, const std::string& part) {
    std::string hex;
    for (const char c : part) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
      hex += digits;
    }
    char size[3];
    std::snprintf(size, sizeof size, "%02x", static_cast<unsigned>(part.size()));
    return std::string("0209") + number + "0b" + size + hex;
  };
  EXPECT_EQ(value_of[key("01", "max")], R"({"integer":"9223372036854775807"})");
  EXPECT_EQ(value_of[key("02", "min")], R"({"integer":"-9223372036854775808"})");
  EXPECT_EQ(value_of[key("03", "exact")], "9007199254740991");
  EXPECT_EQ(value_of[key("04", "beyond")], R"({"integer":"9007199254740993"})");
  EXPECT_EQ(value_of[key("05", "inf")], R"({"real":"inf"})");
  EXPECT_EQ(value_of[key("06", "-inf")], R"({"real":"-inf"})");
  EXPECT_EQ(value_of[key("07", "tenth")], "0.1");
  EXPECT_EQ(value_of[key("08", "one")], "1.0");
  EXPECT_EQ(value_of[key("0b", "blob")], R"({"blob":"00ff7f80"})");
  EXPECT_EQ(value_of[key("0d", "empty text")], "\"\"");
  EXPECT_EQ(value_of[key("0e", "null")], "null");
  EXPECT_EQ(value_of[key("0f", "not utf-8")], R"({"text":"61ff00fe"})");
  EXPECT_EQ(value_of[key("10", "NUL")], R"("a\u0000b")");
  EXPECT_EQ(value_of[key("11", "surrogate")], R"({"text":"eda080"})");
}

TEST_F(ChangesTest, SinceLeavesOutWhatIsOlder) {
  make("a.db", std::string(kOdd) + "INSERT INTO odd VALUES (1, 'x', 1); INSERT INTO odd VALUES (2, 'x', 2)");
  const Json all = Json::parse(changes("a.db"));
  ASSERT_EQ(all.size(), 2U);
  const std::string first = std::to_string(all[0]["db_version"].get<int>());
  const Json news = Json::parse(changes("a.db", {"--json", "--since", first}));
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0], all[1]);
  EXPECT_EQ(changes("a.db", {"--json", "--since", "99"}), "[]\n");
  EXPECT_EQ(run_tool({"changes", path("a.db"), "--since", "-1"}).exit_code, 2);
  EXPECT_EQ(run_tool({"changes", path("a.db"), "--since", "x"}).exit_code, 2);
}

TEST_F(ChangesTest, TextIsForPeople) {
  make("a.db", std::string(kOdd) +
                   "INSERT INTO odd VALUES (1, 'x', 'a value'); INSERT INTO odd VALUES (2, 'y', 1);"
                   "DELETE FROM odd WHERE k = 2");
  const std::string text = changes("a.db", {});
  EXPECT_NE(text.find("(1, 'x')"), std::string::npos) << text;
  EXPECT_NE(text.find("'a value'"), std::string::npos) << text;
  EXPECT_NE(text.find("(row deleted)"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("2 changes\n")) << text;
}

TEST_F(ChangesTest, ApplyingTwiceIsFine) {
  make("a.db", std::string(kOdd) + kOddRows);
  make("b.db", kOdd);
  const std::string text = changes("a.db");
  ASSERT_EQ(apply("b.db", text).exit_code, 0);
  const std::string once = read_bytes(path("b.db"));
  const Outcome again = run_tool({"apply", "--json", path("b.db")}, {.input = text});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out)["changes"], 0);
  EXPECT_EQ(Json::parse(again.out)["read"], Json::parse(text).size());
  EXPECT_TRUE(read_bytes(path("b.db")) == once);
}

// A good entry before the bad one: nothing of it may stay.
class MalformedTest : public ChangesTest,
                      public ::testing::WithParamInterface<std::pair<std::string, std::vector<std::string>>> {};

TEST_P(MalformedTest, IsNamedAndNothingIsApplied) {
  make("b.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t')");
  const std::string before = read_bytes(path("b.db"));
  const Outcome outcome = apply("b.db", GetParam().first);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.err.starts_with("rejoin: ")) << outcome.err;
  for (const std::string& word : GetParam().second) {
    EXPECT_NE(outcome.err.find(word), std::string::npos) << word << " is not in: " << outcome.err;
  }
  EXPECT_TRUE(read_bytes(path("b.db")) == before);
}

constexpr const char* kGood = R"({"table":"t","pk":"010901","cid":"v","val":1,"col_version":1,"db_version":1,)"
                              R"("site_id":"000102030405060708090a0b0c0d0e0f","cl":1,"seq":0})";

std::string after_good(const std::string& entry) { return std::string("[") + kGood + "," + entry + "]"; }
std::string good_but(const std::string& from, const std::string& to) {
  std::string entry = kGood;
  return after_good(entry.replace(entry.find(from), from.size(), to));
}

INSTANTIATE_TEST_SUITE_P(
    Input, MalformedTest,
    ::testing::Values(
        std::pair("", std::vector<std::string>{"no JSON", "nothing was applied"}),
        std::pair("[1", std::vector<std::string>{"entry 0 is no object"}),
        std::pair(std::string("[") + kGood, std::vector<std::string>{"no JSON"}),
        std::pair(std::string(kGood), std::vector<std::string>{"no array of changes"}),
        std::pair("null", std::vector<std::string>{"no array of changes"}),
        std::pair(after_good("[]"), std::vector<std::string>{"entry 1 is no object"}),
        std::pair(after_good("{}"), std::vector<std::string>{"entry 1", "field 'table' is missing"}),
        std::pair(good_but("\"seq\":0", "\"sequence\":0"),
                  std::vector<std::string>{"entry 1", "field 'seq' is missing"}),
        std::pair(good_but("\"seq\":0", "\"seq\":0,\"more\":1"), std::vector<std::string>{"field 'more' is unknown"}),
        std::pair(good_but("\"t\"", "7"), std::vector<std::string>{"entry 1", "field 'table' must be a string"}),
        std::pair(good_but("010901", "0109zz"), std::vector<std::string>{"field 'pk'", "hexadecimal"}),
        std::pair(good_but("010901", "010"), std::vector<std::string>{"field 'pk'", "hexadecimal"}),
        std::pair(good_but("010901", ""), std::vector<std::string>{"entry 1", "table 't'"}),
        std::pair(good_but("010901", "01090102"), std::vector<std::string>{"entry 1", "row x'01090102'"}),
        std::pair(good_but("\"val\":1", "\"val\":[1]"), std::vector<std::string>{"field 'val'"}),
        std::pair(good_but("\"val\":1", "\"val\":true"), std::vector<std::string>{"field 'val'"}),
        std::pair(good_but("\"val\":1", "\"val\":{\"blob\":1}"), std::vector<std::string>{"field 'val'", "blob"}),
        std::pair(good_but("\"val\":1", "\"val\":18446744073709551615"), std::vector<std::string>{"field 'val'"}),
        std::pair(good_but("\"val\":1", "\"val\":{\"real\":\"nan\"}"), std::vector<std::string>{"field 'val'"}),
        std::pair(good_but("\"cl\":1", "\"cl\":1.0"), std::vector<std::string>{"field 'cl'", "whole number"}),
        std::pair(good_but("\"cl\":1", "\"cl\":0"), std::vector<std::string>{"entry 1", "table 't', row (1)"}),
        std::pair(good_but("\"db_version\":1", "\"db_version\":4611686018427387904"),
                  std::vector<std::string>{"entry 1", "table 't', row (1), column 'v'"}),
        std::pair(good_but("0e0f", "0e0f00"), std::vector<std::string>{"entry 1"}),
        std::pair(good_but("\"t\"", "\"unknown\""), std::vector<std::string>{"entry 1", "unknown"}),
        std::pair(good_but("\"cid\":\"v\"", "\"cid\":\"w\""), std::vector<std::string>{"entry 1", "column 'w'"}),
        std::pair(std::string(100000, '['), std::vector<std::string>{"entry 0 is no object"})));

TEST_F(ChangesTest, SiteIdNullIsTheFileItself) {
  make("b.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t')");
  std::string entry = kGood;
  const std::string site = R"("000102030405060708090a0b0c0d0e0f")";
  entry.replace(entry.find(site), site.size(), "null");
  ASSERT_EQ(apply("b.db", "[" + entry + "]").exit_code, 0);
  EXPECT_EQ(rows_of(path("b.db"), "SELECT site_id FROM t__crsql_clock"), "0\n");
}

TEST_F(ChangesTest, PlainFileHasNone) {
  make("plain.db", "SELECT 1");
  write_bytes(path("empty.db"), "");
  const Outcome outcome = run_tool({"changes", path("empty.db")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("none of its tables is a CRR"), std::string::npos) << outcome.err;
  EXPECT_EQ(read_bytes(path("empty.db")), "");
}

}  // namespace
}  // namespace rejoin::cli_test
