#include "support/merge_model.hpp"

#include <algorithm>
#include <tuple>

namespace rejoin::test {

namespace {

int rank(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return 0;
  if (std::holds_alternative<Blob>(value)) return 1;
  if (std::holds_alternative<std::string>(value)) return 2;
  return std::holds_alternative<double>(value) ? 3 : 4;
}

template <typename T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

bool unsigned_less(char left, char right) {
  return static_cast<unsigned char>(left) < static_cast<unsigned char>(right);
}

}  // namespace

int compare_values(const Value& left, const Value& right) {
  if (rank(left) != rank(right)) return three_way(rank(left), rank(right));
  if (const auto* integer = std::get_if<std::int64_t>(&left)) return three_way(*integer, std::get<std::int64_t>(right));
  if (const auto* real = std::get_if<double>(&left)) return three_way(*real, std::get<double>(right));
  if (const auto* blob = std::get_if<Blob>(&left)) return three_way(*blob, std::get<Blob>(right));
  if (const auto* text = std::get_if<std::string>(&left)) {
    const auto& other = std::get<std::string>(right);
    const auto before = [](const std::string& a, const std::string& b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), unsigned_less);
    };
    return before(*text, other) ? -1 : before(other, *text) ? 1 : 0;
  }
  return 0;
}

MergeModel::MergeModel(const std::vector<Change>& changes, Blob own_site, std::int64_t db_version,
                       bool merge_equal_values)
    : own_site_(std::move(own_site)),
      db_version_(db_version),
      next_(db_version + 1),
      merge_equal_values_(merge_equal_values) {
  for (const Change& change : changes) {
    LiveRow& row = rows_[{change.table, change.pk}];
    Clock clock{change.value, change.column_version, change.db_version, change.site_id, change.seq};
    if (change.column == kSentinelColumn) {
      row.sentinel = std::move(clock);
    } else {
      row.cells[change.column] = std::move(clock);
    }
  }
}

MergeModel::Clock MergeModel::stamp(const Change& change, Value value, std::int64_t column_version) {
  next_ = std::max(next_, change.db_version);
  db_version_ = std::max(db_version_, next_);
  return {std::move(value), column_version, next_, change.site_id.empty() ? own_site_ : change.site_id, change.seq};
}

// Rule 3: the row begins the life that the change speaks of. What is left of the cells is this site's own, so that it
// is sent to all others, whoever wrote it in the life before.
void MergeModel::revive(LiveRow& row, const Change& change) {
  row.sentinel = stamp(change, Value(), change.causal_length);
  for (auto& [name, cell] : row.cells) {
    cell.column_version = 0;
    cell.db_version = next_;
    cell.site_id = own_site_;
  }
}

// Section 9: the same life, begun or ended by two sites, has one writer everywhere.
int MergeModel::merge_equal_life(LiveRow& row, const Change& change) {
  if (!merge_equal_values_ || !row.sentinel || change.site_id <= row.sentinel->site_id) return 0;
  row.sentinel = stamp(change, Value(), change.causal_length);
  return 1;
}

bool MergeModel::cell_wins(const LiveRow& row, const Change& change) const {
  const auto found = row.cells.find(change.column);
  if (found == row.cells.end()) return true;
  const Clock& mine = found->second;
  if (change.column_version != mine.column_version) return change.column_version > mine.column_version;
  if (const int order = compare_values(change.value, mine.value); order != 0) return order > 0;
  return merge_equal_values_ && change.site_id > mine.site_id;
}

int MergeModel::merge(const Change& change) {
  const std::pair key{change.table, change.pk};
  const auto found = rows_.find(key);
  const std::int64_t local = found == rows_.end() ? 0 : found->second.causal_length();
  const std::int64_t incoming = change.causal_length;
  if (incoming < local) return 0;
  if (incoming % 2 == 0) {
    if (incoming == local) return merge_equal_life(found->second, change);
    rows_[key] = {.sentinel = stamp(change, Value(), incoming), .cells = {}};
    return 1;
  }
  if (change.column == kSentinelColumn) {
    if (incoming == local) return merge_equal_life(found->second, change);
    revive(rows_[key], change);
    return 1;
  }
  if (incoming == local && !cell_wins(found->second, change)) return 0;
  LiveRow& row = rows_[key];
  const bool begins_life = incoming > local && (local != 0 || incoming != 1);
  if (begins_life) revive(row, change);
  row.cells[change.column] = stamp(change, change.value, change.column_version);
  return begins_life ? 2 : 1;
}

std::vector<Change> MergeModel::changes() const {
  std::vector<Change> all;
  for (const auto& [key, row] : rows_) {
    const auto add = [&, &key = key, &row = row](const std::string& column, const Clock& clock) {
      all.push_back({key.first, key.second, column, clock.value, clock.column_version, clock.db_version, clock.site_id,
                     row.causal_length(), clock.seq});
    };
    if (row.sentinel) add(kSentinelColumn, *row.sentinel);
    for (const auto& [name, cell] : row.cells) add(name, cell);
  }
  sort_by_cell(all);
  return all;
}

void sort_by_cell(std::vector<Change>& changes) {
  std::ranges::sort(changes, [](const Change& left, const Change& right) {
    return std::tie(left.table, left.pk, left.column) < std::tie(right.table, right.pk, right.column);
  });
}

}  // namespace rejoin::test
