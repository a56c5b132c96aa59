#include "sync/vlcn_peer.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "base/try.hpp"
#include "sync/guard.hpp"
#include "sync/note_name.hpp"

namespace rejoin::sync {

using internal::Bytes;
using vlcn::RowForm;

namespace {

constexpr std::int64_t kRewindMilliseconds = 30'000;
// A walk is asked for so much at a time.
constexpr BatchLimits kPiece{256, std::size_t{64} << 10};

Status refused(std::string text) { return {ErrorCode::kInvalidArgument, "vlcn: " + std::move(text)}; }

/// Clients send every number between -2^53 and 2^53 as a NUMBER, whole or not: JavaScript does not tell them apart. So
/// a whole one is an INTEGER; where the column wants a REAL, its affinity makes it one again when it is merged, and the
/// two are compared as they are stored.
Value as_sqlite_has_it(Value value) {
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr) return value;
  constexpr double kExact = 9007199254740992.0;
  if (std::isnan(*number)) return std::monostate();
  if (std::abs(*number) <= kExact && std::trunc(*number) == *number) return static_cast<std::int64_t>(*number);
  return value;
}

}  // namespace

// --- what arrives ---

Status VlcnPeer::receive(std::span<const std::uint8_t> bytes, bool text) noexcept {
  return guarded([&]() -> Status {
    if (text) return refused("a text frame, where all messages are binary");
    vlcn::Message message;
    REJOIN_TRY(vlcn::decode({bytes.data(), bytes.size()}, form_, message));
    return std::visit([&](auto& body) { return take(body); }, message);
  });
}

/// A second announce is a start from the beginning: by a client that has opened its database anew, say.
Status VlcnPeer::take(vlcn::AnnouncePresence& announce) {
  client_.reset();
  const Result<Blob> own = replica_.site_id();
  if (!own.ok()) return own.status();
  if (announce.sender == *own) return refused("the client's site id is the hub's: one is a copy of the other");
  own_site_ = *own;
  client_ = std::move(announce);
  Status status = check_schema();
  if (status.ok()) status = learn_form(options_.legacy_rows ? RowForm::kEightFields : RowForm::kNineFields);
  if (status.ok()) status = stream_from(announced());
  start_due_ = true;
  rewinding_ = false;
  rewinding_since_.reset();
  if (!status.ok()) client_.reset();
  return status;
}

Status VlcnPeer::check_schema() const {
  return options_.require_schema ? options_.require_schema(client_->schema_name, client_->schema_version) : Status();
}

std::string VlcnPeer::form_note() const { return note_name("vlcn.rows.", client_->sender); }

/// Nothing tells which rows a client reads before it has sent some of its own. So what it sent is remembered, for the
/// next time that it only listens.
Status VlcnPeer::learn_form(RowForm form) {
  form_ = form;
  const Result<std::string> note = replica_.note(form_note());
  if (!note.ok()) return note.status();
  if (*note == "8") form_ = RowForm::kEightFields;
  if (*note == "9") form_ = RowForm::kNineFields;
  return {};
}

Status VlcnPeer::stream_from(const vlcn::Cursor& seen) {
  const Result<std::int64_t> version = replica_.db_version();
  if (!version.ok()) return version.status();
  // A cursor inside of a version (no client is known to make one) is one before it. And who has seen more than there is
  // has seen it before this database was put back to an older state: what it lacks cannot be told from what it has.
  since_ = seen.seq > 0 ? seen.version - 1 : seen.version;
  if (since_ < 0 || since_ > *version) since_ = 0;
  place_ = Cursor{since_};
  return {};
}

Status VlcnPeer::take(vlcn::Changes& changes) {
  if (!client_.has_value()) return refused("changes from a client that has not announced itself");
  if (changes.sender != client_->sender) return refused("changes from another site than the one that announced itself");
  if (changes.rows.empty()) return {};
  const Result<std::int64_t> have = replica_.cursor(client_->sender);
  if (!have.ok()) return have.status();
  if (changes.since > vlcn::Cursor{*have, 0}) {
    // A part is missing. Clients throw at RejectChanges (3), but take a second StartStreaming as a call to go back.
    // What is under way meanwhile has the same gap, and one call is enough.
    start_due_ = start_due_ || !rewinding_;
    rewinding_ = true;
    return {};
  }
  rewinding_ = false;
  rewinding_since_.reset();
  return merge(changes, *have);
}

Status VlcnPeer::merge(vlcn::Changes& changes, std::int64_t have) {
  for (Change& row : changes.rows) {
    row.site_id = changes.sender;  // whatever the row says: a client has no site but its own to speak for
    row.value = as_sqlite_has_it(std::move(row.value));
  }
  const bool other_form = changes.form != form_;
  const std::int64_t reached = changes.rows.back().db_version;
  MergeSummary summary;
  Status kept = replica_.in_transaction([&]() -> Status {
    const Result<MergeSummary> merged = replica_.merge(changes.rows);
    if (!merged.ok()) return merged.status();
    summary = *merged;
    if (other_form) REJOIN_TRY(replica_.set_note(form_note(), changes.form == RowForm::kEightFields ? "8" : "9"));
    return reached > have ? replica_.set_cursor(changes.sender, reached) : Status();
  });
  REJOIN_TRY(std::move(kept));
  traffic_.changes_in += static_cast<std::int64_t>(changes.rows.size());
  traffic_.changes_won += summary.won;
  if (!other_form) return {};
  // It could not read what it was sent so far.
  form_ = changes.form;
  return stream_from(announced());
}

vlcn::Cursor VlcnPeer::announced() const {
  vlcn::Cursor seen;
  for (const vlcn::LastSeen& entry : client_->last_seens) {
    if (entry.site == own_site_) seen = entry.cursor;
  }
  return seen;
}

/// The client misses a part of what it was sent: back to what it says it has.
Status VlcnPeer::take(const vlcn::RejectChanges& reject) {
  if (!client_.has_value()) return refused("RejectChanges from a client that has not announced itself");
  return reject.whose == own_site_ ? stream_from(reject.since) : Status();
}

template <typename Other>
Status VlcnPeer::take(const Other&) {
  if constexpr (std::is_same_v<Other, vlcn::Ping> || std::is_same_v<Other, vlcn::Pong>) {
    return {};  // as cr-sqlite's server does
  } else if constexpr (std::is_same_v<Other, vlcn::StartStreaming>) {
    return refused("StartStreaming is for the hub to say");
  } else {
    return refused("a message that servers send to each other");
  }
}

Status VlcnPeer::tick(std::int64_t now) noexcept {
  if (!rewinding_) return {};
  if (!rewinding_since_.has_value()) rewinding_since_ = now;
  if (now - *rewinding_since_ < kRewindMilliseconds) return {};
  return guarded([] { return refused("changes with a gap before them, and no answer to StartStreaming"); });
}

// --- what is sent ---

Result<bool> VlcnPeer::next(Message& message) noexcept {
  return guarded([&]() -> Result<bool> {
    if (!client_.has_value()) return false;
    message.bytes.clear();
    message.text = false;
    if (!start_due_) return next_changes(message);
    REJOIN_TRY(start_streaming(message));
    start_due_ = false;
    return true;
  });
}

Status VlcnPeer::start_streaming(Message& message) {
  const Result<std::int64_t> have = replica_.cursor(client_->sender);
  if (!have.ok()) return have.status();
  // The one site is what keeps the client from sending back what it has from here.
  vlcn::encode(vlcn::StartStreaming{{*have, 0}, {own_site_}, false}, message.bytes);
  return {};
}

/// The rows of one message.
///
/// A client notes the version of the last row of a message as what it has: a version in two messages would lose its
/// second half for ever if the connection broke between them. So a message ends where a version does. One that is too
/// large for that (a table of a million rows that became a CRR) goes in parts whose rows bear the version that the
/// client has anyway: they are merged as well, and the cursor stays before them until the last part bears its own.
struct VlcnPeer::Batch {
  Bytes rows;
  std::size_t count = 0;
  std::int64_t version = 0;  // of the last row
  Cursor place;              // behind the last row
  bool part = false;         // the version goes on behind it

  // The same up to the last version that is whole, and where the rows behind that have their version.
  std::size_t whole_bytes = 0;
  std::size_t whole_count = 0;
  std::int64_t whole_version = 0;
  std::vector<std::size_t> version_places;

  void version_is_whole() {
    whole_bytes = rows.size();
    whole_count = count;
    whole_version = version;
    version_places.clear();
    place = Cursor{version};
  }

  void cut_to_whole() {
    rows.resize(whole_bytes);
    count = whole_count;
    version = whole_version;
    place = Cursor{version};
  }
};

Result<bool> VlcnPeer::next_changes(Message& message) {
  const Result<std::int64_t> version = replica_.db_version();
  if (!version.ok()) return version.status();
  if (place_ >= Cursor{*version}) return false;
  Batch batch;
  REJOIN_TRY(fill(batch));
  if (batch.count > 0) {
    REJOIN_TRY(check_schema());
    send(batch, message);
  }
  place_ = batch.place;
  return batch.count > 0;
}

Status VlcnPeer::fill(Batch& batch) {
  Result<ChangeStream> stream = replica_.changes_after(place_, client_->sender);
  if (!stream.ok()) return stream.status();
  std::vector<Change> piece;
  for (;;) {
    REJOIN_TRY(stream->next(kPiece, piece));
    for (Change& change : piece) {
      if (!add(change, batch)) return {};
    }
    if (!piece.empty()) continue;
    batch.place = stream->cursor();
    return {};
  }
}

/// False: the batch is full, and `change` is for the next one.
bool VlcnPeer::add(Change& change, Batch& batch) const {
  const Cursor at{change.db_version, change.seq};
  if (batch.count > 0 && change.db_version != batch.version) {
    batch.version_is_whole();
    if (batch.whole_bytes >= options_.message_bytes) return false;
  } else if (batch.count > 0 && at != batch.place && batch.rows.size() - batch.whole_bytes >= options_.version_bytes) {
    // (Changes that share a place cannot be parted: no cursor comes between them.)
    batch.part = batch.whole_count == 0;
    if (!batch.part) batch.cut_to_whole();
    return false;
  }
  change.site_id.clear();
  batch.version_places.push_back(vlcn::append_row(change, form_, batch.rows));
  batch.version = change.db_version;
  batch.place = at;
  ++batch.count;
  return true;
}

void VlcnPeer::send(Batch& batch, Message& message) {
  if (batch.part) {
    for (const std::size_t place : batch.version_places) vlcn::set_db_version(since_, place, batch.rows);
  }
  vlcn::encode_changes(own_site_, {since_, 0}, batch.count, internal::view_of(batch.rows), message.bytes);
  if (!batch.part) since_ = batch.version;
  traffic_.changes_out += static_cast<std::int64_t>(batch.count);
}

}  // namespace rejoin::sync
