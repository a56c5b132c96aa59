#include "crr/column_list.hpp"

#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

std::string listed(std::span<const Column> columns, const char* form, const char* between, std::size_t first) {
  std::string out;
  for (const Column& column : columns) {
    if (!out.empty()) out += between;
    fill_form(out, form, [&](char mark) {
      const bool number = mark == 'i' || mark == 'o';
      (number ? Piece(mark == 'i' ? first : first - 1) : Piece(column.name)).append_to(out, mark);
    });
    ++first;
  }
  return out;
}

std::string listed(const std::vector<Column>& columns, const char* form, const char* between) {
  return listed(std::span(columns), form, between);
}

}  // namespace rejoin::internal
