// The names of what is remembered of a peer (Replica::set_note).
#pragma once

#include <string>
#include <string_view>

#include <rejoin/value.hpp>

namespace rejoin::sync {

/// `prefix` and the peer's site id in hexadecimal.
inline std::string note_name(std::string_view prefix, const Blob& site) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string name(prefix);
  for (const std::uint8_t byte : site) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 0xF];
  }
  return name;
}

}  // namespace rejoin::sync
