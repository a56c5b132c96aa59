// What this side has to tell one peer: its changes from a cursor on, but for those that came from this peer just now.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "sync/message.hpp"

namespace rejoin::sync {

class Outbox {
 public:
  explicit Outbox(std::size_t message_bytes) : message_bytes_(message_bytes) {}

  /// Begins behind what the peer has.
  void resume(const Resume& theirs);
  /// Begins at `version`, once the changes of `rows`, which differ, have been told.
  void repair(std::unordered_set<std::uint64_t> rows, std::int64_t version);
  /// What the peer itself has brought is stored under the versions above `before` up to `upto`: it need not go back.
  void came_from_peer(std::int64_t before, std::int64_t upto);

  /// When it is asked.
  struct Moment {
    std::int64_t now = 0;      // milliseconds
    bool peer_at_end = false;  // the peer has told all that it had
  };

  /// Whether there is nothing to say, the replica being at `version`. Asked before each next().
  [[nodiscard]] bool idle(std::int64_t version, const Moment& moment);
  /// Whether there is a message to send: its head and its batch.
  Result<bool> next(const Replica& replica, std::int64_t version, ChangesHead& head, Bytes& batch);
  /// Ends the read transaction that is held from one next() to the next while there is more to tell: a large version is
  /// not sorted anew for each message. To be called before anything is written and when there is something to wait for.
  void let_go();
  [[nodiscard]] bool walking() const { return stream_.has_value(); }
  /// Whether the peer has been told of all that was stored when it was last asked, and of where that ends.
  [[nodiscard]] bool told_all(const Replica& replica) const;
  [[nodiscard]] std::int64_t changes() const { return changes_; }

 private:
  struct Range {
    std::int64_t before;
    std::int64_t upto;
  };

  Status fill(const Replica& replica, std::int64_t version, Bytes& batch, bool& end);
  [[nodiscard]] bool wanted(const Change& change) const;
  Result<bool> next_repair(const Replica& replica, std::int64_t version, ChangesHead& head, Bytes& batch);

  std::size_t message_bytes_;
  bool repairing_ = false;
  std::unordered_set<std::uint64_t> rows_;
  std::int64_t repaired_at_ = 0;
  bool anywhere_ = false;  // the next message moves the peer's cursor from wherever it is
  Cursor told_;            // the peer knows that it has all up to here
  std::optional<ChangeStream> stream_;
  std::int64_t stream_version_ = 0;  // the replica's when it was opened
  std::vector<Change> read_changes_;
  Cursor read_;  // what is behind this has not been looked at
  std::deque<Range> from_peer_;
  std::int64_t head_ = -1;  // the version at which all was told; -1: not yet
  bool end_told_ = false;
  bool advance_ = false;  // the next message is of nothing but that the peer's cursor may move
  std::int64_t next_advance_ = 0;
  std::int64_t changes_ = 0;
};

}  // namespace rejoin::sync
