#include <cli/text.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace rejoin::cli {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A code point at the start of `text` and its length; length 0 where there is no well-formed one.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return {};
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  std::uint32_t value = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, length};
}

bool takes_no_column(std::uint32_t c) {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

bool takes_two_columns(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f64f) || (c >= 0x1f900 && c <= 0x1f9ff) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

std::size_t columns_of(std::uint32_t c) { return takes_no_column(c) ? 0 : takes_two_columns(c) ? 2 : 1; }

std::string shown_real(double value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// Reads a packed key (contract: one byte with the count, then type and length, then bytes) value by value.
class KeyReader {
 public:
  explicit KeyReader(const Blob& bytes) : bytes_(bytes) {}

  bool read(std::size_t length, std::uint64_t& number) {
    if (length > 8 || bytes_.size() - at_ < length) return false;
    number = 0;
    for (std::size_t i = 0; i < length; ++i) number = (number << 8) | bytes_[at_++];
    return true;
  }

  bool read_value(Value& value) {
    std::uint64_t head = 0;
    std::uint64_t number = 0;
    if (!read(1, head)) return false;
    const std::size_t length = head >> 3;
    switch (head & 7) {
      case 1:
        if (!read(length, number)) return false;
        value = static_cast<std::int64_t>(number);
        return true;
      case 2:
        if (length != 0 || !read(8, number)) return false;
        value = as_double(number);
        return true;
      case 3:
      case 4:
        return read(length, number) && read_bytes(number, (head & 7) == 3, value);
      case 5:
        value = std::monostate();
        return length == 0;
      default:
        return false;
    }
  }

  bool at_end() const { return at_ == bytes_.size(); }

 private:
  static double as_double(std::uint64_t bits) {
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
  }

  bool read_bytes(std::uint64_t size, bool is_text, Value& value) {
    if (bytes_.size() - at_ < size) return false;
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto end = begin + static_cast<std::ptrdiff_t>(size);
    if (is_text) {
      value = std::string(begin, end);
    } else {
      value = Blob(begin, end);
    }
    at_ += size;
    return true;
  }

  const Blob& bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::string count_of(std::int64_t number, std::string_view one, std::string_view many) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, ",");
  if (number == 1) return cat(digits, " ", one);
  return many.empty() ? cat(digits, " ", one, "s") : cat(digits, " ", many);
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

std::string to_hex(const Blob& bytes) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

bool parse_hex(std::string_view text, std::string& bytes) {
  if (text.size() % 2 != 0) return false;
  bytes.clear();
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = decode(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const CodePoint c = decode(text);
    const bool harmless = c.length > 0 && c.value >= 0x20 && !(c.value >= 0x7f && c.value < 0xa0);
    const std::size_t length = c.length > 0 ? c.length : 1;
    if (harmless) {
      line += text.substr(0, length);
    } else if (c.length == 1 && c.value == '\n') {
      line += "\\n";
    } else if (c.length == 1 && c.value == '\t') {
      line += "\\t";
    } else {
      for (const char byte : text.substr(0, length)) line += "\\x" + to_hex(std::string_view(&byte, 1));
    }
    text.remove_prefix(length);
  }
  return line;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const CodePoint c = decode(text);
    columns += columns_of(c.value);
    text.remove_prefix(c.length > 0 ? c.length : 1);
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string start;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const CodePoint c = decode(text);
    const std::size_t length = c.length > 0 ? c.length : 1;
    used += columns_of(c.value);
    if (used > columns) break;
    start += text.substr(0, length);
    text.remove_prefix(length);
  }
  return start + "…";
}

std::string shown(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return printable(*text);
  return quoted(value);
}

std::string quoted(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return shown_real(*real);
  if (const auto* blob = std::get_if<Blob>(&value)) return cat("x'", to_hex(*blob), "'");
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return "NULL";
  std::string inner = printable(*text);
  for (std::size_t at = inner.find('\''); at != std::string::npos; at = inner.find('\'', at + 2)) inner.insert(at, "'");
  return cat("'", inner, "'");
}

bool unpack_key(const Blob& packed, std::vector<Value>& values) {
  KeyReader reader(packed);
  std::uint64_t count = 0;
  if (!reader.read(1, count) || count == 0) return false;
  values.clear();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!reader.read_value(values.emplace_back())) return false;
  }
  return reader.at_end();
}

std::string shown_key(const Blob& packed) {
  std::vector<Value> values;
  if (!unpack_key(packed, values)) return cat("x'", to_hex(packed), "'");
  std::string text;
  for (const Value& value : values) text += cat(text.empty() ? "(" : ", ", shortened(quoted(value), 60));
  return text + ")";
}

}  // namespace rejoin::cli
