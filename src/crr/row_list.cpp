#include "crr/row_list.hpp"

#include <algorithm>
#include <bit>

namespace rejoin::internal {

std::int64_t count_bits(ByteView mask, std::size_t end) {
  std::int64_t count = 0;
  for (std::size_t byte = 0; byte < mask.size && byte * 8 < end; ++byte) {
    const std::size_t wanted = end - byte * 8;
    const unsigned bits = wanted < 8 ? mask.data[byte] & ((1U << wanted) - 1) : mask.data[byte];
    count += std::popcount(bits);
  }
  return count;
}

void RowList::begin(const Table& of) {
  clear();
  table = &of;
  at_ = 0;
  place_ = 0;
  order.clear();
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return of.cells[a].name < of.cells[b].name; };
  for (std::uint32_t cell = 0; cell < of.cells.size(); ++cell)
    order.insert(std::upper_bound(order.begin(), order.end(), cell, before), cell);
}

void RowList::clear() {
  constexpr std::size_t kWorthKeeping = 4096;
  table = nullptr;
  rows.clear();
  if (rows.capacity() > kWorthKeeping) std::vector<ListedRow>().swap(rows);
  by_cell = false;
  blank = 0;
}

std::int64_t RowList::count_cells(const ListedRow& row) const {
  if (!by_cell) return 1;
  return row.mask.size == 0 ? static_cast<std::int64_t>(order.size()) : count_bits(row.mask, order.size());
}

bool RowList::find_seq(std::int64_t row, std::string_view column, std::int64_t& seq) {
  if (at_ >= rows.size() || rows[at_].row != row) {
    place_ = 0;
    ++at_;
    if (at_ >= rows.size() || rows[at_].row != row) {
      const auto before = [](const ListedRow& listed, std::int64_t wanted) { return listed.row < wanted; };
      at_ = static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), row, before) - rows.begin());
    }
    if (at_ == rows.size() || rows[at_].row != row) return false;
  }
  const ListedRow& found = rows[at_];
  seq = found.seq;
  if (!by_cell) return true;
  for (std::size_t tried = 0; tried < order.size(); ++tried, ++place_) {
    if (place_ >= order.size()) place_ = 0;
    const std::size_t cell = order[place_];
    if (table->cells[cell].name != column) continue;
    ++place_;
    seq = found.seq_of(cell);
    return found.mask.size == 0 || has_bit(found.mask, cell);
  }
  return false;
}

/// Leaves the row without its last `count` listed cells, which are returned.
ListedRow RowList::divide(ListedRow& row, std::int64_t count) {
  std::size_t cell = order.size();
  for (; count > 0; --count) {
    do {
      --cell;
    } while (row.mask.size != 0 && !has_bit(row.mask, cell));
  }
  for (auto& mask : masks_) mask.assign((order.size() + 7) / 8, 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (row.mask.size != 0 && !has_bit(row.mask, i)) continue;
    std::uint8_t& byte = masks_[i < cell ? 0 : 1][i / 8];
    byte = static_cast<std::uint8_t>(byte | 1U << (i % 8));
  }
  ListedRow end = row;
  end.seq = row.seq_of(cell);
  end.mask = {masks_[1].data(), masks_[1].size()};
  row.mask = {masks_[0].data(), masks_[0].size()};
  return end;
}

bool RowList::split_off(std::int64_t count, std::vector<ListedRow>& end) {
  end.clear();
  std::size_t first = rows.size();
  while (first > 0 && count_cells(rows[first - 1]) <= count) count -= count_cells(rows[--first]);
  if (first == 0) return false;
  if (count > 0) end.push_back(divide(rows[first - 1], count));
  end.insert(end.end(), rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end());
  rows.resize(first);
  return !end.empty();
}

}  // namespace rejoin::internal
