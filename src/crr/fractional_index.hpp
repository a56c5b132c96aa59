// Ordering keys: texts between any two of which there is room for another one.
//
//   key      := integer fraction              compared byte by byte
//   integer  := head digit*                   head "a" to "z": 1 to 26 digits follow; "Z" down to "A": 1 to 26 digits
//   follow fraction := "" | digit* last              last: any digit but " " digit    := " " to "~" the 95 printable
//   ASCII characters, " " is 0
//
// A head says how long the integer is, so that a longer positive one sorts behind a shorter one: "a ", "a!", ... "a~",
// "b  ". The least integer, "A" and 26 blanks, is no key by itself: there would be nothing before it.
//
// DO NOT CHANGE which key lies between two others: replicas that put a row at the same place at the same time agree by
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rejoin/status.hpp>

namespace rejoin::internal {

/// A key strictly between `before` and `after`; none: that end is open. An integer where one fits, else the middle.
/// What is no key, and keys that are equal or in the wrong order, are errors that say so.
Result<std::string> key_between(std::optional<std::string_view> before, std::optional<std::string_view> after);

}  // namespace rejoin::internal
