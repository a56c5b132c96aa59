/// @file
/// One end of a conversation between two replicas: messages in, messages out.
#pragma once

#include <cstdint>
#include <span>

#include <rejoin/export.h>
#include <rejoin/status.hpp>
#include <rejoin/value.hpp>

/// Sync: what two replicas say to each other, without a socket, a thread or a clock.
namespace rejoin::sync {

/// What is sent in one piece: one message of a WebSocket.
struct Message {
  Blob bytes;         ///< what it says
  bool text = false;  ///< it is UTF-8 text, for the protocols that tell the two apart
};

/// What has gone through a Peer.
struct Traffic {
  std::int64_t changes_in = 0;   ///< changes that arrived and were merged, no-ops included
  std::int64_t changes_won = 0;  ///< those that were news here
  std::int64_t changes_out = 0;  ///< changes that were sent, each time
};

/// This side of a conversation about one replica, in whatever protocol. Whoever has the connection gives it each
/// message that arrives, and asks it for the next one to send whenever the connection could take one more: nothing
/// waits in here, so that a slow connection costs no memory. All calls come from the thread of the replica's
/// connection.
class REJOIN_API Peer {
 public:
  virtual ~Peer();

  /// Takes a message that has arrived. Where it fails the connection is to be closed, with the message as the reason;
  /// what arrived before it stays merged.
  virtual Status receive(std::span<const std::uint8_t> bytes, bool text) noexcept = 0;

  /// Replaces `message` by the next one to send, if there is something to say now: true. Ask again until it says false,
  /// and after each commit of whomever, each receive() and each tick(). A failure is as one of receive().
  virtual Result<bool> next(Message& message) noexcept = 0;

  /// Tells the time, in milliseconds of any clock that does not go back: about once a second.
  virtual Status tick(std::int64_t now) noexcept = 0;

  /// What has gone through so far.
  [[nodiscard]] virtual Traffic traffic() const noexcept = 0;
};

}  // namespace rejoin::sync
