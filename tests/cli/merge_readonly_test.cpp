// rejoin merge --dry-run and --check: they tell, and write nothing.
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

class MergeReadonlyTest : public ToolTest {
 protected:
  void SetUp() override {
    for (const std::string& name : names_) {
      make(name,
           "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('t');"
           "CREATE TABLE u (id TEXT PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('u');"
           "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 800)"
           "INSERT INTO t SELECT '" +
               name +
               "' || i, hex(randomblob(100)) FROM c;"
               "INSERT INTO t VALUES ('both', '" +
               name + "')");
    }
  }

  Outcome expect_untouched(const std::vector<std::string>& options, const RunOptions& run = {}) const {
    std::vector<std::string> arguments{"merge"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    for (const std::string& name : names_) arguments.push_back(path(name));
    const auto before = all_bytes();
    const Outcome outcome = run_tool(arguments, run);
    EXPECT_EQ(all_bytes(), before);
    return outcome;
  }

  const std::vector<std::string> names_{"a.db", "b.db", "c.db"};
};

Json without_time(Json report) {
  for (const char* field : {"seconds", "dry_run", "files"}) report.erase(field);
  return report;
}

TEST_F(MergeReadonlyTest, DryRunTellsWhatTheMergeThenDoes) {
  const Outcome dry = expect_untouched({"--dry-run", "--json"});
  ASSERT_EQ(dry.exit_code, 0) << dry.err;
  const Json told = Json::parse(dry.out);
  EXPECT_EQ(told["dry_run"], true);
  EXPECT_GT(told["changes"], 0);
  EXPECT_GT(told["conflicts"], 0);
  const Outcome wet = merge(names_, {"--json"});
  ASSERT_EQ(wet.exit_code, 0) << wet.err;
  EXPECT_EQ(without_time(told), without_time(Json::parse(wet.out)));
  const Outcome again = expect_untouched({"--dry-run"});
  EXPECT_TRUE(again.out.starts_with("No news")) << again.out;
}

TEST_F(MergeReadonlyTest, DryRunSaysThatItIsOne) {
  const Outcome outcome = expect_untouched({"--dry-run"});
  EXPECT_NE(outcome.out.find("would take"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("Dry run, nothing was written: 3 files"), std::string::npos) << outcome.out;
}

TEST_F(MergeReadonlyTest, CheckNamesTheTablesThatDiffer) {
  const Outcome outcome = expect_untouched({"--check"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.out.find("table 't' differs between " + path("a.db") + " and " + path("b.db")), std::string::npos)
      << outcome.out;
  EXPECT_EQ(outcome.out.find("table 'u'"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.err, "");
  const Json json = Json::parse(expect_untouched({"--check", "--json"}).out);
  EXPECT_EQ(json["equal"], false);
  EXPECT_EQ(json["tables"][0]["table"], "t");
  EXPECT_EQ(json["tables"][0]["equal"], false);
  EXPECT_EQ(json["tables"][1]["equal"], true);

  ASSERT_EQ(merge(names_).exit_code, 0);
  const Outcome same = expect_untouched({"--check"});
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  EXPECT_NE(same.out.find("The 3 files hold the same rows (2 tables)"), std::string::npos) << same.out;
  sql("c.db", "UPDATE t SET v = 'x' WHERE id = 'both'");
  EXPECT_EQ(expect_untouched({"--check"}).exit_code, 1);
}

TEST_F(MergeReadonlyTest, CheckComparesACopyWithItsOriginal) {
  write_bytes(path("b.db"), read_bytes(path("a.db")));
  write_bytes(path("c.db"), read_bytes(path("a.db")));
  EXPECT_EQ(expect_untouched({"--check"}).exit_code, 0);
}

TEST_F(MergeReadonlyTest, CheckAndDryRunNeedNoRightToWrite) {
  chmod(dir_.c_str(), 0555);
  for (const std::string& name : names_) chmod(path(name).c_str(), 0444);
  const RunOptions as_nobody{.in_child = [] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(125);
  }};
  const Outcome check = expect_untouched({"--check"}, as_nobody);
  EXPECT_EQ(check.exit_code, 1) << check.err;
  EXPECT_NE(check.out.find("differs"), std::string::npos) << check.out << check.err;
  const Outcome dry = expect_untouched({"--dry-run"}, as_nobody);
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  chmod(dir_.c_str(), 0755);
}

// A program that died left committed work in its write-ahead log: whoever only looks leaves it there.
TEST_F(MergeReadonlyTest, WriteAheadLogOfADeadProgramStaysAsItIs) {
  execute_plain(path("a.db"), "PRAGMA journal_mode = WAL");
  sql("a.db", "UPDATE u SET v = v");
  const Outcome died =
      run_tool({"sql", path("a.db")}, {.input = "BEGIN; INSERT INTO u VALUES ('in the log', 'x'); COMMIT;"
                                                "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)"
                                                "SELECT count(*) FROM c",
                                       .kill_after = 0.5});
  ASSERT_EQ(died.exit_code, -1);
  const std::string log = read_bytes(path("a.db-wal"));
  ASSERT_GT(log.size(), 0U);
  const std::string main = read_bytes(path("a.db"));
  const Outcome check = merge(names_, {"--check"});
  EXPECT_NE(check.out.find("table 'u' differs"), std::string::npos) << check.out << check.err;
  EXPECT_EQ(merge(names_, {"--dry-run"}).exit_code, 0);
  EXPECT_EQ(run_tool({"status", path("a.db")}).exit_code, 0);
  EXPECT_TRUE(read_bytes(path("a.db")) == main);
  EXPECT_TRUE(read_bytes(path("a.db-wal")) == log);
  ASSERT_EQ(merge(names_).exit_code, 0);
  EXPECT_EQ(rows_of(path("c.db"), "SELECT * FROM u"), "'in the log'|'x'\n");
}

TEST_F(MergeReadonlyTest, WriteAheadLogModeLeavesNothingBehind) {
  for (const std::string& name : names_) execute_plain(path(name), "PRAGMA journal_mode = WAL");
  EXPECT_EQ(expect_untouched({"--dry-run"}).exit_code, 0);
  EXPECT_EQ(expect_untouched({"--check"}).exit_code, 1);
}

TEST_F(MergeReadonlyTest, CheckAndDryRunExcludeEachOther) {
  const Outcome outcome = expect_untouched({"--dry-run", "--check"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("--dry-run"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace rejoin::cli_test
