// Where a generator takes its choices from: a seeded generator of random numbers, or the bytes that a fuzzer made up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rejoin::test {

/// A stream of choices. The same seed, or the same bytes, give the same choices on every machine.
class Choices {
 public:
  /// Choices without end, all decided by `seed`.
  static Choices seeded(std::uint64_t seed);

  /// Choices decided by the front of `*bytes`, which is shortened by what is used: several streams can take turns. When
  /// nothing is left every choice is the first one.
  static Choices from_bytes(std::span<const std::uint8_t>* bytes);

  /// A number from 0 to `count` - 1. `count` must not be 0.
  std::uint64_t below(std::uint64_t count);

  /// Like below, for an index.
  std::size_t index(std::size_t count) { return static_cast<std::size_t>(below(count)); }

  /// True in `percent` of 100 cases.
  bool chance(unsigned percent) { return below(100) < percent; }

  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[index(items.size())];
  }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[index(left)]);
  }

  /// No bytes are left. Never true for a seeded stream.
  [[nodiscard]] bool exhausted() const { return bytes_ != nullptr && bytes_->empty(); }

 private:
  std::uint64_t next();

  std::span<const std::uint8_t>* bytes_ = nullptr;
  std::uint64_t state_ = 0;
};

}  // namespace rejoin::test
