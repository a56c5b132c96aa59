#include "crr/change_reader.hpp"

#include <algorithm>

#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {
constexpr const char* kReadingInOrder = "reading changes";
}

void ChangeReader::close() {
  heap_.clear();
  sources_.clear();
}

Status ChangeReader::open(const ChangeRange& range) {
  close();
  writes_ = clock_.writes();
  doubtful_ = false;
  Status status;
  if (range.one_table) {
    if (const auto table = catalogue_.find(range.table, status); table != nullptr) REJOIN_TRY(add(table, range));
    return status;
  }
  std::int64_t highest = 0;
  REJOIN_TRY(clock_.max_version(highest));
  if (highest < range.first_version) return {};
  for (const Table& outline : catalogue_.outlines()) {
    REJOIN_TRY(clock_.max_version(outline, highest));
    if (highest < range.first_version) continue;
    const auto table = catalogue_.find(outline.name, status);
    REJOIN_TRY(std::move(status));
    REJOIN_TRY(add(table, range));
  }
  return {};
}

Status ChangeReader::add(const std::shared_ptr<const Table>& table, const ChangeRange& range) {
  auto source = std::make_unique<Source>(clock_);
  source->table = table;
  REJOIN_TRY(source->walk.open(*table, range, room_));
  bool more = false;
  REJOIN_TRY(advance(*source, more));
  if (!more) return {};
  sources_.push_back(std::move(source));
  heap_.push_back(sources_.size() - 1);
  std::push_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return later(a, b); });
  return {};
}

bool ChangeReader::later(std::size_t a, std::size_t b) const {
  const ClockEntry& left = sources_[a]->entry();
  const ClockEntry& right = sources_[b]->entry();
  if (left.db_version != right.db_version) return left.db_version > right.db_version;
  if (left.seq != right.seq) return left.seq > right.seq;
  return a > b;
}

Status ChangeReader::next() {
  const auto order = [this](std::size_t a, std::size_t b) { return later(a, b); };
  std::pop_heap(heap_.begin(), heap_.end(), order);
  bool more = false;
  const Status status = advance(*sources_[heap_.back()], more);
  if (!status.ok() || !more) {
    heap_.pop_back();
  } else {
    std::push_heap(heap_.begin(), heap_.end(), order);
  }
  return status;
}

Status ChangeReader::advance(Source& source, bool& more) {
  for (;;) {
    REJOIN_TRY(source.walk.next(more));
    if (!more) return {};
    const ClockEntry& entry = source.entry();
    if (entry.key != source.row_key || doubtful_) REJOIN_TRY(show_row(source, entry.key));
    if (!source.row_known || (entry.cell >= 0 && !source.row_alive)) continue;
    bool stands = true;
    if (doubtful_) {
      REJOIN_TRY(clock_.stands(*source.table, entry.key, column_of(source), entry.db_version, entry.seq, stands));
    }
    if (stands) return {};
  }
}

Status ChangeReader::show_row(Source& source, std::int64_t key) {
  if (!source.rows) REJOIN_TRY(clock_.show_rows(*source.table, &source.row_key, source.rows));
  source.row_key = key;
  source.key_packed = false;
  Status status;
  source.row_known = source.rows.step(status, kReadingInOrder) && source.rows.integer(0) != 0;
  source.row_alive = source.row_known && source.rows.integer(1 + static_cast<int>(source.table->keys.size())) != 0;
  return status;
}

ByteView ChangeReader::packed_key() {
  Source& source = *sources_[heap_.front()];
  if (!source.key_packed) {
    source.packed_key.assign(1, static_cast<std::uint8_t>(source.table->keys.size()));
    for (std::size_t i = 0; i < source.table->keys.size(); ++i) {
      append_packed_value(source.packed_key, ValueView::of_column(source.rows.get(), static_cast<int>(i) + 1));
    }
    source.key_packed = true;
  }
  return {source.packed_key.data(), source.packed_key.size()};
}

std::string_view ChangeReader::column_of(const Source& source) {
  const int cell = source.entry().cell;
  return cell < 0 ? kSentinel : std::string_view(source.table->cells[static_cast<std::size_t>(cell)].name);
}

sqlite3_value* ChangeReader::value() const {
  const Source& source = current();
  const int cell = source.entry().cell;
  return cell < 0 ? nullptr : sqlite3_column_value(source.rows.get(), source.first_cell() + cell);
}

ValueView ChangeReader::view() const {
  const Source& source = current();
  const int cell = source.entry().cell;
  return cell < 0 ? ValueView() : ValueView::of_column(source.rows.get(), source.first_cell() + cell);
}

}  // namespace rejoin::internal
