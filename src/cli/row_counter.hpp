// Counts different rows exactly, in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <rejoin/change.hpp>

#include <cli/database.hpp>

namespace rejoin::cli {

/// Rows are remembered by a 64-bit hash of table and key. A bounded number is kept in memory, the rest in temporary
/// storage, which SQLite looks after.
class RowCounter {
 public:
  void add(const Change& change);
  std::int64_t count();

 private:
  void spill();

  static constexpr std::size_t kKept = 1 << 16;
  std::vector<std::uint64_t> kept_;
  std::unique_ptr<Database> spilled_;
};

}  // namespace rejoin::cli
