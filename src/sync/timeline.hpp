// How a replica knows its own past again: each time it is opened for sync begins an epoch, a random number that is kept
// in the file before anything is sent under it, and that ends the one before at the version reached. A peer keeps the
// epoch beside its cursor. A cursor of an epoch that the file has never heard of, or beyond where that ended, comes
// from another past: the file was restored from a backup, or is a copy.
#pragma once

#include <cstdint>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

namespace rejoin::sync {

class Timeline {
 public:
  /// Sees to it that the file knows the epoch that is returned by epoch(): the present one of the file, if this object
  /// began it or it followed one that this object knew, else a new one.
  Status enter(Replica& replica);
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  /// Whether a peer's cursor at `version` of `epoch` is of this file's past.
  static Result<bool> knows(const Replica& replica, std::uint64_t epoch, std::int64_t version);

 private:
  std::uint64_t epoch_ = 0;  // 0: none yet
};

}  // namespace rejoin::sync
