// UTF-8 as JavaScript's decoders read it, for protocols whose other end is written in JavaScript.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rejoin::sync::vlcn {

/// What stands for bytes that are no UTF-8.
inline constexpr char32_t kReplacement = 0xFFFD;

/// The character at `at`, which must be inside of `text`; moves `at` behind it. Bytes that are no UTF-8 give
/// kReplacement for each longest run that could have begun a character, as TextDecoder does; `valid` becomes false
/// then.
char32_t next_character(std::string_view text, std::size_t& at, bool& valid);

bool is_utf8(std::string_view text);

/// `text` with kReplacement in the place of what is no UTF-8.
std::string mended_utf8(std::string_view text);

}  // namespace rejoin::sync::vlcn
