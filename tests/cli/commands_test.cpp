// rejoin init, status and sql.
#include <nlohmann/json.hpp>

#include <filesystem>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

class CommandsTest : public ToolTest {
 protected:
  // A database that knows nothing of the engine.
  void make_plain(const std::string& name, const std::string& sql) const {
    write_bytes(path(name), "");
    execute_plain(path(name), sql);
  }
};

TEST_F(CommandsTest, InitMakesTablesMergeable) {
  make_plain("a.db",
             "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); INSERT INTO t VALUES (1, 'x'), (2, 'y');"
             "CREATE TABLE status (id INTEGER PRIMARY KEY NOT NULL)");
  const Outcome outcome = run_tool({"init", path("a.db"), "t", "status"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "status: is a CRR now (0 rows)\nt: is a CRR now (2 rows)\n");
  EXPECT_EQ(run_tool({"init", path("a.db"), "t"}).out, "t: is a CRR already (2 rows)\n");
  EXPECT_EQ(Json::parse(run_tool({"changes", "--json", path("a.db")}).out).size(), 2U);
}

TEST_F(CommandsTest, InitIsAllOrNothing) {
  make_plain("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); CREATE TABLE keyless (v)");
  const std::string before = read_bytes(path("a.db"));
  for (const std::vector<std::string>& tables : {std::vector<std::string>{"t", "keyless"}, {"t", "missing"}}) {
    const Outcome outcome = run_tool({"init", path("a.db"), tables[0], tables[1]});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.err.find(tables[1]), std::string::npos) << outcome.err;
    EXPECT_TRUE(read_bytes(path("a.db")) == before);
  }
  EXPECT_EQ(run_tool({"init", path("nothing.db"), "t"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("nothing.db")));
}

TEST_F(CommandsTest, StatusTellsWhatAFileIs) {
  make("a.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
       "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z'); DELETE FROM t WHERE id = 3;"
       "CREATE TABLE plain (v)");
  make("b.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
       "INSERT INTO t VALUES (4, 'b')");
  ASSERT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  const Json a = Json::parse(run_tool({"status", "--json", path("a.db")}).out);
  const Json b = Json::parse(run_tool({"status", "--json", path("b.db")}).out);
  EXPECT_EQ(a["site_id"].get<std::string>().size(), 32U);
  EXPECT_NE(a["site_id"], b["site_id"]);
  EXPECT_EQ(a["crrs"], Json::parse(R"([{"table": "t", "rows": 3, "tombstones": 1}])"));
  EXPECT_EQ(a["plain_tables"], Json::parse(R"(["plain"])"));
  ASSERT_EQ(a["peers"].size(), 1U);
  EXPECT_EQ(a["peers"][0]["site_id"], b["site_id"]);
  EXPECT_EQ(a["peers"][0]["version"], b["db_version"]);
  EXPECT_EQ(b["peers"][0]["version"], a["db_version"]);

  const auto before = all_bytes();
  const Outcome text = run_tool({"status", path("a.db")});
  EXPECT_NE(text.out.find("t: 3 rows, 1 tombstone"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(a["site_id"].get<std::string>()), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("plain: no CRR"), std::string::npos) << text.out;
  EXPECT_EQ(all_bytes(), before);
}

TEST_F(CommandsTest, StatusOfAPlainFileWritesNothing) {
  make_plain("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v)");
  const std::string before = read_bytes(path("a.db"));
  const Outcome outcome = run_tool({"status", path("a.db")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("rejoin init"), std::string::npos) << outcome.err;
  EXPECT_TRUE(read_bytes(path("a.db")) == before);
}

TEST_F(CommandsTest, NewSiteIdMakesACopyAReplicaOfItsOwn) {
  make("a.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
       "INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  write_bytes(path("copy.db"), read_bytes(path("a.db")));
  EXPECT_EQ(merge({"a.db", "copy.db"}).exit_code, 1);
  const Outcome renewed = run_tool({"status", "--new-site-id", "--json", path("copy.db")});
  ASSERT_EQ(renewed.exit_code, 0) << renewed.err;
  const Json original = Json::parse(run_tool({"status", "--json", path("a.db")}).out);
  EXPECT_NE(Json::parse(renewed.out)["site_id"], original["site_id"]);
  sql("a.db", "UPDATE t SET v = 'from a' WHERE id = 1; INSERT INTO t VALUES (3, 'a')");
  sql("copy.db", "UPDATE t SET v = 'from copy' WHERE id = 2; INSERT INTO t VALUES (4, 'copy')");
  ASSERT_EQ(merge({"a.db", "copy.db"}).exit_code, 0);
  expect_same({"a.db", "copy.db"}, "t");
  EXPECT_EQ(rows_of(path("a.db"), "SELECT * FROM t ORDER BY id"), "1|'from a'\n2|'from copy'\n3|'a'\n4|'copy'\n");
}

TEST_F(CommandsTest, StatusTellsWhatIsHeld) {
  make("a.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
       "CREATE TABLE more (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('more');"
       "INSERT INTO more VALUES (1, 'x'), (2, 'y')");
  make("b.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
       "SELECT crsql_config_set('unknown-schema', 'hold')");
  const std::string changes = run_tool({"changes", "--json", path("a.db")}).out;
  ASSERT_EQ(run_tool({"apply", path("b.db")}, {.input = changes}).exit_code, 0);
  EXPECT_EQ(Json::parse(run_tool({"status", "--json", path("b.db")}).out)["held_changes"], 2);
  EXPECT_NE(run_tool({"status", path("b.db")}).out.find("held     2 changes"), std::string::npos);
  EXPECT_EQ(Json::parse(run_tool({"status", "--json", path("a.db")}).out)["held_changes"], 0);
}

TEST_F(CommandsTest, SqlPrintsAlignedRows) {
  make("a.db",
       "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, name TEXT, v);"
       "INSERT INTO t VALUES (1, 'Bogotá', NULL), (20, '東京', x'00ff'), (300, 'a' || char(10, 27) || 'b', 1.5)");
  const Outcome outcome = run_tool({"sql", path("a.db"), "SELECT * FROM t"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            " id  name      v\n"
            "───  ────────  ───────\n"
            "  1  Bogotá    NULL\n"
            " 20  東京      x'00ff'\n"
            "300  a\\n\\x1bb      1.5\n");
}

TEST_F(CommandsTest, SqlRunsSeveralStatementsWithTheEngineAttached) {
  make("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v)");
  const Outcome outcome =
      run_tool({"sql", path("a.db"), "--json",
                "SELECT crsql_as_crr('t') AS a; -- a comment\n INSERT INTO t VALUES (1, 2), (3, 4);"
                "SELECT id, id AS id, v FROM t; SELECT count(*) FROM crsql_changes; SELECT 1 WHERE 0"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "{\"columns\":[\"a\"],\"rows\":[\n[\"OK\"]\n]}\n"
            "{\"columns\":[\"id\",\"id\",\"v\"],\"rows\":[\n[1,1,2],\n[3,3,4]\n]}\n"
            "{\"columns\":[\"count(*)\"],\"rows\":[\n[2]\n]}\n"
            "{\"columns\":[\"1\"],\"rows\":[]}\n");
}

TEST_F(CommandsTest, SqlStopsAtTheFirstError) {
  make("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)");
  const Outcome outcome =
      run_tool({"sql", path("a.db"), "INSERT INTO t VALUES (1); SELEKT 1; INSERT INTO t VALUES (2)"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.err.starts_with("rejoin: " + path("a.db"))) << outcome.err;
  EXPECT_NE(outcome.err.find("SELEKT"), std::string::npos) << outcome.err;
  EXPECT_EQ(rows_of(path("a.db"), "SELECT * FROM t"), "1\n");
}

TEST_F(CommandsTest, SqlMakesAFileOnlyWhenAsked) {
  EXPECT_EQ(run_tool({"sql", path("new.db"), "SELECT 1"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("new.db")));
  EXPECT_EQ(run_tool({"sql", "--create", path("new.db"), "SELECT 1"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(path("new.db")));
}

TEST_F(CommandsTest, OddFileNames) {
  RunOptions here;
  here.directory = dir_.string();
  for (const char* name : {"file:x?mode=memory", ":memory:", "[a,b]", "{}", "%%", "with space", "sql"}) {
    ASSERT_EQ(run_tool({"sql", "--create", name, "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)"}, here).exit_code,
              0);
    EXPECT_TRUE(std::filesystem::exists(path(name))) << name;
    EXPECT_EQ(run_tool({"init", name, "t"}, here).exit_code, 0) << name;
  }
  const Outcome outcome = run_tool({"merge", "[a,b]", ":memory:", "{}", "%%", "with space", "sql"}, here);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(CommandsTest, OutputThatCannotBeWrittenIsAnError) {
  make("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)");
  const Outcome outcome = run_tool({"sql", path("a.db"), "SELECT 1"}, {.in_child = [] {
                                     if (std::freopen("/dev/full", "w", stdout) == nullptr) std::abort();
                                   }});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("standard output"), std::string::npos) << outcome.err;
}

// The demo of the README, on the real tool.
TEST_F(CommandsTest, DemoOfPlacesRuns) {
  const std::string script = std::string(REJOIN_SOURCE_DIR) + "/examples/places/demo.sh";
  const std::string output = path("output.txt");
  ASSERT_EQ(std::system(("bash '" + script + "' '" REJOIN_TOOL "' > '" + output + "' 2>&1").c_str()), 0)
      << read_bytes(output);
  const std::string text = read_bytes(output);
  const std::string merged = text.substr(text.find("Both hold the same rows now"));
  EXPECT_NE(merged.find("FR       Paris      2102650        1  NULL"), std::string::npos) << text;
  EXPECT_NE(merged.find("MS       Brades        1000        0  ferry from Antigua"), std::string::npos) << text;
  EXPECT_NE(merged.find("KZ       Astana"), std::string::npos) << text;
  EXPECT_NE(merged.find("PT       Lisbon      517802        0  Take tram 28 before nine"), std::string::npos) << text;
  for (const char* gone : {"\nGS ", "Plymouth  ", "MS       Plymouth"}) {
    EXPECT_EQ(merged.find(gone), std::string::npos) << gone << text;
  }
  EXPECT_NE(merged.find("The 2 files hold the same rows (1 table)"), std::string::npos) << text;
  EXPECT_NE(merged.find("No news"), std::string::npos) << text;
}

}  // namespace
}  // namespace rejoin::cli_test
