// The values that random scripts write and merge, as SQL literals that mean exactly the same in both builds of SQLite.
#pragma once

#include <string>
#include <vector>

#include "support/choices.hpp"

namespace rejoin::oracle {

enum class Kind { kAny, kInteger, kText, kReal, kBlob };

/// A value that a column of `kind` keeps as it is.
std::string own_value(Kind kind, test::Choices& choices);

/// A value of any type.
std::string any_value(test::Choices& choices);

/// A value for a key column, out of so few that sites meet.
std::string key_value(Kind kind, test::Choices& choices);

/// Every odd value of every kind, each once: integers of all widths, text and blobs at the edges of their lengths, ....
const std::vector<std::string>& odd_values();

}  // namespace rejoin::oracle
