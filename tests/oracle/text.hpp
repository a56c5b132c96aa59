// Values as text for people and for comparison: equal text, equal value.
#pragma once

#include <string>
#include <string_view>

#include "oracle/engine.hpp"

namespace rejoin::oracle {

std::string to_hex(std::string_view bytes);
std::string to_hex(const Blob& bytes);
std::string from_hex(std::string_view digits);

/// `value` with nothing lost: 5, 5.0, 'text', t'ff00' (text that is not plain), x'00', NULL.
std::string show(const Value& value);
/// Values with a bar between them.
std::string show(const Row& row);
/// A row a line.
std::string show(const Rows& rows);

}  // namespace rejoin::oracle
