/// @file
/// A value of a table's cell, as SQLite knows it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace rejoin {

/// Bytes that are owned.
using Blob = std::vector<std::uint8_t>;

/// A value of one of SQLite's five storage classes, in the order NULL, INTEGER, REAL, TEXT, BLOB. Text is UTF-8 as
/// SQLite holds it and may contain NULs.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

}  // namespace rejoin
