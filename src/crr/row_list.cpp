#include "crr/row_list.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

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
