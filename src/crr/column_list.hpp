// Lists of columns in SQL.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

/// `form` for each column, with `between` in between. In the form %n is the column's name, quoted, %t its name as a
/// string literal, %i its number, counted from `first`, and %o one less: "%n = ?%i" makes `"a" = ?1, "b" = ?2`.
std::string listed(std::span<const Column> columns, const char* form = "%n", const char* between = ", ",
                   std::size_t first = 1);
std::string listed(const std::vector<Column>& columns, const char* form = "%n", const char* between = ", ");

}  // namespace rejoin::internal
