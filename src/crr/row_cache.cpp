#include "crr/row_cache.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/hash.hpp"

namespace rejoin::internal {

namespace {

/// Rows of two tables may have the same key.
std::uint64_t place_of(std::uint32_t slot, const Bytes& key) { return hash_of(view_of(key)).low + slot; }

}  // namespace

bool CachedRow::any_clock() const {
  const auto known = [](const CachedClock& cell) { return cell.known; };
  return foreign || sentinel.known || std::any_of(cells.begin(), cells.end(), known);
}

CachedRow* RowCache::present(std::uint32_t slot, ByteView pk) {
  return present_ != nullptr && present_->table->slot == slot && view_of(present_->pk) == pk ? present_ : nullptr;
}

CachedRow* RowCache::find(std::uint32_t slot, const Bytes& key) {
  if (unwritten_ == 0) return nullptr;
  const auto [first, last] = index_.equal_range(place_of(slot, key));
  for (auto found = first; found != last; ++found) {
    if (found->second->table->slot == slot && found->second->key == key) return present_ = found->second;
  }
  return nullptr;
}

CachedRow& RowCache::begin(const std::shared_ptr<const Table>& table, ByteView pk) {
  present_ = nullptr;
  if (rows_.size() == unwritten_) rows_.push_back(std::make_unique<CachedRow>());
  CachedRow& row = *rows_[unwritten_];
  if (row.table != table) row.table = table;
  row.pk.assign(pk.data, pk.data + pk.size);
  row.key.clear();
  row.whole = row.may_wait = row.unwritten = row.foreign = false;
  row.row = 0;
  row.sentinel = {};
  row.cells.assign(table->cells.size(), {});
  present_ = &row;
  return row;
}

void RowCache::keep_present() {
  if (present_->unwritten) return;
  index_.emplace(place_of(present_->table->slot, present_->key), present_);
  present_->unwritten = true;
  present_->place = unwritten_++;
  weight_ += sizeof(CachedRow) + present_->pk.size() + present_->key.size() +
             present_->cells.size() * sizeof(CachedClock) + 4 * sizeof(void*);
}

bool RowCache::full() const {
  constexpr std::size_t kFull = std::size_t{512} << 10;
  return weight_ > kFull;
}

void RowCache::outdate() {
  index_.clear();
  present_ = nullptr;
  outdated_ = unwritten_ != 0;
}

std::size_t RowCache::sort(Rows*& rows) {
  // New rows last, in the order in which they came: that of their numbers to be.
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  outdate();
  const auto place = [&](const std::unique_ptr<CachedRow>& row) {
    return std::tuple(row->table->slot, row->row == 0 ? kLast : row->row, row->place);
  };
  std::sort(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(unwritten_),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  rows = &rows_;
  return unwritten_;
}

void RowCache::clear() {
  constexpr std::size_t kWorthGivingBack = std::size_t{1} << 20;
  if (weight_ > kWorthGivingBack) Rows().swap(rows_);
  unwritten_ = 0;
  weight_ = 0;
  outdate();
}

}  // namespace rejoin::internal
