// The project's own files as text, for the tests that hold them to the house rules.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rejoin::repo {

struct SourceFile {
  std::string path;  ///< from the top of the source tree, with '/'
  std::vector<std::string> lines;
};

/// All files below `dir` (from the top; "" = everything) whose name ends in one of `endings`. What is built, downloaded
/// or hidden is left out.
std::vector<SourceFile> files_in(const std::string& dir, const std::vector<std::string>& endings);

/// Reads one file, "" if it isn't there.
std::string read_file(const std::filesystem::path& path);

/// The lines of C++ with comments, string and character literals blanked: what is left is code.
std::vector<std::string> code_of(const SourceFile& file);

/// How many characters of UTF-8 `text` has.
std::size_t characters(std::string_view text);

/// Runs a shell command and returns what it prints.
std::string output_of(const std::string& command);

}  // namespace rejoin::repo
