// The documents: what they point at is there, and what they show is what is built.

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <rejoin/replica.hpp>

#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "repo/source_tree.hpp"

namespace rejoin::repo {
namespace {

namespace fs = std::filesystem;

const fs::path kTop = REJOIN_SOURCE_DIR;

struct CodeBlock {
  std::string language;
  std::string text;
};

std::vector<CodeBlock> code_blocks(const std::string& path) {
  std::istringstream in(read_file(kTop / path));
  std::vector<CodeBlock> blocks;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

TEST(Docs, ReadmeBeginsWithTheTwoCommands) {
  const std::vector<CodeBlock> blocks = code_blocks("README.md");
  ASSERT_GE(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].text, "./scripts/demo\n");
  EXPECT_EQ(blocks[1].text, "./scripts/test\n");
}

// A block of C++ or C in a document is in a file that is compiled and run: word for word.
TEST(Docs, CodeShownIsCompiled) {
  std::vector<std::string> compiled;
  for (const char* dir : {"tests", "examples"}) {
    for (const SourceFile& file : files_in(dir, {".cpp", ".c"})) compiled.push_back(read_file(kTop / file.path));
  }
  int shown = 0;
  for (const SourceFile& document : files_in("", {".md"})) {
    for (const CodeBlock& block : code_blocks(document.path)) {
      if (block.language != "cpp" && block.language != "c") continue;
      ++shown;
      bool found = false;
      for (const std::string& text : compiled) found = found || text.find(block.text) != std::string::npos;
      EXPECT_TRUE(found) << document.path << ": no file of tests or examples has this block:\n" << block.text;
    }
  }
  EXPECT_GT(shown, 8);
}

TEST(Docs, SqlOfTheInterfaceRuns) {
  const auto replica = Replica::open(":memory:");
  ASSERT_TRUE(replica.ok());
  sqlite3* db = replica->connection();
  int run = 0;
  for (const CodeBlock& block : code_blocks("docs/api.md")) {
    if (block.language != "sql") continue;
    ++run;
    EXPECT_EQ(sqlite3_exec(db, block.text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db) << " in\n"
        << block.text;
  }
  EXPECT_GE(run, 3);
  EXPECT_EQ(*replica->cursor(
                Blob{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}),
            7)
      << "the change that it shows was merged, and noted";
  EXPECT_EQ(*replica->db_version(), 7);
}

TEST(Docs, ChangelogHasThisVersion) {
  EXPECT_NE(read_file(kTop / "CHANGELOG.md").find("\n## " REJOIN_VERSION), std::string::npos);
}

TEST(Docs, LinksLeadSomewhere) {
  const std::regex link("\\]\\(([^)# ]+)(#[^)]*)?\\)");
  for (const SourceFile& file : files_in("", {".md"})) {
    for (const std::string& line : file.lines) {
      for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) {
        const std::string target = (*it)[1];
        if (target.starts_with("http")) continue;
        EXPECT_TRUE(fs::exists(kTop / fs::path(file.path).parent_path() / target))
            << file.path << " links to " << target;
      }
    }
  }
}

}  // namespace
}  // namespace rejoin::repo
