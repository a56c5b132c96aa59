// The fixed scripts (scripts/*.sql), each for a function or a rule.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "oracle/known.hpp"
#include "oracle/ours.hpp"
#include "oracle/player.hpp"
#include "oracle/reference.hpp"

namespace rejoin::oracle {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> script_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(REJOIN_SOURCE_DIR "/tests/oracle/scripts")) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Script load(const std::string& name) {
  std::ifstream in(REJOIN_SOURCE_DIR "/tests/oracle/scripts/" + name + ".sql");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_script(text.str());
}

class Scripts : public testing::TestWithParam<std::string> {};

TEST_P(Scripts, ShowNoUnknownDifference) {
  REJOIN_NEEDS_REFERENCE();
  Reference reference;
  Ours ours;
  Player player(reference, ours);
  const Script script = load(GetParam());
  ASSERT_FALSE(script.empty());
  if (const auto difference = player.play(script)) {
    const Step& step = script[difference->step];
    FAIL() << "scripts/" << GetParam() << ".sql, line " << step.line << ": " << step.sql << "\n" << difference->what;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Scripts, testing::ValuesIn(script_names()),
                         [](const auto& script) { return script.param; });

// A difference that no script shows any more must leave the list.
TEST(Known, EachDifferenceIsShownByAScript) {
  std::set<std::string> shown;
  for (const std::string& name : script_names()) {
    for (const Step& step : load(name)) shown.insert(step.rule);
  }
  for (const KnownDifference& known : known_differences()) {
    EXPECT_TRUE(shown.contains(known.rule)) << known.rule << " is shown by no script";
  }
}

}  // namespace
}  // namespace rejoin::oracle
