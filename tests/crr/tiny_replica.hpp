// A replica of one row with two cells, in memory, that knows nothing but the merge rule: what decide() says is done to
// it exactly as docs/merge.md describes each decision. Small enough that a test can visit every state there is.
#pragma once

#include <array>
#include <compare>
#include <ostream>
#include <vector>

#include "crr/merge_rule.hpp"

namespace rejoin::internal {

struct TinyChange {
  int cl = 1;
  int cell = -1;  ///< -1: the change is about the row
  int version = 0;
  int value = 0;
  int writer = 0;  ///< 0: the replica itself
};

struct TinyCell {
  bool known = false;  ///< it has a clock row
  int version = 0;
  int value = 0;  ///< what the base table holds; 0 is the column's default
  int writer = 0;
  friend auto operator<=>(const TinyCell&, const TinyCell&) = default;
};

struct TinyRow {
  int cl = 0;
  bool sentinel = false;  ///< the row has one; at cl 1 it may do without
  int sentinel_writer = 0;
  std::array<TinyCell, 2> cells;
  friend auto operator<=>(const TinyRow&, const TinyRow&) = default;

  [[nodiscard]] bool alive() const { return cl % 2 == 1; }
};

/// Merges one change; the row is changed as the decision says.
inline Decision merge_tiny(TinyRow& row, const TinyChange& change, bool equal_values) {
  const bool about_row = change.cell < 0 || change.cl % 2 == 0;
  const TinyCell local = change.cell < 0 ? TinyCell() : row.cells[static_cast<std::size_t>(change.cell)];
  const auto compare = [&]() -> std::strong_ordering {
    if (about_row) return equal_values && row.sentinel ? change.writer <=> row.sentinel_writer : 0 <=> 0;
    if (change.value != local.value || !equal_values) return change.value <=> local.value;
    return change.writer <=> local.writer;
  };
  const Decision decision =
      decide(row.cl, {local.known, local.version}, change.cl, change.cell < 0, change.version, compare);
  const auto enter_life = [&] {
    row.cl = change.cl;
    row.sentinel = true;
    row.sentinel_writer = change.writer;
    for (TinyCell& cell : row.cells) {
      cell.version = 0;
      cell.writer = 0;
    }
  };
  const auto write_cell = [&] {
    row.cells[static_cast<std::size_t>(change.cell)] = {true, change.version, change.value, change.writer};
  };
  switch (decision) {
    case Decision::kIgnore:
      break;
    case Decision::kDelete:
      row = {change.cl, true, change.writer, {}};
      break;
    case Decision::kStartLife:
      enter_life();
      break;
    case Decision::kNewLifeCell:
      enter_life();
      write_cell();
      break;
    case Decision::kFirstCell:
      row.cl = 1;
      write_cell();
      break;
    case Decision::kCell:
      write_cell();
      break;
    case Decision::kSentinel:
      row.sentinel_writer = change.writer;
      break;
  }
  return decision;
}

/// What a peer would be sent of the row.
inline std::vector<TinyChange> changes_of(const TinyRow& row) {
  std::vector<TinyChange> changes;
  if (row.sentinel) changes.push_back({row.cl, -1, row.cl, 0, row.sentinel_writer});
  for (int i = 0; i < 2; ++i) {
    const TinyCell& cell = row.cells[static_cast<std::size_t>(i)];
    if (cell.known) changes.push_back({row.cl, i, cell.version, cell.value, cell.writer});
  }
  return changes;
}

inline std::ostream& operator<<(std::ostream& out, const TinyChange& change) {
  out << "{cl " << change.cl;
  if (change.cell < 0) return out << " row, site " << change.writer << "}";
  return out << " cell " << change.cell << " = " << change.value << " @" << change.version << ", site " << change.writer
             << "}";
}

inline std::ostream& operator<<(std::ostream& out, const TinyRow& row) {
  out << "cl " << row.cl << (row.sentinel ? " sentinel of site " + std::to_string(row.sentinel_writer) : "");
  for (const TinyCell& cell : row.cells) {
    out << (cell.known ? " | " : " | unknown ") << cell.value << " @" << cell.version << ", site " << cell.writer;
  }
  return out;
}

}  // namespace rejoin::internal
