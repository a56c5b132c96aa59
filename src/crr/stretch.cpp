#include "crr/stretch.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

/// Whether SQLite takes the number for an integer too.
bool is_whole(const ValueView& value) {
  constexpr double kEnd = 9223372036854775808.0;
  return value.type == SQLITE_FLOAT && value.real >= -kEnd && value.real < kEnd &&
         static_cast<double>(static_cast<std::int64_t>(value.real)) == value.real;
}

void sort_by_row(std::vector<ListedRow>& rows) {
  const auto before = [](const ListedRow& a, const ListedRow& b) { return a.row < b.row; };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) std::sort(rows.begin(), rows.end(), before);
}

}  // namespace

void Stretch::clear() {
  constexpr std::size_t kWorthKeeping = 4096;
  if (entries_.capacity() > kWorthKeeping) {
    std::vector<Entry>().swap(entries_);
    std::vector<std::uint32_t>().swap(places_);
  }
  entries_.clear();
  tables_.clear();
  groups_.clear();
  rewritten_.clear();
  last_group_ = 0;
  places_.assign(16, kFree);
}

bool Stretch::add(const std::shared_ptr<const Table>& table, WriteKind kind, ByteView key, ByteView mask) {
  std::uint32_t number = 0;
  if (!number_of(table, number)) return false;
  const ByteView identity = identity_of(key);
  std::uint32_t* place = &place_of(number, identity);
  if (*place != kFree) return false;
  if (2 * (entries_.size() + 1) > places_.size()) {
    places_.assign(2 * places_.size(), kFree);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) place_of(entries_[i].table, entries_[i].identity) = i;
    place = &place_of(number, identity);
  }
  const auto index = static_cast<std::uint32_t>(entries_.size());
  group_of(number, kind).entries.push_back(index);
  entries_.push_back({{key, mask}, identity, kind, number});
  *place = index;
  return true;
}

/// The number of a table; false where there are too many.
bool Stretch::number_of(const std::shared_ptr<const Table>& table, std::uint32_t& number) {
  number = entries_.empty() ? 0 : entries_.back().table;
  if (number < tables_.size() && tables_[number] == table) return true;
  number = static_cast<std::uint32_t>(std::find(tables_.begin(), tables_.end(), table) - tables_.begin());
  if (number < tables_.size()) return true;
  if (number == kMostTables) return false;
  tables_.push_back(table);
  return true;
}

/// The key itself, but with integers for numbers that are integers to SQLite's indices.
ByteView Stretch::identity_of(ByteView key) {
  if (!unpack(key, key_).ok() || std::none_of(key_.begin(), key_.end(), is_whole)) return key;
  Bytes& rewritten = rewritten_.emplace_back();
  for (ValueView& value : key_) {
    if (is_whole(value)) {
      value.integer = static_cast<std::int64_t>(value.real);
      value.type = SQLITE_INTEGER;
    }
    append_packed_value(rewritten, value);
  }
  rewritten.insert(rewritten.begin(), key.data[0]);
  return {rewritten.data(), rewritten.size()};
}

/// Where the row's entry stands among places_, or would.
std::uint32_t& Stretch::place_of(std::uint32_t table, ByteView identity) {
  const std::string_view bytes(reinterpret_cast<const char*>(identity.data), identity.size);
  const std::size_t last = places_.size() - 1;
  std::size_t place = (std::hash<std::string_view>()(bytes) + table) & last;
  for (;; place = (place + 1) & last) {
    if (places_[place] == kFree) return places_[place];
    const Entry& entry = entries_[places_[place]];
    if (entry.table == table && entry.identity == identity) return places_[place];
  }
}

Stretch::Group& Stretch::group_of(std::uint32_t table, WriteKind kind) {
  const auto fits = [&](const Group& group) { return group.kind == kind && group.table == tables_[table]; };
  if (last_group_ >= groups_.size() || !fits(groups_[last_group_])) {
    last_group_ = static_cast<std::size_t>(std::find_if(groups_.begin(), groups_.end(), fits) - groups_.begin());
    if (last_group_ == groups_.size()) groups_.push_back({tables_[table], kind, {}});
  }
  return groups_[last_group_];
}

Status Stretch::write(std::int64_t version, std::int64_t count) {
  const EmptyAfter emptied{clock_.list()};
  for (const Group& group : groups_) REJOIN_TRY(number(group));
  give_seqs();
  for (const Group& group : groups_) REJOIN_TRY(store(group, version, &group == &groups_.back() ? count : 0));
  return {};
}

/// Lists entries as they are. What comes to be known of them there is lost if it is not taken back.
RowList& Stretch::list(const Table& table, const std::vector<std::uint32_t>& entries) {
  RowList& list = clock_.list();
  list.begin(table);
  list.rows.reserve(entries.size());
  for (const std::uint32_t entry : entries) list.rows.push_back(entries_[entry].row);
  return list;
}

void Stretch::take_back(const std::vector<std::uint32_t>& entries) {
  const std::vector<ListedRow>& rows = clock_.list().rows;
  for (std::size_t i = 0; i < entries.size(); ++i) entries_[entries[i]].row = rows[i];
}

std::vector<std::uint32_t> Stretch::known_of(const Group& group) const {
  std::vector<std::uint32_t> known;
  for (const std::uint32_t entry : group.entries) {
    if (!entries_[entry].row.fresh) known.push_back(entry);
  }
  return known;
}

/// Finds or makes the key rows.
Status Stretch::number(const Group& group) {
  const Table& table = *group.table;
  list(table, group.entries);
  if (group.kind != WriteKind::kInsert) {
    REJOIN_TRY(clock_.find_rows(table));
    take_back(group.entries);
    return {};
  }
  REJOIN_TRY(clock_.make_rows(table));
  take_back(group.entries);
  const std::vector<std::uint32_t> known = known_of(group);
  if (known.empty()) return {};
  list(table, known);
  REJOIN_TRY(clock_.find_sentinels(table));
  take_back(known);
  return {};
}

void Stretch::give_seqs() {
  std::int64_t& next = clock_.counters().next_seq;
  for (Entry& entry : entries_) {
    const std::size_t cells = tables_[entry.table]->cells.size();
    const std::int64_t sentinel = entry.row.has_sentinel ? 1 : 0;
    entry.row.seq = next;
    if (entry.kind == WriteKind::kInsert) {
      next += std::max<std::int64_t>(sentinel + static_cast<std::int64_t>(cells), 1);
    } else {
      next += entry.kind == WriteKind::kDelete ? 1 : count_bits(entry.row.mask, cells);
    }
  }
}

Status Stretch::store(const Group& group, std::int64_t version, std::int64_t count) {
  if (group.kind == WriteKind::kInsert) return store_inserts(group, version, count);
  sort_by_row(list(*group.table, group.entries).rows);
  return group.kind == WriteKind::kUpdate ? clock_.touch_rows(*group.table, version, count)
                                          : clock_.bury_rows(*group.table, version);
}

Status Stretch::store_inserts(const Group& group, std::int64_t version, std::int64_t count) {
  const Table& table = *group.table;
  const std::vector<std::uint32_t> known = known_of(group);
  if (known.size() < group.entries.size()) {
    RowList& rows = list(table, group.entries);
    std::erase_if(rows.rows, [](const ListedRow& row) { return !row.fresh; });
    sort_by_row(rows.rows);
    REJOIN_TRY(clock_.write_new_rows(table, version, known.empty() ? count : 0));
  }
  if (known.empty()) return {};
  sort_by_row(list(table, known).rows);
  return clock_.write_rows_again(table, version, count);
}

}  // namespace rejoin::internal
