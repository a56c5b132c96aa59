/// @file
/// Rejoin's own protocol (docs/sync.md): two replicas of any topology bring each other up to date and keep it so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rejoin/export.h>
#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>
#include <rejoin/sync/peer.hpp>

namespace rejoin::sync {

/// The name of the protocol, as a WebSocket's Sec-WebSocket-Protocol has it.
inline constexpr const char* kProtocol = "rejoin.1";

/// A column of a table that a peer describes.
struct ColumnSpec {
  std::string name;           ///< its name
  std::string type;           ///< its declared type: letters, digits, spaces, parentheses and commas; empty: none
  bool not_null = false;      ///< it says NOT NULL
  int key = 0;                ///< its place in the primary key, from 1; 0: no part of it
  std::string default_value;  ///< its default: a literal as SQL writes it; empty: none
  /// Equal part by part.
  friend bool operator==(const ColumnSpec&, const ColumnSpec&) = default;
};

/// A CRR as a peer describes it, so that another one can make it. What is not said here (CHECKs, collations, generated
/// columns, indices, triggers) is each replica's own.
struct TableSpec {
  std::string name;                 ///< its name
  bool without_rowid = false;       ///< it says WITHOUT ROWID
  bool strict = false;              ///< it says STRICT
  std::vector<ColumnSpec> columns;  ///< in the table's order
  /// Equal part by part.
  friend bool operator==(const TableSpec&, const TableSpec&) = default;
};

/// What a replica knows of its own past, for sessions of one connection to share: so that opening many does not look
/// like opening the file many times.
class Timeline;

/// An empty one. It is used where the connection is, and goes with it.
REJOIN_API std::shared_ptr<Timeline> make_timeline() noexcept;

/// What a Session does beyond its protocol.
struct SessionOptions {
  /// The CRRs of this replica, for a peer that has none of them yet; unset: they are not told.
  std::function<Result<std::vector<TableSpec>>()> describe;
  /// Makes tables and columns that the peer has and this replica lacks; unset: the peer's changes to them are an error
  /// (or are held: crsql_config_set('unknown-schema', 'hold')).
  std::function<Status(const std::vector<TableSpec>&)> adopt;
  /// Compare all rows with the peer's, whatever the cursors say, and mend what differs.
  bool repair = false;
  /// Shared by all sessions of one connection; unset: one of its own.
  std::shared_ptr<Timeline> timeline;
  /// Whether the transport loses, repeats and reorders nothing while it is up, as a WebSocket does; false: what was
  /// sent is kept until it is acknowledged, and sent again.
  bool reliable = true;
  /// How many bytes may be on their way without an acknowledgement.
  std::size_t window = std::size_t{4} << 20;
  /// How large a message may be; a larger change goes in fragments.
  std::size_t message_bytes = std::size_t{256} << 10;
  /// The largest change that is taken from a peer, about.
  std::size_t largest = std::size_t{256} << 20;
};

/// One side of a conversation in Rejoin's own protocol; both sides are alike. Told that the transport is not reliable
/// (SessionOptions) it takes lost, repeated and reordered messages. It goes on from where the last conversation ended,
/// in the middle of a version too. A peer whose file was restored from a backup or copied is noticed, and what differs
/// is found and mended.
///
/// It writes to the database, also where it only tells: a file that is read-only cannot be synced. While the caller has
/// a transaction open on the connection next() says nothing, and receive() is kBusy and has not taken the message: give
/// it again later. Any other failure ends the conversation; a new Session goes on.
class REJOIN_API Session final : public Peer {
 public:
  /// Begins: next() has something to say at once. `replica` is copied; its connection must outlive the Session.
  static Result<std::unique_ptr<Session>> begin(const Replica& replica, SessionOptions options = {}) noexcept;
  ~Session() override;

  Status receive(std::span<const std::uint8_t> bytes, bool text) noexcept override;
  Result<bool> next(Message& message) noexcept override;
  Status tick(std::int64_t now) noexcept override;
  [[nodiscard]] Traffic traffic() const noexcept override;

  /// Whether each side has acknowledged all that the other had when it was last asked, and no more is known of: the
  /// moment to hang up, if one wants to.
  [[nodiscard]] bool settled() const noexcept;

  /// The peer's site id, once it has said it; else empty.
  [[nodiscard]] Blob peer_site() const noexcept;

  struct State;  ///< the library's own

 private:
  explicit Session(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace rejoin::sync
