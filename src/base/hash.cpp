#include "base/hash.hpp"

// Only the one-shot hash is used, inlined, so that users need no library beside SQLite.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace rejoin::internal {

Hash hash_of(ByteView bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data, bytes.size);
  return {hash.low64, hash.high64};
}

}  // namespace rejoin::internal
