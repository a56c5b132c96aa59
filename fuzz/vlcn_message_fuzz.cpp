// Any bytes as a message of a vlcn client: the decoder, and a hub's peer that takes what is decoded. The first byte
// says which form of rows is tried first.
#include <limits>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>

#include "fuzz/target.hpp"
#include "support/database.hpp"
#include "sync/vlcn_message.hpp"
#include "sync/vlcn_peer.hpp"

namespace rejoin::sync {
namespace {

using fuzz::require;
using rejoin::test::Database;
using vlcn::RowForm;

// What is decoded is written as bytes that say the same. (Compared as bytes: a NaN is not equal to itself.)
bool round_trips(internal::ByteView bytes, RowForm likely, vlcn::Message& message) {
  const Status status = vlcn::decode(bytes, likely, message);
  require(status.ok() || !status.message().empty(), "refused without a reason");
  if (!status.ok()) return false;
  internal::Bytes once;
  vlcn::encode(message, once);
  vlcn::Message again;
  RowForm form = likely;
  if (const auto* changes = std::get_if<vlcn::Changes>(&message)) form = changes->form;
  if (const auto* apply = std::get_if<vlcn::ApplyChangesOnPrimary>(&message)) form = apply->form;
  require(vlcn::decode(internal::view_of(once), form, again).ok(), "what was encoded is refused");
  internal::Bytes twice;
  vlcn::encode(again, twice);
  require(again.index() == message.index() && once == twice, "encoded otherwise the second time");
  return true;
}

struct Room {
  Room() {
    db.exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b REAL); SELECT crsql_as_crr('t');"
        "INSERT INTO t VALUES (1, 1, 1)");
  }
  Database db;
  Replica replica = std::move(Replica::on(db.handle())).value();
};

// A peer that the message's sender has announced itself to: it takes the message or refuses it, and goes on.
void tell_a_peer(internal::ByteView bytes, const vlcn::Message& message) {
  static Room room;
  room.db.exec("BEGIN");
  VlcnOptions options;
  options.message_bytes = 100;
  options.version_bytes = 200;
  VlcnPeer peer(room.replica, options);
  Blob sender(vlcn::kSiteSize, 7);
  if (const auto* changes = std::get_if<vlcn::Changes>(&message)) sender = changes->sender;
  internal::Bytes announce;
  vlcn::encode(vlcn::AnnouncePresence{sender, {}, "s", 1}, announce);
  const bool known = peer.receive(announce, false).ok();
  const Status status = peer.receive({bytes.data, bytes.size}, false);
  require(status.ok() || !status.message().empty(), "refused without a reason");
  Message said;
  for (int i = 0; known && i < 100; ++i) {
    const Result<bool> more = peer.next(said);
    if (!more.ok() || !*more) break;
    vlcn::Message read;
    require(vlcn::decode(internal::view_of(said.bytes), RowForm::kNineFields, read).ok(), "the peer says what is none");
    require(i < 99, "the peer never falls silent");
  }
  room.db.exec("ROLLBACK");
}

void run(internal::ByteView bytes) {
  if (bytes.size == 0) return;
  const RowForm likely = bytes.data[0] % 2 == 0 ? RowForm::kNineFields : RowForm::kEightFields;
  const internal::ByteView rest{bytes.data + 1, bytes.size - 1};
  vlcn::Message message;
  if (round_trips(rest, likely, message)) tell_a_peer(rest, message);
}

}  // namespace
}  // namespace rejoin::sync

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::sync::run({data, size}); });
}
