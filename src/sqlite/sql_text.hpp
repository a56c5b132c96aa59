// The only place where a name enters SQL.
#pragma once

#include <string>
#include <string_view>

namespace rejoin::internal {

/// `name` as an SQL identifier: in double quotes, quotes inside doubled.
std::string quoted_name(std::string_view name);

/// `text` as an SQL string literal.
std::string quoted_text(std::string_view text);

}  // namespace rejoin::internal
