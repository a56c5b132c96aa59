// Every *.test of this directory is a test.
#include "scripts/script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> script_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(REJOIN_SOURCE_DIR "/tests/scripts")) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

class Scripts : public testing::TestWithParam<std::string> {};

TEST_P(Scripts, GiveWhatTheySay) {
  const fs::path file = fs::path(REJOIN_SOURCE_DIR) / "tests/scripts" / (GetParam() + ".test");
  const std::string problem = Script(file).run();
  if (!problem.empty()) FAIL() << file.filename().string() << ", " << problem;
}

INSTANTIATE_TEST_SUITE_P(All, Scripts, testing::ValuesIn(script_names()),
                         [](const testing::TestParamInfo<std::string>& script) { return script.param; });

// A runner that lets everything pass would let every script pass.
std::string run_text(const std::string& text) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "x.test";
  std::ofstream(file) << text;
  return Script(file).run();
}

TEST(ScriptRunner, SeesWrongRowsMissingRowsAndUnexpectedRows) {
  EXPECT_EQ(run_text("@a\nSELECT 1, 'x';\n> 1|'x'\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1;\n> 2\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1;\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1;\n> 1\n> 1\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1 WHERE 0;\n> 1\n"), "");
}

TEST(ScriptRunner, SeesWrongErrorsAndMissingOnes) {
  EXPECT_EQ(run_text("@a\nSELECT nope;\nerror: no such column\n"), "");
  EXPECT_NE(run_text("@a\nSELECT nope;\nerror: other\n"), "");
  EXPECT_NE(run_text("@a\nSELECT nope;\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1 WHERE 0;\nerror: x\n"), "");
}

TEST(ScriptRunner, SeesMistakesInTheScript) {
  EXPECT_NE(run_text(""), "");
  EXPECT_NE(run_text("SELECT 1;\n> 1\n"), "");
  EXPECT_NE(run_text("@a\nsink a -> b\n"), "");
  EXPECT_NE(run_text("@a\nSELECT 1\n"), "");
}

TEST(ScriptRunner, TellsTheLine) { EXPECT_NE(run_text("@a\n\nSELECT 1;\n> 2\n").find("line 3"), std::string::npos); }

}  // namespace
}  // namespace rejoin::test
