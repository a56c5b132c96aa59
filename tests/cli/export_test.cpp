// rejoin export and import: changes carried in a file.
#include <nlohmann/json.hpp>

#include <filesystem>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

class ExportTest : public ToolTest {
 protected:
  ExportTest() {
    make("a.db",
         "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t'); "
         "INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    make("b.db",
         "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t'); "
         "INSERT INTO t VALUES (3, 'z')");
  }
};

TEST_F(ExportTest, CarriesChangesInAFile) {
  const Outcome out = run_tool({"export", path("a.db"), "--output", path("x.changes")});
  ASSERT_EQ(out.exit_code, 0) << out.err;
  EXPECT_EQ(out.out, "2 changes of " + path("a.db") + ", up to version 1, written to " + path("x.changes") + "\n");
  const Outcome in = run_tool({"import", path("b.db"), path("x.changes")});
  ASSERT_EQ(in.exit_code, 0) << in.err;
  EXPECT_EQ(in.out, "2 changes read, 2 changes merged into " + path("b.db") + "\n");
  EXPECT_EQ(rows_of(path("b.db"), "SELECT * FROM t ORDER BY id"), "1|'x'\n2|'y'\n3|'z'\n");
  EXPECT_EQ(Json::parse(run_tool({"import", "--json", path("b.db"), path("x.changes")}).out),
            Json::parse(R"({"read": 2, "changes": 0})"));
  EXPECT_FALSE(std::filesystem::exists(path("x.changes.partial")));
}

TEST_F(ExportTest, GoesThroughAPipe) {
  const Outcome out = run_tool({"export", path("a.db")});
  ASSERT_EQ(out.exit_code, 0) << out.err;
  RunOptions options;
  options.input = out.out;
  EXPECT_EQ(run_tool({"import", path("b.db")}, options).exit_code, 0);
  EXPECT_EQ(rows_of(path("b.db"), "SELECT count(*) FROM t"), "3\n");
}

TEST_F(ExportTest, TakesOnlyWhatIsNew) {
  sql("a.db", "UPDATE t SET v = 'new' WHERE id = 1");
  const Json told =
      Json::parse(run_tool({"export", path("a.db"), "--since", "1", "--json", "--output", path("x.changes")}).out);
  EXPECT_EQ(told, Json::parse(R"({"changes": 1, "since": 1, "version": 2})"));
}

TEST_F(ExportTest, RefusesWhatIsNoWholeFile) {
  ASSERT_EQ(run_tool({"export", path("a.db"), "--output", path("x.changes")}).exit_code, 0);
  const std::string whole = read_bytes(path("x.changes"));
  write_bytes(path("x.changes"), whole.substr(0, whole.size() - 3));
  const std::string before = read_bytes(path("b.db"));
  const Outcome in = run_tool({"import", path("b.db"), path("x.changes")});
  EXPECT_EQ(in.exit_code, 1);
  EXPECT_NE(in.err.find("block 3 is cut off (reading " + path("x.changes") + "); nothing was merged"),
            std::string::npos)
      << in.err;
  EXPECT_TRUE(read_bytes(path("b.db")) == before);
  EXPECT_EQ(run_tool({"import", path("b.db"), path("missing")}).exit_code, 1);
  EXPECT_EQ(run_tool({"export", path("a.db"), "--output", path("no/such/folder")}).exit_code, 1);
  EXPECT_EQ(run_tool({"export", path("a.db"), "--since", "77"}).exit_code, 1);
}

}  // namespace
}  // namespace rejoin::cli_test
