#include "sync/vlcn_schema.hpp"

#include "sync/vlcn_utf8.hpp"

namespace rejoin::sync {

namespace {

/// Two hashes of 32 bits, fed by UTF-16 code units: JavaScript's strings are made of those.
class Cryb {
 public:
  void feed(std::uint32_t unit) {
    first_ = (first_ ^ unit) * 2654435761U;
    second_ = (second_ ^ unit) * 1597334677U;
  }

  [[nodiscard]] std::int64_t result() const {
    std::uint32_t first = first_;
    std::uint32_t second = second_;
    first = (first ^ (first >> 16)) * 2246822507U;
    first ^= (second ^ (second >> 13)) * 3266489909U;
    second = (second ^ (second >> 16)) * 2246822507U;
    second ^= (first ^ (first >> 13)) * 3266489909U;
    // The halves are added as signed numbers there: a negative lower half borrows from the upper one.
    const auto upper = static_cast<std::uint64_t>(second) << 32;
    const auto lower = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(first)));
    return static_cast<std::int64_t>(upper + lower);
  }

 private:
  std::uint32_t first_ = 0xdeadbeef;
  std::uint32_t second_ = 0x41c6ce57;
};

}  // namespace

std::int64_t cryb64(std::string_view text) {
  Cryb hash;
  bool valid = true;  // what is no UTF-8 counts as what JavaScript reads in its place
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = vlcn::next_character(text, at, valid);
    if (character < 0x10000) {
      hash.feed(character);
    } else {
      hash.feed(0xD800 + ((character - 0x10000) >> 10));
      hash.feed(0xDC00 + ((character - 0x10000) & 0x3FF));
    }
  }
  return hash.result();
}

}  // namespace rejoin::sync
