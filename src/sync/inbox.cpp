#include "sync/inbox.hpp"

#include <utility>

#include "base/try.hpp"
#include "sync/batch_merge.hpp"
#include "sync/note_name.hpp"
#include "sync/refusal.hpp"

namespace rejoin::sync {

namespace {

// epoch:u64 cursor
std::string note_of(std::uint64_t epoch, const Cursor& cursor) {
  Bytes bytes;
  internal::append_unsigned(bytes, epoch, 8);
  append(bytes, cursor);
  return {bytes.begin(), bytes.end()};
}

bool read_note(const std::string& note, std::uint64_t& epoch, Cursor& cursor) {
  ByteReader reader({reinterpret_cast<const std::uint8_t*>(note.data()), note.size()});
  return reader.read_unsigned(8, epoch) && read(reader, cursor) && reader.left() == 0;
}

}  // namespace

Status Inbox::open(const Replica& replica, const Blob& peer) {
  peer_ = peer;
  note_name_ = note_name("sync.from.", peer);
  Result<std::string> note = replica.note(note_name_);
  if (!note.ok()) return note.status();
  // What is there but cannot be read is as good as nothing: all is asked for again, which is safe.
  known_ = !note->empty() && read_note(*note, epoch_, cursor_);
  if (!known_) cursor_ = Cursor();
  note_ = std::move(note).value();
  return {};
}

// Another conversation with the same site may have noted something in between: of this past (another connection of the
// same program), or of another one, and then there are two files with one site id.
Status Inbox::store(Replica& replica, const ChangesHead& head) const {
  const Result<std::string> note = replica.note(note_name_);
  if (!note.ok()) return note.status();
  std::uint64_t epoch = 0;
  Cursor cursor;
  if (*note != note_ && read_note(*note, epoch, cursor)) {
    if (epoch != epoch_ && epoch != head.epoch) {
      return {ErrorCode::kInvalidArgument,
              "another copy of the peer's database, with the same site id, is being synced too; give the copy a site "
              "id of its own (rejoin status --new-site-id)"};
    }
    if (epoch == head.epoch && cursor >= head.to && !head.anywhere) return {};
  }
  REJOIN_TRY(replica.set_note(note_name_, note_of(head.epoch, head.to)));
  const bool whole = head.to.seq == Cursor::kWholeVersion;
  return replica.set_cursor(peer_, head.to.db_version - (whole || head.to.db_version == 0 ? 0 : 1));
}

Status Inbox::take(Replica& replica, Timeline& timeline, const ChangesHead& head, ByteView batch, Outcome& outcome) {
  if (!head.repair && !head.anywhere && (known_ ? head.from > cursor_ : head.from != Cursor())) {
    return bad_message("changes before these are missing");
  }
  const bool moves =
      !head.repair && (!known_ || head.anywhere || head.to > cursor_ || (head.to == cursor_ && head.epoch != epoch_));
  if (!head.repair && !moves) return {};
  const Status status = replica.in_transaction([&]() -> Status {
    const Result<std::int64_t> before = replica.db_version();
    if (!before.ok()) return before.status();
    outcome.before = *before;
    const Result<std::int64_t> held = replica.held_changes();
    if (!held.ok()) return held.status();
    outcome.only_theirs = *held == 0;
    REJOIN_TRY(merge_batch(replica, batch, outcome.merged));
    if (outcome.merged.won > 0) REJOIN_TRY(timeline.tell_within(replica, outcome.merged.db_version));
    return moves ? store(replica, head) : Status();
  });
  timeline.told(status.ok());
  if (!status.ok() || !moves) return status;
  known_ = true;
  epoch_ = head.epoch;
  cursor_ = head.to;
  note_ = note_of(epoch_, cursor_);
  return {};
}

}  // namespace rejoin::sync
