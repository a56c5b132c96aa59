#include "crr/change_reader.hpp"

#include <algorithm>

#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {
constexpr std::string_view kDoing = "reading changes";
}

void ChangeReader::close() {
  heap_.clear();
  sources_.clear();
}

Status ChangeReader::open(const ChangeRange& range) {
  close();
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
  auto source = std::make_unique<Source>();
  source->table = table;
  REJOIN_TRY(
      clock_.scan(*table, range.first_version, range.last_version, range.not_site, range.only_site, source->clock));
  bool more = false;
  REJOIN_TRY(advance(*source, more));
  if (!more) return {};
  sources_.push_back(std::move(source));
  heap_.push_back(sources_.size() - 1);
  std::push_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return later(a, b); });
  return {};
}

bool ChangeReader::later(std::size_t a, std::size_t b) const {
  const Source& left = *sources_[a];
  const Source& right = *sources_[b];
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
  Status status;
  while ((more = source.clock.step(status, kDoing))) {
    const std::string_view column = source.clock.text(1);
    if (column == kSentinel) {
      source.cell = -1;
    } else {
      source.cell = source.table->cell_index(column, static_cast<std::size_t>(source.cell + 1));
      if (source.cell < 0) continue;
    }
    if (source.row_key != source.clock.integer(0)) {
      REJOIN_TRY(show_row(source));
    }
    if (!source.row_known) continue;
    const auto keys = static_cast<int>(source.table->keys.size());
    if (source.cell >= 0 && source.row.integer(1 + keys) == 0) continue;
    source.db_version = source.clock.integer(3);
    source.seq = source.clock.integer(5);
    return {};
  }
  return status;
}

Status ChangeReader::show_row(Source& source) {
  if (source.row) {
    source.row.reset();
  } else {
    REJOIN_TRY(clock_.select_row(*source.table, source.row));
  }
  source.row_key = source.clock.integer(0);
  source.key_packed = false;
  source.row.bind(1, source.row_key);
  Status status;
  source.row_known = source.row.step(status, kDoing);
  source.causal_length = !source.row_known || source.row.is_null(0) ? 1 : source.row.integer(0);
  return status;
}

ByteView ChangeReader::packed_key() {
  Source& source = *sources_[heap_.front()];
  if (!source.key_packed) {
    source.packed_key.assign(1, static_cast<std::uint8_t>(source.table->keys.size()));
    for (std::size_t i = 0; i < source.table->keys.size(); ++i) {
      append_packed_value(source.packed_key, ValueView::of_column(source.row.get(), static_cast<int>(i) + 1));
    }
    source.key_packed = true;
  }
  return {source.packed_key.data(), source.packed_key.size()};
}

sqlite3_value* ChangeReader::value() const {
  const Source& source = current();
  if (source.cell < 0) return nullptr;
  return sqlite3_column_value(source.row.get(), 2 + static_cast<int>(source.table->keys.size()) + source.cell);
}

}  // namespace rejoin::internal
