// Bounded big-endian reading and writing: the only code that touches raw input bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace rejoin::internal {

using Bytes = std::vector<std::uint8_t>;

/// A borrowed run of bytes.
struct ByteView {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;

  friend bool operator==(ByteView a, ByteView b) {
    return a.size == b.size && (a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0);
  }
};

/// std::bit_cast, which libc++ has from 14 on.
template <typename To, typename From>
To bits_as(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

inline ByteView view_of(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// Walks over borrowed bytes. Every read says whether there was enough; after a refusal nothing was consumed.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : next_(bytes.data), left_(bytes.size) {}

  [[nodiscard]] std::size_t left() const { return left_; }

  [[nodiscard]] bool read_u8(std::uint8_t& out) {
    if (left_ == 0) return false;
    out = *next_;
    skip(1);
    return true;
  }

  /// Reads `size` (0 to 8) bytes as an unsigned big-endian number.
  [[nodiscard]] bool read_unsigned(std::size_t size, std::uint64_t& out) {
    if (size > 8 || size > left_) return false;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = (value << 8) | next_[i];
    out = value;
    skip(size);
    return true;
  }

  [[nodiscard]] bool read_bytes(std::uint64_t size, ByteView& out) {
    if (size > left_) return false;
    out = {next_, static_cast<std::size_t>(size)};
    skip(out.size);
    return true;
  }

 private:
  void skip(std::size_t size) {
    if (size == 0) return;  // next_ may be null, and null + 0 is all that is allowed of it
    next_ += size;
    left_ -= size;
  }

  const std::uint8_t* next_;
  std::size_t left_;
};

/// The fewest bytes that hold `value`; 0 for 0.
constexpr std::size_t unsigned_width(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

inline void append_unsigned(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void append_bytes(Bytes& out, ByteView bytes) {
  if (bytes.size != 0) out.insert(out.end(), bytes.data, bytes.data + bytes.size);
}

}  // namespace rejoin::internal
