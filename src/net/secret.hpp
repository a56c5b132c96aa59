// Comparing what strangers must not guess.
#pragma once

#include <string_view>

namespace rejoin::net {

/// Whether they are equal, in a time that tells nothing of where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace rejoin::net
