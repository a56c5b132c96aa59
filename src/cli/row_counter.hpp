// Counts different rows exactly, in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <rejoin/change.hpp>

#include <cli/database.hpp>

namespace rejoin::cli {

/// A hash of the row that a change is about: of its table and key.
std::uint64_t row_hash(const Change& change);

/// Rows are remembered by row_hash(). A bounded number is kept in memory, the rest in temporary
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
