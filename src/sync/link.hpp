// Messages of any size over a transport of frames, in order and once each, whatever the transport does to the frames.
// DO NOT CHANGE what is on the wire.
//
//   frame    := kind:u8 number:varint ack:varint bytes checksum:u64
//               kind 1: the last (or only) piece of a message, 2: a piece that is followed by another, 3: no piece,
//               only the ack, 4: the same, and the other side is to send that frame again. number counts the frames
//               with pieces, from 0; ack is the number of the first frame with a piece that has not arrived. checksum
//               is the low half of the 128-bit XXH3 of all before it, big-endian
//   message  := type:u8 0 body | type:u8 1 size:varint zstd    the size is the body's
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include <rejoin/status.hpp>

#include "sync/varint.hpp"

namespace rejoin::sync {

struct LinkOptions {
  std::size_t frame_bytes = std::size_t{256} << 10;  // of a piece
  std::size_t window = std::size_t{4} << 20;         // bytes on their way without an ack
  std::size_t largest = std::size_t{256} << 20;      // message that is accepted
  bool reliable = true;                              // the transport loses and reorders nothing while it is up
};

/// What has arrived whole.
struct Arrival {
  std::uint8_t type = 0;
  Bytes body;
};

/// A message, compressed where that is worth it; and its type and body again.
Bytes packed_message(std::uint8_t type, const Bytes& body);
Status unpack_message(ByteView bytes, std::size_t largest, Arrival& arrival);

class Link {
 public:
  explicit Link(const LinkOptions& options) : options_(options) {}

  /// Whether a message would be sent at once: the one before is on its way, and the window has room.
  [[nodiscard]] bool ready() const { return waiting_.empty() && unacked_bytes_ < options_.window; }
  /// Sends a message, whole or in pieces; only when ready(). Returns how many frames will have been sent with it:
  /// acked() of that means that it has arrived.
  std::uint64_t send(std::uint8_t type, const Bytes& body);
  [[nodiscard]] std::uint64_t acked() const { return acked_; }

  /// The next frame, if there is one to send now.
  bool next(Bytes& frame);

  /// Takes a frame. A damaged one is passed over (it is lost, and sent again) unless the transport is reliable; what
  /// cannot be from this protocol is kInvalidArgument.
  Status receive(ByteView frame);
  /// The next message that is whole; false: none yet.
  Result<bool> take(Arrival& arrival);

  /// Milliseconds; sends again what is not acknowledged for too long.
  void tick(std::int64_t now);

 private:
  struct Sent {
    Bytes frame;  // empty where the transport is reliable
    std::size_t size = 0;
  };

  Status lost(const char* what) const;
  void take_ack(std::uint64_t ack, bool again);
  Bytes make_frame(std::uint8_t kind, std::uint64_t number, ByteView piece) const;

  LinkOptions options_;
  Bytes waiting_;  // the message that is being sent in pieces
  std::size_t waiting_from_ = 0;
  std::deque<Sent> unacked_;
  std::size_t unacked_bytes_ = 0;
  std::uint64_t acked_ = 0;      // frames that have arrived there; unacked_ begins with this one
  std::size_t resend_from_ = 0;  // places in unacked_ of what is to be sent again
  std::size_t resend_to_ = 0;
  std::uint64_t expected_ = 0;  // the next frame from there
  struct Piece {
    bool last = false;
    Bytes bytes;
  };
  std::map<std::uint64_t, Piece> early_;  // frames that arrived before one before them, and those to be taken
  std::size_t early_bytes_ = 0;
  Bytes partial_;
  bool owes_ack_ = false;
  bool wants_again_ = false;
  std::int64_t now_ = 0;
  std::int64_t progress_at_ = 0;
  std::int64_t patience_ = 0;
};

}  // namespace rejoin::sync
