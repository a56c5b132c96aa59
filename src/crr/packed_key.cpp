#include "crr/packed_key.hpp"

#include <cstdio>

#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

enum Type : std::uint8_t { kInteger = 1, kFloat = 2, kText = 3, kBlob = 4, kNull = 5 };

void append_tag(Bytes& out, Type type, std::size_t length) {
  out.push_back(static_cast<std::uint8_t>(type | length << 3));
}

Status broken(std::size_t index, std::string_view what) { return invalid("packed value %s %s", {index + 1, what}); }

/// A number in as few bytes as hold it.
bool read_number(ByteReader& reader, std::size_t width, std::uint64_t& out) {
  return reader.read_unsigned(width, out) && unsigned_width(out) == width;
}

Status unpack_value(ByteReader& reader, std::size_t index, ValueView& value) {
  std::uint8_t tag = 0;
  if (!reader.read_u8(tag)) return broken(index, "is missing");
  const std::size_t length = tag >> 3;
  std::uint64_t number = 0;
  switch (tag & 7) {
    case kInteger:
      if (!read_number(reader, length, number)) return broken(index, "is an integer of a bad length");
      value.type = SQLITE_INTEGER;
      value.integer = static_cast<std::int64_t>(number);
      return {};
    case kFloat:
      if (length != 0 || !reader.read_unsigned(8, number)) return broken(index, "is a float of a bad length");
      value.type = SQLITE_FLOAT;
      value.real = bits_as<double>(number);
      return {};
    case kText:
    case kBlob:
      value.type = (tag & 7) == kText ? SQLITE_TEXT : SQLITE_BLOB;
      if (!read_number(reader, length, number)) return broken(index, "has a size of a bad length");
      if (!reader.read_bytes(number, value.bytes)) return broken(index, "is longer than the key that holds it");
      return {};
    case kNull:
      if (length != 0) return broken(index, "is a NULL with a length");
      value.type = SQLITE_NULL;
      return {};
    default:
      return broken(index, "is of an unknown type");
  }
}

}  // namespace

void append_packed_value(Bytes& out, const ValueView& value) {
  switch (value.type) {
    case SQLITE_INTEGER: {
      const auto number = static_cast<std::uint64_t>(value.integer);
      append_tag(out, kInteger, unsigned_width(number));
      append_unsigned(out, number, unsigned_width(number));
      return;
    }
    case SQLITE_FLOAT:
      append_tag(out, kFloat, 0);
      append_unsigned(out, bits_as<std::uint64_t>(value.real), 8);
      return;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
      append_tag(out, value.type == SQLITE_TEXT ? kText : kBlob, unsigned_width(value.bytes.size));
      append_unsigned(out, value.bytes.size, unsigned_width(value.bytes.size));
      append_bytes(out, value.bytes);
      return;
    default:
      append_tag(out, kNull, 0);
      return;
  }
}

Status unpack(ByteView packed, std::vector<ValueView>& values) {
  values.clear();
  ByteReader reader(packed);
  std::uint8_t count = 0;
  if (!reader.read_u8(count)) return invalid("packed values are empty");
  for (std::size_t i = 0; i < count; ++i) {
    ValueView value;
    REJOIN_TRY(unpack_value(reader, i, value));
    values.push_back(value);
  }
  if (reader.left() != 0) return invalid("%s bytes follow the last packed value", {reader.left()});
  return {};
}

std::string describe_packed(ByteView packed) {
  constexpr std::size_t kLongest = 60;
  std::vector<ValueView> values;
  if (!unpack(packed, values).ok()) return "(not a packed key)";
  std::string out = "(";
  for (const ValueView& value : values) {
    if (out.size() > 1) out += ", ";
    const std::size_t shown = value.bytes.size < kLongest ? value.bytes.size : kLongest;
    char number[40];
    switch (value.type) {
      case SQLITE_INTEGER:
        out += std::to_string(value.integer);
        break;
      case SQLITE_FLOAT:
        std::snprintf(number, sizeof number, "%.17g", value.real);
        out += number;
        break;
      case SQLITE_TEXT:
        out += '\'';
        out.append(reinterpret_cast<const char*>(value.bytes.data), shown);
        out += shown < value.bytes.size ? "…'" : "'";
        break;
      case SQLITE_BLOB:
        out += "x'";
        for (std::size_t i = 0; i < shown; ++i) {
          std::snprintf(number, sizeof number, "%02x", value.bytes.data[i]);
          out += number;
        }
        out += shown < value.bytes.size ? "…'" : "'";
        break;
      default:
        out += "NULL";
    }
  }
  return out + ")";
}

}  // namespace rejoin::internal
