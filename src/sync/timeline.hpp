// How a replica knows its own past again: each time it is opened for sync begins an epoch, a random number that is kept
// in the file, with the highest version that anyone was told of under it, before anyone is told. A peer keeps the epoch
// beside its cursor. A cursor of an epoch that the file has never heard of, or beyond what was told under it, comes
// from another past: the file was restored from a backup, or is a copy.
#pragma once

#include <cstdint>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

namespace rejoin::sync {

class Outbox;

class Timeline {
 public:
  /// Sees to it that the file knows the epoch that epoch() returns then, and that changes up to `version`, which is
  /// committed, were told under it: the last one in the file, if this object began it or knew the one that it follows,
  /// else a new one.
  Status tell(Replica& replica, std::int64_t version);
  /// The same, if there is an epoch to tell of it, within the transaction that makes `version`; told() when that is
  /// committed.
  Status tell_within(Replica& replica, std::int64_t version);
  void told(bool committed);
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  /// Whether a peer's cursor at `version` of `epoch` is of this file's past.
  static Result<bool> knows(const Replica& replica, std::uint64_t epoch, std::int64_t version);

  /// What reads from the connection while it tells, to be called before anything writes to it: a read that is open over
  /// another program's commit would keep this one from writing.
  void add(Outbox& outbox) { outboxes_.push_back(&outbox); }
  void remove(Outbox& outbox) { std::erase(outboxes_, &outbox); }
  void let_go();

 private:
  Status write(Replica& replica, std::int64_t version);
  Status follow(const Replica& replica, std::int64_t version, bool& known);

  std::uint64_t epoch_ = 0;  // 0: none yet
  std::int64_t told_ = -1;   // what the file says of it, at least
  std::uint64_t next_epoch_ = 0;
  std::int64_t next_told_ = -1;
  std::vector<Outbox*> outboxes_;
};

}  // namespace rejoin::sync
