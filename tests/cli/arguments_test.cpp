// The command line itself: help, version, mistakes; and the progress bar.
#include <rejoin/attach.hpp>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

constexpr const char* kCommands[] = {"merge", "init", "status", "check", "changes", "apply", "sql"};

TEST(Arguments, HelpIsEverywhereWithAnExample) {
  const Outcome top = run_tool({"--help"});
  EXPECT_EQ(top.exit_code, 0);
  EXPECT_NE(top.out.find("rejoin merge laptop.db phone.db"), std::string::npos) << top.out;
  EXPECT_NE(top.out.find("Exit codes"), std::string::npos) << top.out;
  for (const char* command : kCommands) {
    EXPECT_NE(top.out.find(std::string("\n  ") + command), std::string::npos) << command;
    for (const char* flag : {"--help", "-h"}) {
      const Outcome help = run_tool({command, flag});
      EXPECT_EQ(help.exit_code, 0);
      EXPECT_NE(help.out.find("Example"), std::string::npos) << help.out;
      EXPECT_NE(help.out.find(std::string("  rejoin ") + command), std::string::npos) << help.out;
      EXPECT_EQ(help.err, "");
    }
  }
}

TEST(Arguments, Version) {
  const Outcome outcome = run_tool({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, std::string("rejoin ") + version() + "\n");
}

void expect_usage_error(const std::vector<std::string>& arguments, const std::string& words) {
  const Outcome outcome = run_tool(arguments);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("rejoin: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
}

TEST(Arguments, SlipsGetASuggestion) {
  expect_usage_error({"mrege", "a.db", "b.db"}, "unknown command 'mrege'; did you mean 'merge'?");
  expect_usage_error({"chek", "a.db"}, "did you mean 'check'?");
  expect_usage_error({"stat", "a.db"}, "did you mean 'status'?");
  expect_usage_error({"change", "a.db"}, "did you mean 'changes'?");
  expect_usage_error({"merge", "a.db", "b.db", "--dryrun"}, "unknown option '--dryrun'; did you mean '--dry-run'?");
  expect_usage_error({"merge", "a.db", "b.db", "--chekc"}, "did you mean '--check'?");
  expect_usage_error({"changes", "a.db", "--sicne=3"}, "did you mean '--since'?");
  expect_usage_error({"--versoin"}, "did you mean '--version'?");
  const Outcome far = run_tool({"frobnicate"});
  EXPECT_EQ(far.err, "rejoin: unknown command 'frobnicate'; see: rejoin --help\n");
}

TEST(Arguments, WhatIsMissingOrTooMuchIsSaid) {
  expect_usage_error({}, "a command is missing");
  expect_usage_error({"merge"}, "FILES");
  expect_usage_error({"merge", "only-one.db"}, "FILES");
  expect_usage_error({"init", "a.db"}, "TABLES");
  expect_usage_error({"status"}, "FILE");
  expect_usage_error({"status", "a.db", "b.db"}, "'b.db' is one argument too many");
  expect_usage_error({"sql", "a.db", "SELECT 1", "SELECT 2"}, "one argument too many");
  expect_usage_error({"merge", "a.db", "b.db", "--wait", "soon"}, "--wait");
  expect_usage_error({"merge", "a.db", "b.db", "--wait", "-1"}, "--wait");
}

class ProgressTest : public ToolTest {
 protected:
  void SetUp() override {
    for (const char* name : {"a.db", "b.db"}) {
      make(name, "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a, b, c, d, e); SELECT crsql_as_crr('t')");
    }
    sql("b.db",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40000)"
        "INSERT INTO t SELECT i, i, i, i, i, i FROM c");
  }
};

TEST_F(ProgressTest, LongWorkShowsABarOnATerminal) {
  const std::string shown = errors_on_terminal({"merge", path("a.db"), path("b.db")});
  EXPECT_NE(shown.find("%"), std::string::npos) << "no bar: did the merge of 200,000 changes take less than 0.3 s?";
  EXPECT_NE(shown.find("█"), std::string::npos);
  EXPECT_TRUE(shown.ends_with("\r\x1b[K")) << "the bar is not taken away";
}

TEST_F(ProgressTest, NobodyElseSeesIt) {
  const Outcome outcome = merge({"a.db", "b.db"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace rejoin::cli_test
