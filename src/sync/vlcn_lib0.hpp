// The numbers and texts that vlcn messages are made of, bounded: lib0's encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rejoin/status.hpp>
#include <rejoin/value.hpp>

#include "base/bytes.hpp"

namespace rejoin::sync::vlcn {

/// Reads a message from its front. Each call names the part that it reads, for the Status that says why it cannot: what
/// is wrong, and at which byte. No length is believed before that many bytes are there.
class Lib0Reader {
 public:
  explicit Lib0Reader(internal::ByteView bytes) : reader_(bytes), size_(bytes.size) {}

  [[nodiscard]] std::size_t left() const { return reader_.left(); }

  Status u8(const char* what, std::uint8_t& out);
  Status i64(const char* what, std::int64_t& out);
  Status f64(const char* what, double& out);
  Status varuint(const char* what, std::uint64_t& out);
  Status varint(const char* what, std::int64_t& out);
  Status text(const char* what, std::string& out);
  Status blob(const char* what, Blob& out);
  /// `size` bytes.
  Status bytes(const char* what, std::size_t size, Blob& out);
  /// How many items follow, of which each takes `least` bytes or more.
  Status count(const char* what, std::size_t least, std::size_t& out);

  /// A failure at the byte that is next.
  [[nodiscard]] Status wrong(const char* what, std::string_view problem) const;

 private:
  Status sized(const char* what, internal::ByteView& out);

  internal::ByteReader reader_;
  std::size_t size_;
};

void append_i64(std::int64_t value, internal::Bytes& out);
void append_f64(double value, internal::Bytes& out);
void append_varuint(std::uint64_t value, internal::Bytes& out);
void append_varint(std::int64_t value, internal::Bytes& out);
/// What is no UTF-8 gets replacement characters.
void append_text(std::string_view text, internal::Bytes& out);
void append_blob(const Blob& blob, internal::Bytes& out);

}  // namespace rejoin::sync::vlcn
