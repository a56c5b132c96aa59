#include <rejoin/watcher.hpp>

#include <map>
#include <utility>

#include "crr/change_stream_state.hpp"
#include "crr/watcher_state.hpp"
#include "sqlite/callback.hpp"

namespace rejoin {

using namespace internal;  // NOLINT: this file is the seam between the two

Watcher::Watcher(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher& Watcher::operator=(Watcher&&) noexcept = default;
Watcher::~Watcher() = default;

Status Watcher::State::poll(std::vector<ChangedRow>& rows, const BatchLimits& limits) {
  rows.clear();
  // What is not committed may be undone, and may hide what is: it stands under a later version.
  if (sqlite3_txn_state(engine.db(), "main") == SQLITE_TXN_WRITE) return {};
  ChangeStream::State stream(engine);
  REJOIN_TRY(stream.open(cursor, {}));
  Blob own;
  REJOIN_TRY(engine.clock().own_site(own));
  REJOIN_TRY(stream.next(limits, changes));
  std::map<std::pair<std::string_view, const Blob*>, std::size_t, Before> places;
  for (const Change& change : changes) {
    const auto [place, fresh] = places.try_emplace({change.table, &change.pk}, rows.size());
    if (fresh) rows.push_back({change.table, change.pk, false, false});
    ChangedRow& row = rows[place->second];
    row.deleted = change.causal_length % 2 == 0;
    row.merged = row.merged || change.site_id != own;
  }
  cursor = stream.cursor;
  return {};
}

Status Watcher::poll(std::vector<ChangedRow>& rows, const BatchLimits& limits) noexcept {
  Status status = guarded([&] { return state_->poll(rows, limits); });
  if (!status.ok()) rows.clear();
  return status;
}

Cursor Watcher::cursor() const noexcept { return state_->cursor; }

}  // namespace rejoin
