// Texts for people: numbers, values and keys as one reads them, and how wide they are on a terminal.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/change.hpp>

namespace rejoin::cli {

/// The arguments after each other, as `<<` writes them.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// "1,234 changes", "1 change". `many` where an s is not enough.
std::string count_of(std::int64_t number, std::string_view one, std::string_view many = {});

/// Lower-case hexadecimal, and back; parse_hex is false where `text` is not pairs of hexadecimal digits.
std::string to_hex(const Blob& bytes);
std::string to_hex(std::string_view bytes);
bool parse_hex(std::string_view text, std::string& bytes);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// `text` in one line that does nothing to a terminal: control characters and bytes that are no UTF-8 as \n, \x1b.
std::string printable(std::string_view text);

/// How many columns `text` (printable) takes on a terminal.
std::size_t display_width(std::string_view text);

/// `text` cut to at most `columns` on a terminal, with an ellipsis where something was left out.
std::string shortened(std::string_view text, std::size_t columns);

/// A value as it is shown in a table: text plain, blobs as x'…', NULL.
std::string shown(const Value& value);

/// A value as SQL would write it: 'text' in quotes.
std::string quoted(const Value& value);

/// The values of a packed key; false where the bytes are no packed key.
bool unpack_key(const Blob& packed, std::vector<Value>& values);

/// The values of a packed key, as in ('FR', 'Paris'); x'…' where the bytes are no packed key.
std::string shown_key(const Blob& packed);

}  // namespace rejoin::cli
