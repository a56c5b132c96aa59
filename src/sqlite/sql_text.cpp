#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

void append_quoted(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
}

}  // namespace

std::string quoted_name(std::string_view name) { return compose("%n", {name}); }

std::string quoted_text(std::string_view text) { return compose("%t", {text}); }

void Piece::append_to(std::string& out, char mark) const {
  if (data_ == kNumber) {
    out += std::to_string(value_);
    return;
  }
  const std::string_view text(data_, static_cast<std::size_t>(value_));
  if (mark == 's') {
    out += text;
  } else {
    append_quoted(out, text, mark == 'n' ? '"' : '\'');
  }
}

void append_pieces(std::string& out, const char* form, const Piece* pieces) {
  fill_form(out, form, [&](char mark) { pieces++->append_to(out, mark); });
}

std::string compose_pieces(const char* form, const Piece* pieces) {
  std::string out;
  append_pieces(out, form, pieces);
  return out;
}

}  // namespace rejoin::internal
