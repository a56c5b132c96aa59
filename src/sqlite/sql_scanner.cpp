#include "sqlite/sql_scanner.hpp"

#include <algorithm>

namespace rejoin::internal {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

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

/// The first name in a definition, without its quotes.
std::string first_name(std::string_view definition) {
  const std::size_t start = skip_blank(definition, 0);
  if (start >= definition.size()) return {};
  const char quote = definition[start];
  std::size_t end = start;
  if (quote != '"' && quote != '\'' && quote != '`' && quote != '[') {
    while (end < definition.size() && !is_space(definition[end]) && definition[end] != '(' && definition[end] != ',')
      ++end;
    return std::string(definition.substr(start, end - start));
  }
  end = skip(definition, start);
  std::string name;
  for (std::size_t i = start + 1; i + 1 < end; ++i) {
    name += definition[i];
    if (definition[i] == quote) ++i;  // a doubled quote stands for one
  }
  return name;
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
      if (same_name(first_name(part), column)) {
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

}  // namespace rejoin::internal
