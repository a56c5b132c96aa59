// Numbers of the wire: 7 bits a byte, least significant first, bit 7 = more follow; signed ones zigzag, so that small
// negative numbers stay short. There is one form for each number: no needless zero byte at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace rejoin::sync {

using internal::ByteReader;
using internal::Bytes;
using internal::ByteView;

inline void append_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

/// False where the bytes end too soon or are no number in its one form.
[[nodiscard]] inline bool read_varint(ByteReader& reader, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = 0;
    if (!reader.read_u8(byte)) return false;
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return byte != 0 || shift == 0;
  }
  return false;
}

inline void append_sized(Bytes& out, ByteView bytes) {
  append_varint(out, bytes.size);
  internal::append_bytes(out, bytes);
}
inline void append_sized(Bytes& out, std::string_view text) {
  append_sized(out, ByteView{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}
[[nodiscard]] inline bool read_sized(ByteReader& reader, ByteView& bytes) {
  std::uint64_t size = 0;
  return read_varint(reader, size) && reader.read_bytes(size, bytes);
}
[[nodiscard]] inline bool read_sized(ByteReader& reader, std::string& text) {
  ByteView bytes;
  if (!read_sized(reader, bytes)) return false;
  text.assign(reinterpret_cast<const char*>(bytes.data), bytes.size);
  return true;
}

}  // namespace rejoin::sync
