// SQL and messages from pieces. The only place where a name enters SQL.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace rejoin::internal {

/// `name` as an SQL identifier: in double quotes, quotes inside doubled.
std::string quoted_name(std::string_view name);

/// `text` as an SQL string literal.
std::string quoted_text(std::string_view text);

/// What takes the place of a mark: a borrowed text, or a whole number.
class Piece {
 public:
  Piece(std::string_view text) : data_(text.data()), value_(static_cast<std::int64_t>(text.size())) {}  // NOLINT
  Piece(const std::string& text) : Piece(std::string_view(text)) {}                                     // NOLINT
  Piece(const char* text) : Piece(std::string_view(text)) {}                                            // NOLINT
  Piece(std::integral auto number) : data_(kNumber), value_(static_cast<std::int64_t>(number)) {}       // NOLINT

  /// Appends it as `mark` says: 's' as it is, 'n' as a quoted name, 't' as a string literal.
  void append_to(std::string& out, char mark) const;

 private:
  static constexpr char kNumber[] = "";  // its address says that this is one

  const char* data_;
  std::int64_t value_;  // of a text: its size
};

/// Appends `form`, which marks with % where something belongs: `put` gets the letter after it and appends that.
template <typename Put>
void fill_form(std::string& out, const char* form, Put&& put) {
  for (; *form != 0; ++form) *form == '%' ? put(*++form) : out.push_back(*form);
}

void not_as_many_pieces_as_marks();  // is nowhere: that it is not constexpr is what stops the compiler

/// A text with `Count` marks, %s, %n or %t; the compiler counts them.
template <std::size_t Count>
struct Form {
  consteval Form(const char* literal) : text(literal) {  // NOLINT: a literal is a form
    std::size_t marks = 0;
    for (const char* c = literal; *c != 0; ++c) marks += *c == '%' ? 1 : 0;
    if (marks != Count) not_as_many_pieces_as_marks();
  }
  const char* text;
};

void append_pieces(std::string& out, const char* form, const Piece* pieces);
std::string compose_pieces(const char* form, const Piece* pieces);

/// `form` with its marks replaced by the pieces, in order: compose("%n is %s", {"a", 1}) is `"a" is 1`.
template <std::size_t Count>
std::string compose(std::type_identity_t<Form<Count>> form, const Piece (&pieces)[Count]) {
  return compose_pieces(form.text, pieces);
}

/// The same at the end of `out`.
template <std::size_t Count>
void append(std::string& out, std::type_identity_t<Form<Count>> form, const Piece (&pieces)[Count]) {
  append_pieces(out, form.text, pieces);
}

}  // namespace rejoin::internal
