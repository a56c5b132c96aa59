#include "oracle/text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace rejoin::oracle {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool is_plain(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) return false;
  }
  return true;
}

std::string show_real(double real) {
  std::array<char, 40> digits{};
  std::snprintf(digits.data(), digits.size(), "%.17g", real);
  std::string text = digits.data();
  if (std::isfinite(real) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string digits;
  digits.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    digits += kDigits[static_cast<unsigned char>(byte) >> 4];
    digits += kDigits[static_cast<unsigned char>(byte) & 0xf];
  }
  return digits;
}

std::string to_hex(const Blob& bytes) { return to_hex(std::string(bytes.begin(), bytes.end())); }

std::string from_hex(std::string_view digits) {
  const auto digit = [](char c) { return static_cast<int>(kDigits.find(c)); };
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(digit(digits[i]) << 4 | digit(digits[i + 1]));
  }
  return bytes;
}

std::string show(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return show_real(*real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return is_plain(*text) ? "'" + *text + "'" : "t'" + to_hex(*text) + "'";
  }
  if (const auto* blob = std::get_if<Blob>(&value)) return "x'" + to_hex(*blob) + "'";
  return "NULL";
}

std::string show(const Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + show(row[i]);
  return text;
}

std::string show(const Rows& rows) {
  std::string text;
  for (const Row& row : rows) text += show(row) + "\n";
  return text;
}

}  // namespace rejoin::oracle
