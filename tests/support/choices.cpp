#include "support/choices.hpp"

namespace rejoin::test {

Choices Choices::seeded(std::uint64_t seed) {
  Choices choices;
  choices.state_ = seed;
  return choices;
}

Choices Choices::from_bytes(std::span<const std::uint8_t>* bytes) {
  Choices choices;
  choices.bytes_ = bytes;
  return choices;
}

// SplitMix64 (Steele, Lea, Flood 2014): one addition and a mixing function.
std::uint64_t Choices::next() {
  std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15U);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Choices::below(std::uint64_t count) {
  if (bytes_ == nullptr) return next() % count;
  std::uint64_t number = 0;
  for (std::uint64_t reach = 1; reach < count && !bytes_->empty(); reach <<= 8) {
    number = (number << 8) | bytes_->front();
    *bytes_ = bytes_->subspan(1);
    if (reach > (std::uint64_t{1} << 55)) break;
  }
  return number % count;
}

}  // namespace rejoin::test
