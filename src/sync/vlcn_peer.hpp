// The hub's side of the vlcn WebSocket protocol, for clients that were written for cr-sqlite's own server.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/sync/peer.hpp>

#include "base/bytes.hpp"
#include "sync/vlcn_message.hpp"

namespace rejoin::sync {

struct VlcnOptions {
  /// Whether the room's database has the schema of that name and version, or has been given it now; a failure ends the
  /// conversation, since a client never recovers from rows that it has no table for. Asked when a client announces
  /// itself, and again before it is sent changes: the schema may be another one by then. Unset: any schema will do.
  std::function<Status(const std::string& name, std::int64_t version)> require_schema;
  /// A message of changes ends with the version that reaches this many bytes.
  std::size_t message_bytes = std::size_t{1} << 20;
  /// A version of more bytes than this is sent in parts (see VlcnPeer::Batch).
  std::size_t version_bytes = std::size_t{16} << 20;
  /// Of a client that has never sent a row: it is one of those whose rows have no seq.
  bool legacy_rows = false;
};

/// One client of a room.
///
///   client                                                        hub
///     | announce (what it has seen of this site, its schema)  ---> | require_schema
///     | <---------------- start streaming (what is here of yours)  |
///     | changes since that  -------------------------------------> | merged and noted in one transaction
///     | <--------------------- changes since what you have seen    | whatever others have written
///
/// There are no acknowledgements: each end notes in its database how far it got, and says so when they meet again. What
/// a client is sent is attributed to this site, and what it sends to it, whoever wrote it: a client knows only its hub.
class VlcnPeer final : public Peer {
 public:
  VlcnPeer(const Replica& replica, VlcnOptions options) : replica_(replica), options_(std::move(options)) {}

  Status receive(std::span<const std::uint8_t> bytes, bool text) noexcept override;
  Result<bool> next(Message& message) noexcept override;
  Status tick(std::int64_t now) noexcept override;
  [[nodiscard]] Traffic traffic() const noexcept override { return traffic_; }

 private:
  struct Batch;

  Status take(vlcn::AnnouncePresence& announce);
  Status take(vlcn::Changes& changes);
  Status take(const vlcn::RejectChanges& reject);
  template <typename Other>
  Status take(const Other& message);
  Status merge(vlcn::Changes& changes, std::int64_t have);
  Status learn_form(vlcn::RowForm form);
  Status stream_from(const vlcn::Cursor& seen);
  [[nodiscard]] vlcn::Cursor announced() const;
  Status check_schema() const;
  [[nodiscard]] std::string form_note() const;

  Status start_streaming(Message& message);
  Result<bool> next_changes(Message& message);
  Status fill(Batch& batch);
  bool add(Change& change, Batch& batch) const;
  void send(Batch& batch, Message& message);

  Replica replica_;
  VlcnOptions options_;
  Traffic traffic_;

  std::optional<vlcn::AnnouncePresence> client_;  // none: it has not said who it is
  Blob own_site_;
  vlcn::RowForm form_ = vlcn::RowForm::kNineFields;
  bool start_due_ = false;
  bool rewinding_ = false;  // it was told to start again, since a part of its changes was missing here
  std::optional<std::int64_t> rewinding_since_;

  // What the client has of ours is since_, as far as it knows itself: the version of the last row that it was sent.
  // What was read here is place_, which goes further, over the client's own changes: to name it would be a gap to the
  // client.
  std::int64_t since_ = 0;
  Cursor place_;
};

}  // namespace rejoin::sync
