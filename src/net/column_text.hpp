// Types and defaults of columns as texts: which are plain enough to be taken from a stranger.
#pragma once

#include <string>
#include <string_view>

namespace rejoin::net {

/// ASCII letters made small.
std::string lower_case(std::string_view text);

/// Whether `type` is words of letters, digits and underscores with one blank between them, none of which begins a
/// constraint, and perhaps one or two numbers in parentheses; or nothing at all.
bool is_plain_type(std::string_view type);

/// The plain type that has the same affinity.
std::string affinity_type(std::string_view type);

/// Whether `text` is one literal of SQL: NULL, TRUE, FALSE, CURRENT_…, a number, 'text' or x'hex'.
bool is_literal(std::string_view text);

/// A default, as SQLite shows it, as a literal; empty: it is none.
std::string told_default(std::string_view text);

}  // namespace rejoin::net
