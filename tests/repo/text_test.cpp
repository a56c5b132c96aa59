// How the files themselves look: line and file length, no machine's paths, a library that is a guest in its host.

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "repo/source_tree.hpp"

namespace rejoin::repo {
namespace {

const std::vector<std::string> kCode = {".cpp", ".hpp", ".h", ".cmake", "CMakeLists.txt", ".mjs", ".js", ".sh"};
const std::vector<std::string> kText = {".md", ".yml", ".pc.in", ".cmake.in", ".clang-format", ".clang-tidy"};

std::vector<SourceFile> own_files(const std::vector<std::string>& endings) {
  std::vector<SourceFile> files = files_in("", endings);
  for (const char* dir : {"scripts", ".ci"}) {
    for (SourceFile& file : files_in(dir, {""})) files.push_back(std::move(file));
  }
  return files;
}

std::vector<SourceFile> code_and_text() {
  std::vector<std::string> endings = kCode;
  endings.insert(endings.end(), kText.begin(), kText.end());
  return own_files(endings);
}

std::string place(const SourceFile& file, std::size_t line) { return file.path + ":" + std::to_string(line + 1); }

TEST(Text, LinesHaveAtMost120Characters) {
  for (const SourceFile& file : code_and_text()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const bool table_or_link = file.path.ends_with(".md") && (line.starts_with("|") || line.find("](") != line.npos);
      if (!table_or_link) {
        EXPECT_TRUE(characters(line) <= 120) << place(file, i) << " has " << characters(line);
      }
    }
  }
}

TEST(Text, FilesHaveAtMost500Lines) {
  for (const SourceFile& file : own_files(kCode)) EXPECT_LE(file.lines.size(), 500U) << file.path;
}

TEST(Text, LinesHaveNoTabsAndNoBlanksAtTheirEnd) {
  for (const SourceFile& file : own_files(kCode)) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_EQ(file.lines[i].find('\t'), std::string::npos) << place(file, i) << " has a tab";
      EXPECT_FALSE(file.lines[i].ends_with(' ')) << place(file, i) << " ends in a blank";
      EXPECT_FALSE(file.lines[i].ends_with('\r')) << place(file, i) << " ends in CR LF";
    }
  }
}

TEST(Text, NamesNoPlaceOfOneMachine) {
  // In two parts each, so that this file does not name one.
  const std::regex place_of_a_machine(
      "(^|[^A-Za-z0-9_.$}/-])/(wo"
      "rk|ho"
      "me|ro"
      "ot|Us"
      "ers)/[A-Za-z0-9._]");
  for (const SourceFile& file : code_and_text()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], place_of_a_machine)) << place(file, i) << ": " << file.lines[i];
    }
  }
}

// The library is a guest: it never prints, never ends the process, never throws, and takes none of the slots of which a
// connection or a process has only one. (A busy timeout is such a slot too; Replica::open sets it where it has opened
// the connection itself.)
TEST(Text, TheLibraryIsAGuest) {
  const std::vector<std::pair<std::string, std::regex>> rules = {
      {"prints", std::regex("\\b(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror)\\s*\\(|"
                            "\\bstd::(cout|cerr|clog)\\b|#\\s*include\\s*<(iostream|print)>")},
      {"ends the process",
       std::regex("\\b(abort|exit|_exit|_Exit|quick_exit|terminate|assert)\\s*\\(|#\\s*include\\s*<cassert>")},
      {"throws", std::regex("\\bthrow\\b")},
      {"takes the host's hook",
       std::regex("\\bsqlite3_(commit_hook|rollback_hook|update_hook|preupdate_hook|wal_hook|progress_handler|"
                  "set_authorizer|busy_handler|trace|trace_v2|profile|config|shutdown)\\b")},
  };
  for (const char* layer : {"src/base", "src/sqlite", "src/crr", "src/sync", "src/capi", "include"}) {
    for (const SourceFile& file : files_in(layer, {".cpp", ".hpp", ".h"})) {
      const std::vector<std::string> code = code_of(file);
      for (std::size_t i = 0; i < code.size(); ++i) {
        for (const auto& [what, pattern] : rules) {
          EXPECT_FALSE(std::regex_search(code[i], pattern)) << place(file, i) << " " << what << ": " << file.lines[i];
        }
      }
    }
  }
}

TEST(Text, NothingIsLeftToDo) {
  const std::regex mark(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  for (const SourceFile& file : own_files(kCode)) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], mark)) << place(file, i) << ": " << file.lines[i];
    }
  }
}

TEST(Text, CodeFilterKeepsCodeOnly) {
  const SourceFile file{
      "x", {"a(\"printf(\"); // printf(", "/* abort(", "abort( */ b('\\'', 1'000);", "R\"x(exit(", ")x\" c"}};
  const std::vector<std::string> expected = {"a( ); ", "", " b( , 1'000);", "", " c"};
  EXPECT_EQ(code_of(file), expected);
}

}  // namespace
}  // namespace rejoin::repo
