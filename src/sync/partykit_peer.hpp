// The room that Expo's first to-do example talks to (its branch initial-poc, over PartyKit), which now keeps what it is
// told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/sync/peer.hpp>

#include "sync/partykit_changes.hpp"

namespace rejoin::sync {

struct PartykitOptions {
  std::size_t message_bytes = std::size_t{1} << 20;  ///< more rows than this go in several messages
  std::size_t largest = std::size_t{16} << 20;       ///< a message of more bytes is refused
};

/// One client of a room.
///
///   client                                    room
///     | init ------------------------------->  |
///     | <-------------  all changes, as JSON   |  nothing, where there are none
///     | changes, as JSON ------------------->  |  merged
///     | <-------------  what was news of them  |  to everyone in the room, the sender too
///
/// A client sends all that it has after each change, and merges whatever comes. So a room needs to know nothing of it:
/// it is sent what is new since it came, and everything when it says init. Changes that are no news for the room are
/// none for others either, and are not sent on.
class PartykitPeer final : public Peer {
 public:
  explicit PartykitPeer(const Replica& replica, PartykitOptions options = {}) : replica_(replica), options_(options) {}

  Status receive(std::span<const std::uint8_t> bytes, bool text) noexcept override;
  Result<bool> next(Message& message) noexcept override;
  Status tick(std::int64_t now) noexcept override;
  [[nodiscard]] Traffic traffic() const noexcept override { return traffic_; }

 private:
  using RowName = std::pair<std::string, Blob>;  // table and key

  Status settle();
  Status take(std::string_view text);
  Status note_lives();
  [[nodiscard]] std::int64_t life_here(const RowName& row) const;
  Status name_lives(std::vector<partykit::Row>& rows, std::vector<Change>& changes);
  Result<bool> next_rows(Message& message);
  bool append(const Change& change, std::string& out) const;

  Replica replica_;
  PartykitOptions options_;
  Traffic traffic_;
  std::optional<Cursor> place_;  // what the client was sent; none: nobody has asked yet
  bool old_deletes_ = false;     // the client has deleted rows as cr-sqlite 0.14 does

  // The rows that live again after they were deleted, as far as lives_place_: their cells are of a third life or later.
  std::map<RowName, std::int64_t> lives_;
  Cursor lives_place_;
};

}  // namespace rejoin::sync
