// A peer that says anything at all in well-formed frames: the session takes it or ends, and the replica stays sound.
// The input is a row of messages: type, length in two bytes, body.
#include <cstddef>
#include <cstdint>
#include <memory>

#include <rejoin/replica.hpp>
#include <rejoin/sync/session.hpp>

#include "base/bytes.hpp"
#include "fuzz/target.hpp"
#include "support/database.hpp"
#include "sync/link.hpp"

namespace rejoin::fuzz {
namespace {

void check(sync::ByteView input) {
  const test::Database db;
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 'a', "
      "2), (2, x'00', 2.5); DELETE FROM t WHERE id = 2");
  Replica replica = *Replica::on(db.handle());
  sync::SessionOptions options;
  options.largest = std::size_t{1} << 20;
  auto begun = sync::Session::begin(replica, options);
  require(begun.ok(), "a session begins");
  sync::Session& session = **begun;

  sync::Link peer({});
  sync::ByteReader reader(input);
  std::uint8_t type = 0;
  std::uint64_t size = 0;
  sync::ByteView body;
  bool fine = true;
  while (fine && reader.read_u8(type) && reader.read_unsigned(2, size) && reader.read_bytes(size, body)) {
    sync::Bytes frame;
    sync::Message answer;
    for (int i = 0; i < 64; ++i) {  // what it says, so that acks and turns are as they would be
      const Result<bool> more = session.next(answer);
      fine = fine && more.ok();
      if (!more.ok() || !*more) break;
      require(peer.receive({answer.bytes.data(), answer.bytes.size()}).ok(), "a session's frames are well-formed");
      sync::Arrival arrival;
      while (true) {
        const Result<bool> whole = peer.take(arrival);
        require(whole.ok(), "a session's messages are well-formed");
        if (!*whole) break;
      }
    }
    if (!peer.ready()) break;
    peer.send(type, sync::Bytes(body.data, body.data + body.size));
    while (fine && peer.next(frame)) fine = session.receive(frame, false).ok();
  }
  const auto faults = replica.check();
  require(faults.ok() && faults->empty(), "the replica is sound");
  require(!db.in_transaction(), "no transaction is left");
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::check({data, size}); });
}
