#include "sync/vlcn_lib0.hpp"

#include "base/try.hpp"
#include "sync/vlcn_utf8.hpp"

namespace rejoin::sync::vlcn {

using internal::Bytes;
using internal::ByteView;

namespace {

// JavaScript's decoder refuses what a double does not hold exactly.
constexpr std::uint64_t kLargest = (std::uint64_t{1} << 53) - 1;
constexpr std::uint8_t kMore = 0x80;
constexpr std::uint8_t kNegative = 0x40;

std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }

}  // namespace

Status Lib0Reader::wrong(const char* what, std::string_view problem) const {
  std::string message = "vlcn message, byte ";
  message += std::to_string(size_ - left());
  message += ": ";
  message += what;
  message += ' ';
  message += problem;
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status Lib0Reader::u8(const char* what, std::uint8_t& out) {
  return reader_.read_u8(out) ? Status() : wrong(what, "is missing");
}

Status Lib0Reader::i64(const char* what, std::int64_t& out) {
  std::uint64_t bits = 0;
  if (!reader_.read_unsigned(8, bits)) return wrong(what, "is cut off");
  out = static_cast<std::int64_t>(bits);
  return {};
}

Status Lib0Reader::f64(const char* what, double& out) {
  std::uint64_t bits = 0;
  if (!reader_.read_unsigned(8, bits)) return wrong(what, "is cut off");
  out = internal::bits_as<double>(bits);
  return {};
}

Status Lib0Reader::varuint(const char* what, std::uint64_t& out) {
  std::uint64_t value = 0;
  std::uint8_t byte = 0;
  for (int shift = 0; shift < 56; shift += 7) {
    if (!reader_.read_u8(byte)) return wrong(what, "is cut off");
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & kMore) != 0) continue;
    out = value;
    return value <= kLargest ? Status() : wrong(what, "is too large");
  }
  return wrong(what, "is too long a number");
}

Status Lib0Reader::varint(const char* what, std::int64_t& out) {
  std::uint8_t byte = 0;
  if (!reader_.read_u8(byte)) return wrong(what, "is missing");
  const bool negative = (byte & kNegative) != 0;
  std::uint64_t value = byte & 0x3F;
  for (int shift = 6; (byte & kMore) != 0; shift += 7) {
    if (shift > 48) return wrong(what, "is too long a number");
    if (!reader_.read_u8(byte)) return wrong(what, "is cut off");
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
  }
  if (value > kLargest) return wrong(what, "is too large");
  out = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return {};
}

Status Lib0Reader::sized(const char* what, ByteView& out) {
  std::uint64_t size = 0;
  REJOIN_TRY(varuint(what, size));
  if (reader_.read_bytes(size, out)) return {};
  return wrong(what, "claims " + std::to_string(size) + " bytes, " + std::to_string(left()) + " are left");
}

Status Lib0Reader::text(const char* what, std::string& out) {
  ByteView bytes;
  REJOIN_TRY(sized(what, bytes));
  if (!is_utf8(text_of(bytes))) return wrong(what, "is no UTF-8");
  out.assign(text_of(bytes));
  return {};
}

Status Lib0Reader::blob(const char* what, Blob& out) {
  ByteView bytes;
  REJOIN_TRY(sized(what, bytes));
  out.assign(bytes.data, bytes.data + bytes.size);
  return {};
}

Status Lib0Reader::bytes(const char* what, std::size_t size, Blob& out) {
  ByteView bytes;
  if (!reader_.read_bytes(size, bytes)) return wrong(what, "is cut off");
  out.assign(bytes.data, bytes.data + bytes.size);
  return {};
}

Status Lib0Reader::count(const char* what, std::size_t least, std::size_t& out) {
  std::uint64_t claimed = 0;
  REJOIN_TRY(varuint(what, claimed));
  if (claimed > left() / least) {
    return wrong(what,
                 "is " + std::to_string(claimed) + ", for which " + std::to_string(left()) + " bytes are too few");
  }
  out = static_cast<std::size_t>(claimed);
  return {};
}

void append_i64(std::int64_t value, Bytes& out) {
  internal::append_unsigned(out, static_cast<std::uint64_t>(value), 8);
}

void append_f64(double value, Bytes& out) {
  internal::append_unsigned(out, internal::bits_as<std::uint64_t>(value), 8);
}

void append_varuint(std::uint64_t value, Bytes& out) {
  for (; value > 0x7F; value >>= 7) out.push_back(static_cast<std::uint8_t>(kMore | (value & 0x7F)));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_varint(std::int64_t value, Bytes& out) {
  auto size = static_cast<std::uint64_t>(value);
  if (value < 0) size = 0 - size;
  const std::uint8_t sign = value < 0 ? kNegative : 0;
  const std::uint8_t more = size > 0x3F ? kMore : 0;
  out.push_back(static_cast<std::uint8_t>(more | sign | (size & 0x3F)));
  if (more != 0) append_varuint(size >> 6, out);
}

void append_text(std::string_view text, Bytes& out) {
  if (!is_utf8(text)) {
    const std::string mended = mended_utf8(text);
    return append_text(mended, out);
  }
  append_varuint(text.size(), out);
  out.insert(out.end(), text.begin(), text.end());
}

void append_blob(const Blob& blob, Bytes& out) {
  append_varuint(blob.size(), out);
  internal::append_bytes(out, internal::view_of(blob));
}

}  // namespace rejoin::sync::vlcn
