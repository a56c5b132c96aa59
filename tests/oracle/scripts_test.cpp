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

// The cells of the tables in docs/compatibility.md, row by row.
std::vector<std::vector<std::string>> document_rows() {
  std::ifstream in(REJOIN_SOURCE_DIR "/docs/compatibility.md");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| ")) continue;
    std::vector<std::string>& row = rows.emplace_back();
    std::istringstream cells(line.substr(2));
    for (std::string cell; std::getline(cells, cell, '|');) {
      const std::size_t first = cell.find_first_not_of(' ');
      row.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
    }
  }
  return rows;
}

TEST(Known, AreThoseOfTheDocument) {
  std::set<std::string> listed;
  for (const auto& row : document_rows()) {
    if (row.size() == 3 && row[0].starts_with('`')) listed.insert(row[0].substr(1, row[0].size() - 2));
  }
  std::set<std::string> known;
  for (const KnownDifference& difference : known_differences()) known.insert(difference.rule);
  EXPECT_EQ(listed, known);
}

TEST(Known, ScriptsThatTheDocumentNamesAreThere) {
  const std::vector<std::string> names = script_names();
  std::size_t named = 0;
  for (const auto& row : document_rows()) {
    if (row.size() != 4 || row[2] == "script" || row[2] == "---" || row[2] == "all") continue;
    std::istringstream list(row[2]);
    for (std::string name; std::getline(list >> std::ws, name, ',');) {
      ++named;
      EXPECT_TRUE(std::find(names.begin(), names.end(), name) != names.end()) << name;
    }
  }
  EXPECT_GT(named, 30U);
}

}  // namespace
}  // namespace rejoin::oracle
