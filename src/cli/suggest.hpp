// "Did you mean …?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rejoin::cli {

/// How many letters must be inserted, deleted, replaced or swapped with their neighbour to make `b` of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name among `known` that `typed` is probably a slip of; empty where none is near.
std::string suggestion_for(std::string_view typed, const std::vector<std::string>& known);

}  // namespace rejoin::cli
