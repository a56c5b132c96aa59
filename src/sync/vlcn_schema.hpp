// How vlcn clients name the version of a schema.
#pragma once

#include <cstdint>
#include <string_view>

namespace rejoin::sync {

/// The version of a schema's text (UTF-8): a hash of it, byte for byte, by which a client and its server know that they
/// have the same one.
std::int64_t cryb64(std::string_view text);

}  // namespace rejoin::sync
