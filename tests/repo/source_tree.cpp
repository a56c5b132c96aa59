#include "repo/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

namespace rejoin::repo {
namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& dir) {
  const std::string name = dir.filename().string();
  return name.starts_with("build") || name == "node_modules" || (name.starts_with(".") && name != ".ci");
}

bool ends_in_one_of(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& e) { return name.ends_with(e); });
}

// Blanks comments and literals, one character at a time; raw strings end at their own delimiter.
class CodeFilter {
 public:
  std::string line(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      if (in_comment_) {
        i = leave_at(text, i, "*/", in_comment_);
      } else if (in_raw_) {
        i = leave_at(text, i, raw_end_, in_raw_);
      } else if (text.compare(i, 2, "//") == 0) {
        break;
      } else if (text.compare(i, 2, "/*") == 0) {
        in_comment_ = true;
        i += 2;
      } else if (text.compare(i, 2, "R\"") == 0) {
        const std::size_t open = text.find('(', i);
        raw_end_ = ")" + text.substr(i + 2, open - i - 2) + "\"";
        in_raw_ = true;
        i = open + 1;
      } else if (text[i] == '"' || (text[i] == '\'' && !is_digit_separator(text, i))) {
        i = after_literal(text, i);
        out += ' ';
      } else {
        out += text[i++];
      }
    }
    return out;
  }

 private:
  static std::size_t leave_at(const std::string& text, std::size_t from, const std::string& end, bool& inside) {
    const std::size_t at = text.find(end, from);
    if (at == std::string::npos) return text.size();
    inside = false;
    return at + end.size();
  }

  static bool is_digit_separator(const std::string& text, std::size_t at) {
    return at > 0 && at + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[at - 1])) != 0 &&
           std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0 && (at < 2 || text[at - 2] != '\'');
  }

  static std::size_t after_literal(const std::string& text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
  }

  bool in_comment_ = false;
  bool in_raw_ = false;
  std::string raw_end_;
};

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<SourceFile> files_in(const std::string& dir, const std::vector<std::string>& endings) {
  const fs::path top = REJOIN_SOURCE_DIR;
  std::vector<SourceFile> found;
  if (!fs::exists(top / dir)) return found;
  for (auto it = fs::recursive_directory_iterator(top / dir); it != fs::recursive_directory_iterator(); ++it) {
    if (it->is_directory()) {
      if (is_left_out(it->path())) it.disable_recursion_pending();
    } else if (ends_in_one_of(it->path().filename().string(), endings)) {
      SourceFile file{fs::relative(it->path(), top).generic_string(), {}};
      std::istringstream in(read_file(it->path()));
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      found.push_back(std::move(file));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

std::vector<std::string> code_of(const SourceFile& file) {
  std::vector<std::string> code;
  CodeFilter filter;
  for (const std::string& line : file.lines) code.push_back(filter.line(line));
  return code;
}

std::size_t characters(std::string_view text) {
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) out.append(part.data(), n);
  pclose(pipe);
  return out;
}

}  // namespace rejoin::repo
