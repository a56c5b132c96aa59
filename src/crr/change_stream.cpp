#include <rejoin/change_stream.hpp>

#include <utility>

#include "crr/change_stream_state.hpp"
#include "sqlite/callback.hpp"

namespace rejoin {

using namespace internal;  // NOLINT: this file is the seam between the two

namespace {

std::size_t size_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* blob = std::get_if<Blob>(&value)) return blob->size();
  return sizeof(std::int64_t);
}

std::size_t size_of(const Change& change) {
  return change.table.size() + change.pk.size() + change.column.size() + size_of(change.value) + change.site_id.size();
}

}  // namespace

ChangeStream::ChangeStream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
ChangeStream::ChangeStream(ChangeStream&&) noexcept = default;
ChangeStream& ChangeStream::operator=(ChangeStream&&) noexcept = default;
ChangeStream::~ChangeStream() = default;

Status ChangeStream::State::open(const Cursor& after, const Blob& not_from) {
  cursor = after;
  REJOIN_TRY(open_after(engine, after, not_from, reader, last_version));
  while (!reader.at_end() && Cursor{reader.db_version(), reader.seq()} <= after) REJOIN_TRY(reader.next());
  return {};
}

Status ChangeStream::State::next(const BatchLimits& limits, std::vector<Change>& batch) {
  REJOIN_TRY(engine.keep_up(reader));
  std::size_t count = 0;
  std::size_t bytes = 0;
  Cursor reached = cursor;
  while (!reader.at_end()) {
    const Cursor at{reader.db_version(), reader.seq()};
    // Files that cr-sqlite merged into have changes that share a place; no cursor could come between them.
    if (count > 0 && at != reached && (count >= limits.changes || bytes >= limits.bytes)) break;
    if (count == batch.size()) batch.emplace_back();
    REJOIN_TRY(copy_change(reader, batch[count]));
    bytes += size_of(batch[count]);
    reached = at;
    ++count;
    REJOIN_TRY(reader.next());
  }
  batch.resize(count);
  cursor = count == 0 && cursor.db_version <= last_version ? Cursor{last_version} : reached;
  return {};
}

Status ChangeStream::next(const BatchLimits& limits, std::vector<Change>& batch) noexcept {
  Status status = guarded([&] { return state_->next(limits, batch); });
  if (!status.ok()) batch.clear();
  return status;
}

Cursor ChangeStream::cursor() const noexcept { return state_->cursor; }

}  // namespace rejoin
