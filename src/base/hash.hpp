// One hash of bytes for all who need one: XXH3, 128 bits.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace rejoin::internal {

struct Hash {
  std::uint64_t low;
  std::uint64_t high;
};

Hash hash_of(ByteView bytes);

}  // namespace rejoin::internal
