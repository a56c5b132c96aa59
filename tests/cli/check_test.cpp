// rejoin check.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

class CheckTest : public ToolTest {
 protected:
  void SetUp() override {
    make("a.db",
         "CREATE TABLE places (country TEXT NOT NULL, city TEXT NOT NULL, note, PRIMARY KEY (country, city));"
         "SELECT crsql_as_crr('places'); INSERT INTO places VALUES ('PT', 'Lisbon', 1), ('GS', 'Grytviken', 2)");
  }
};

TEST_F(CheckTest, AFileWithoutFaultsExitsWith0) {
  const auto before = all_bytes();
  const Outcome text = run_tool({"check", path("a.db")});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(text.out, path("a.db") + ": no fault in 1 CRR\n");
  const Outcome json = run_tool({"check", "--json", path("a.db")});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(Json::parse(json.out), (Json{{"path", path("a.db")}, {"faults", Json::array()}}));
  EXPECT_EQ(all_bytes(), before);
}

TEST_F(CheckTest, FaultsAreNamedAndExitWith1) {
  execute_plain(path("a.db"),
                "DELETE FROM places__crsql_clock WHERE key = 1; DROP TRIGGER places__crsql_utrig; DELETE FROM "
                "crsql_site_id");
  const auto before = all_bytes();
  const Outcome text = run_tool({"check", path("a.db")});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_EQ(text.err, "");
  const std::string site = ": clock row of \"note\": no site has the ordinal 0\n";
  EXPECT_EQ(text.out, path("a.db") +
                          ": 4 faults\n"
                          "  crsql_site_id: this database has no site id (ordinal 0)\n"
                          "  places: its trigger \"places__crsql_utrig\" is missing, or not the engine's\n"
                          "  places ('GS', 'Grytviken')" +
                          site + "  places ('PT', 'Lisbon'): the row has no clock rows\n");
  const Outcome json = run_tool({"check", "--json", path("a.db")});
  EXPECT_EQ(json.exit_code, 1);
  const Json faults = Json::parse(json.out)["faults"];
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_TRUE(faults[1]["pk"].is_null());
  EXPECT_EQ(faults[3],
            (Json{{"table", "places"}, {"pk", "020b0250540b064c6973626f6e"}, {"fault", "the row has no clock rows"}}));
  EXPECT_EQ(all_bytes(), before);
}

TEST_F(CheckTest, WhatCannotBeCheckedExitsWith2) {
  EXPECT_EQ(run_tool({"check", path("nothing.db")}).exit_code, 2);
  write_bytes(path("text.db"), std::string(4096, 'x'));
  const Outcome text = run_tool({"check", path("text.db")});
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_EQ(text.out, "");
  EXPECT_NE(text.err.find("no SQLite database"), std::string::npos) << text.err;
  write_bytes(path("plain.db"), "");
  execute_plain(path("plain.db"), "CREATE TABLE t (id)");
  EXPECT_EQ(run_tool({"check", path("plain.db")}).exit_code, 2);
  EXPECT_EQ(run_tool({"check"}).exit_code, 2);
}

}  // namespace
}  // namespace rejoin::cli_test
