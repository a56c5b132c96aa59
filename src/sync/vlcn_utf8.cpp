#include "sync/vlcn_utf8.hpp"

#include <cstdint>

namespace rejoin::sync::vlcn {

namespace {

/// What a first byte says: how many bytes follow it, and between which bounds the first of those must be. The bounds
/// shut out longer spellings than needed, surrogates, and what is beyond U+10FFFF.
struct Lead {
  int more = 0;  // 0: it is no first byte
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  char32_t bits = 0;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF, static_cast<char32_t>(byte & 0x1F)};
  if (byte >= 0xE0 && byte <= 0xEF) {
    const std::uint8_t low = byte == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = byte == 0xED ? 0x9F : 0xBF;
    return {2, low, high, static_cast<char32_t>(byte & 0x0F)};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    const std::uint8_t low = byte == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = byte == 0xF4 ? 0x8F : 0xBF;
    return {3, low, high, static_cast<char32_t>(byte & 0x07)};
  }
  return {};
}

}  // namespace

char32_t next_character(std::string_view text, std::size_t& at, bool& valid) {
  const auto first = static_cast<std::uint8_t>(text[at++]);
  if (first < 0x80) return first;
  Lead lead = lead_of(first);
  char32_t character = lead.bits;
  for (int left = lead.more; left > 0; --left) {
    const auto byte = at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
    if (byte < lead.low || byte > lead.high) {
      valid = false;
      return kReplacement;
    }
    character = (character << 6) | (byte & 0x3F);
    lead.low = 0x80;
    lead.high = 0xBF;
    ++at;
  }
  if (lead.more > 0) return character;
  valid = false;
  return kReplacement;
}

bool is_utf8(std::string_view text) {
  bool valid = true;
  for (std::size_t at = 0; valid && at < text.size();) next_character(text, at, valid);
  return valid;
}

std::string mended_utf8(std::string_view text) {
  std::string mended;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    bool valid = true;
    next_character(text, at, valid);
    if (valid) {
      mended.append(text.substr(begin, at - begin));
    } else {
      mended += "\xEF\xBF\xBD";
    }
  }
  return mended;
}

}  // namespace rejoin::sync::vlcn
