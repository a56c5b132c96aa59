#include "crr/row_list.hpp"

#include <algorithm>
#include <numeric>

namespace rejoin::internal {

void RowList::begin(const Table& of) {
  clear();
  table = &of;
  order.resize(of.cells.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t cell) -> const std::string& { return of.cells[cell].name; });
}

void RowList::clear() {
  constexpr std::size_t kWorthKeeping = 4096;
  table = nullptr;
  rows.clear();
  if (rows.capacity() > kWorthKeeping) std::vector<ListedRow>().swap(rows);
  by_cell = false;
}

}  // namespace rejoin::internal
