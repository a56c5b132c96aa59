// Rows that the news tells of without telling their cells.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <rejoin/change.hpp>

#include <cli/schema.hpp>

namespace rejoin::cli {

/// cr-sqlite changes a row's key by moving the cells' clock rows to the new key as they are: under their old version,
/// and as written by whoever wrote them. The news then holds the new row's sentinel alone, and whoever reads only the
/// news gets a row of NULLs. A sentinel that is not followed by all its row's cells tells that this has happened; the
/// cells are then to be looked for among what is not news. Files that Rejoin writes have no such rows.
class CellsLeftBehind {
 public:
  explicit CellsLeftBehind(const std::vector<TableShape>& shapes) : shapes_(shapes) {}

  /// To be called with every change of the news, in its order.
  void note(const Change& change);

  bool any() const { return too_many_ || !missing_.empty(); }

  /// Whether the change is about such a row. Where there are very many, every row is taken for one: merging what is
  /// there already does nothing, and memory stays bounded.
  bool has(const Change& change) const;

 private:
  static constexpr std::size_t kMost = 100'000;

  const std::vector<TableShape>& shapes_;
  std::unordered_map<std::uint64_t, std::size_t> missing_;  // by row: how many cells have not come
  bool too_many_ = false;
};

}  // namespace rejoin::cli
