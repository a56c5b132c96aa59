#include "sync/partykit_peer.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "sync/guard.hpp"

namespace rejoin::sync {

namespace {

constexpr BatchLimits kPiece{256, std::size_t{64} << 10};

Status refused(std::string text) { return {ErrorCode::kInvalidArgument, "partykit: " + std::move(text)}; }

bool is_alive(std::int64_t life) { return (life & 1) != 0; }

}  // namespace

/// From when it came, a client is sent what is new.
Status PartykitPeer::settle() {
  if (place_.has_value()) return {};
  const Result<std::int64_t> version = replica_.db_version();
  if (!version.ok()) return version.status();
  place_ = Cursor{*version};
  return {};
}

Status PartykitPeer::tick(std::int64_t) noexcept { return {}; }

// --- what arrives ---

Status PartykitPeer::receive(std::span<const std::uint8_t> bytes, bool text) noexcept {
  return guarded([&]() -> Status {
    if (!text) return refused("a binary frame, where all messages are text");
    if (bytes.size() > options_.largest) return refused("a message of " + std::to_string(bytes.size()) + " bytes");
    REJOIN_TRY(settle());
    return take({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  });
}

Status PartykitPeer::take(std::string_view text) {
  if (text == "init") {
    place_ = Cursor{};
    return {};
  }
  std::vector<partykit::Row> rows;
  REJOIN_TRY(partykit::read_change_set(text, rows));
  std::vector<Change> changes;
  REJOIN_TRY(name_lives(rows, changes));
  const Result<MergeSummary> merged = replica_.merge(changes);
  if (!merged.ok()) return merged.status();
  traffic_.changes_in += static_cast<std::int64_t>(rows.size());
  traffic_.changes_won += merged->won;
  return {};
}

/// The seven columns do not say in which of a row's lives a cell was written (cl). What is known of it, in this order:
/// the set's own sentinel of that row, whose col_version it is, if the cell is not older; else it is taken for one of
/// the row's present life here, as by INSERT INTO crsql_changes of seven columns.
Status PartykitPeer::name_lives(std::vector<partykit::Row>& rows, std::vector<Change>& changes) {
  REJOIN_TRY(note_lives());
  struct Life {
    std::int64_t since;
    std::int64_t length;
  };
  std::map<RowName, std::vector<Life>> told;
  for (partykit::Row& row : rows) {
    Change& change = row.change;
    if (change.column == partykit::kOldDelete) {
      // A delete that knows of no lives ends the present one.
      const std::int64_t life = life_here({change.table, change.pk});
      old_deletes_ = true;
      change.column = kSentinelColumn;
      change.column_version = change.causal_length = life + 1;
    } else if (change.column == kSentinelColumn) {
      if (!row.has_life) change.causal_length = change.column_version;
    } else {
      continue;
    }
    row.has_life = true;
    change.value = {};
    told[{change.table, change.pk}].push_back({change.db_version, change.causal_length});
  }
  changes.reserve(rows.size());
  for (partykit::Row& row : rows) {
    Change& change = row.change;
    if (!row.has_life) {
      const RowName name{change.table, change.pk};
      std::int64_t length = 0;
      if (const auto found = told.find(name); found != told.end()) {
        for (const Life& life : found->second) {
          if (life.since <= change.db_version) length = std::max(length, life.length);
        }
      }
      change.causal_length = length > 0 ? length : life_here(name);
      if (!is_alive(change.causal_length)) continue;  // a cell of a row that is deleted
    }
    changes.push_back(std::move(change));
  }
  return {};
}

/// Only what is new since the last time is looked at: a row comes into another life under a new version.
Status PartykitPeer::note_lives() {
  Result<ChangeStream> stream = replica_.changes_after(lives_place_);
  if (!stream.ok()) return stream.status();
  std::vector<Change> piece;
  do {
    REJOIN_TRY(stream->next(kPiece, piece));
    for (const Change& change : piece) {
      if (change.causal_length < 3) continue;
      const RowName name{change.table, change.pk};
      if (is_alive(change.causal_length)) {
        lives_[name] = change.causal_length;
      } else {
        lives_.erase(name);
      }
    }
  } while (!piece.empty());
  lives_place_ = stream->cursor();
  return {};
}

/// 1 also for a row that is deleted: what is said of its first life is outranked.
std::int64_t PartykitPeer::life_here(const RowName& row) const {
  const auto found = lives_.find(row);
  return found == lives_.end() ? 1 : found->second;
}

// --- what is sent ---

Result<bool> PartykitPeer::next(Message& message) noexcept {
  return guarded([&]() -> Result<bool> {
    REJOIN_TRY(settle());
    return next_rows(message);
  });
}

Result<bool> PartykitPeer::next_rows(Message& message) {
  const Result<std::int64_t> version = replica_.db_version();
  if (!version.ok()) return version.status();
  if (*place_ >= Cursor{*version}) return false;
  Result<ChangeStream> stream = replica_.changes_after(*place_);
  if (!stream.ok()) return stream.status();
  std::string text(partykit::kSetBegin);
  std::int64_t count = 0;
  std::vector<Change> piece;
  do {
    REJOIN_TRY(stream->next(kPiece, piece));
    for (const Change& change : piece) count += append(change, text) ? 1 : 0;
  } while (!piece.empty() && text.size() < options_.message_bytes);
  place_ = stream->cursor();
  if (count == 0) return false;
  text += partykit::kSetEnd;
  message.bytes.assign(text.begin(), text.end());
  message.text = true;
  traffic_.changes_out += count;
  return true;
}

bool PartykitPeer::append(const Change& change, std::string& out) const {
  const bool old_form = old_deletes_ && change.column == kSentinelColumn;
  if (old_form && is_alive(change.causal_length)) return false;  // it has no word for that
  if (out.size() > partykit::kSetBegin.size()) out += ',';
  if (!old_form) {
    partykit::append_row(change, out);
    return true;
  }
  Change row = change;
  row.column = partykit::kOldDelete;
  partykit::append_row(row, out);
  return true;
}

}  // namespace rejoin::sync
