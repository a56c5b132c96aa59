#include <net/column_text.hpp>

#include <net/sql.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace rejoin::net {
namespace {

constexpr std::size_t kLongestType = 100;
constexpr std::array<std::string_view, 18> kConstraintWords = {
    "as",        "always", "check", "collate", "constraint", "default", "deferrable", "foreign", "generated",
    "initially", "not",    "null",  "on",      "primary",    "key",     "references", "unique",  "autoincrement"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Takes what `belongs` from the beginning of `text`; whether that was anything.
bool take(std::string_view& text, bool (*belongs)(char)) {
  std::size_t count = 0;
  while (count < text.size() && belongs(text[count])) ++count;
  text.remove_prefix(count);
  return count > 0;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// "(10)", "(10, 2)" and nothing else.
bool is_size(std::string_view text) {
  if (!take(text, '(') || !take(text, is_digit)) return false;
  if (take(text, ',')) {
    take(text, ' ');
    if (!take(text, is_digit)) return false;
  }
  return text == ")";
}

bool is_number(std::string_view text) {
  if (!take(text, '-')) take(text, '+');
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    return text.size() <= 16 && take(text, is_hex) && text.empty();
  }
  bool digits = take(text, is_digit);
  if (take(text, '.')) digits = take(text, is_digit) || digits;
  if (!digits) return false;
  if (take(text, 'e') || take(text, 'E')) {
    if (!take(text, '-')) take(text, '+');
    if (!take(text, is_digit)) return false;
  }
  return text.empty();
}

// Text in `quote`s, in which each quote is doubled.
bool is_quoted(std::string_view text, char quote) {
  if (text.size() < 2 || text.front() != quote || text.back() != quote) return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return false;
    if (text[i] != quote) continue;
    if (i + 1 == text.size() || text[i + 1] != quote) return false;
    ++i;
  }
  return true;
}

bool is_blob(std::string_view text) {
  if (text.size() < 3 || (text[0] != 'x' && text[0] != 'X') || text[1] != '\'' || text.back() != '\'') return false;
  const std::string_view digits = text.substr(2, text.size() - 3);
  return digits.size() % 2 == 0 && std::all_of(digits.begin(), digits.end(), is_hex);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

bool is_plain_type(std::string_view type) {
  if (type.empty()) return true;
  if (type.size() > kLongestType) return false;
  std::string_view words = type.substr(0, type.find('('));
  if (words.size() < type.size() && !is_size(type.substr(words.size()))) return false;
  if (words.size() < type.size() && words.ends_with(' ')) words.remove_suffix(1);
  while (!words.empty()) {
    const std::string word = lower_case(words.substr(0, words.find(' ')));
    const bool plain = !word.empty() && is_letter(word[0]) &&
                       std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || is_digit(c); });
    if (!plain || std::find(kConstraintWords.begin(), kConstraintWords.end(), word) != kConstraintWords.end()) {
      return false;
    }
    if (words.size() == word.size()) return true;
    words.remove_prefix(word.size() + 1);
  }
  return false;
}

std::string affinity_type(std::string_view type) {
  const std::string name = lower_case(type);
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  if (has("int")) return "INT";
  if (has("char") || has("clob") || has("text")) return "TEXT";
  if (name.empty() || has("blob")) return "BLOB";
  return has("real") || has("floa") || has("doub") ? "REAL" : "NUMERIC";
}

bool is_literal(std::string_view text) {
  const std::string word = lower_case(text.substr(0, 32));
  for (const std::string_view known : {"null", "true", "false", "current_time", "current_date", "current_timestamp"}) {
    if (word == known && word.size() == text.size()) return true;
  }
  return is_number(text) || is_quoted(text, '\'') || is_blob(text);
}

std::string told_default(std::string_view text) {
  if (is_literal(text)) return std::string(text);
  if (!is_quoted(text, '"')) return "";
  // SQLite takes DEFAULT "text" for a text, as it takes nothing else in these quotes for one.
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    plain += text[i];
    if (text[i] == '"') ++i;
  }
  return quoted_text(plain);
}

}  // namespace rejoin::net
