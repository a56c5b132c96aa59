#include <cli/cells_left_behind.hpp>

#include <cli/row_counter.hpp>

namespace rejoin::cli {

void CellsLeftBehind::note(const Change& change) {
  if (too_many_) return;
  if (change.column == kSentinelColumn) {
    const TableShape* table = change.causal_length % 2 == 0 ? nullptr : find_table(shapes_, change.table);
    if (table == nullptr || table->columns.empty()) return;
    missing_[row_hash(change)] = table->columns.size();
    too_many_ = missing_.size() > kMost;
    if (too_many_) missing_.clear();
  } else if (!missing_.empty()) {
    const auto row = missing_.find(row_hash(change));
    if (row != missing_.end() && --row->second == 0) missing_.erase(row);
  }
}

bool CellsLeftBehind::has(const Change& change) const { return too_many_ || missing_.contains(row_hash(change)); }

}  // namespace rejoin::cli
