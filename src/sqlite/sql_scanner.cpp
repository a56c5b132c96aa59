#include "sqlite/sql_scanner.hpp"

#include <algorithm>

namespace rejoin::internal {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// Of an unquoted name or word.
bool is_name(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & 0x80) != 0;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// The end of what begins at `at`: a quoted run, a comment, or one character.
std::size_t skip(std::string_view sql, std::size_t at) {
  const char c = sql[at];
  const auto end_at = [&](std::string_view mark) {
    const std::size_t end = sql.find(mark, at + (mark.size() == 1 ? 1 : 2));
    return end == std::string_view::npos ? sql.size() : end + mark.size();
  };
  if (c == '-' && sql.substr(at, 2) == "--") return end_at("\n");
  if (c == '/' && sql.substr(at, 2) == "/*") return end_at("*/");
  if (c == '[') return end_at("]");
  if (c != '"' && c != '\'' && c != '`') return at + 1;
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] != c) continue;
    if (i + 1 >= sql.size() || sql[i + 1] != c) return i + 1;
    ++i;
  }
  return sql.size();
}

/// Passes over white space and comments.
std::size_t skip_blank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    if (is_space(sql[at])) {
      ++at;
    } else if (sql.substr(at, 2) == "--" || sql.substr(at, 2) == "/*") {
      at = skip(sql, at);
    } else {
      break;
    }
  }
  return at;
}

/// The next name or word, without its quotes; `at` moves behind it.
std::string next_name(std::string_view sql, std::size_t& at) {
  const std::size_t start = skip_blank(sql, at);
  at = start;
  if (start >= sql.size()) return {};
  const char quote = sql[start];
  if (quote != '"' && quote != '\'' && quote != '`' && quote != '[') {
    while (at < sql.size() && is_name(sql[at])) ++at;
    return std::string(sql.substr(start, at - start));
  }
  at = skip(sql, start);
  std::string name;
  for (std::size_t i = start + 1; i + 1 < at; ++i) {
    name += sql[i];
    if (sql[i] == quote) ++i;  // a doubled quote stands for one
  }
  return name;
}

/// Moves `at` behind blanks and `c`, if that is what comes.
bool skip_over(std::string_view sql, std::size_t& at, char c) {
  const std::size_t place = skip_blank(sql, at);
  if (place >= sql.size() || sql[place] != c) return false;
  at = place + 1;
  return true;
}

/// Moves `at` behind what stands in parentheses, if that is what comes.
bool skip_parentheses(std::string_view sql, std::size_t& at) {
  if (!skip_over(sql, at, '(')) return false;
  for (int depth = 1; depth > 0 && at < sql.size(); at = skip(sql, at)) {
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')') --depth;
  }
  return true;
}

}  // namespace

bool find_column_definition(std::string_view sql, std::string_view column, std::string& definition) {
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    const bool ends = (c == ',' && depth == 1) || (c == ')' && depth == 1);
    if (ends) {
      const std::string_view part = sql.substr(start, at - start);
      std::size_t name = 0;
      if (same_name(next_name(part, name), column)) {
        // A newline ends a comment that may stand last.
        definition = std::string(part.substr(skip_blank(part, 0))) + "\n";
        return true;
      }
      start = at + 1;
    }
    if (c == '(' && ++depth == 1) start = at + 1;
    if (c == ')' && --depth == 0) return false;
    at = skip(sql, at);
  }
  return false;
}

std::size_t count_arguments(std::string_view sql, std::string_view function) {
  std::size_t at = 0;
  while (at < sql.size() && sql.substr(at, function.size()) != function) at = skip(sql, at);
  at = skip_blank(sql, std::min(at + function.size(), sql.size()));
  if (at >= sql.size() || sql[at] != '(') return 0;
  std::size_t count = sql.substr(skip_blank(sql, at + 1), 1) == ")" ? 0 : 1;
  int depth = 0;
  for (; at < sql.size(); at = skip(sql, at)) {
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')' && --depth == 0) break;
    if (sql[at] == ',' && depth == 1) ++count;
  }
  return count;
}

bool mentions(std::string_view sql, std::string_view word) {
  for (std::size_t at = 0; (at = skip_blank(sql, at)) < sql.size();) {
    std::size_t end = at;
    while (end < sql.size() && is_name(sql[end])) ++end;
    if (same_name(sql.substr(at, end - at), word)) return true;
    at = end == at ? skip(sql, at) : end;
  }
  return false;
}

bool inserts_rows_into(std::string_view sql, std::string_view table) {
  std::size_t at = 0;
  std::string word = next_name(sql, at);
  const bool insert = same_name(word, "insert");
  if (!insert && !same_name(word, "replace")) return false;
  word = next_name(sql, at);
  if (insert && same_name(word, "or")) {
    next_name(sql, at);
    word = next_name(sql, at);
  }
  if (!same_name(word, "into")) return false;
  word = next_name(sql, at);
  if (skip_over(sql, at, '.')) word = next_name(sql, at);
  if (!same_name(word, table)) return false;
  skip_parentheses(sql, at);
  word = next_name(sql, at);
  if (same_name(word, "select")) return true;
  return same_name(word, "values") && skip_parentheses(sql, at) && skip_over(sql, at, ',');
}

}  // namespace rejoin::internal
