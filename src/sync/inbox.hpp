// What of one peer is merged here, kept in one transaction with the merges.
#pragma once

#include <cstdint>
#include <string>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "sync/batch_merge.hpp"
#include "sync/message.hpp"
#include "sync/timeline.hpp"

namespace rejoin::sync {

class Inbox {
 public:
  /// Reads what is known of the peer.
  Status open(const Replica& replica, const Blob& peer);
  [[nodiscard]] Resume resume() const { return {known_, epoch_, cursor_}; }

  /// What a merge did.
  struct Outcome {
    MergeCount merged;
    std::int64_t before = 0;  // what was won is stored under versions above this …
    bool only_theirs = true;  // … and nothing else, such as what was held for a schema
  };

  /// Merges a batch and notes how far the peer was read, all of it or nothing. What was won will be told to others: the
  /// timeline knows that in the same transaction.
  Status take(Replica& replica, Timeline& timeline, const ChangesHead& head, ByteView batch, Outcome& outcome);

 private:
  Status store(Replica& replica, const ChangesHead& head) const;

  Blob peer_;
  std::string note_name_;
  bool known_ = false;
  std::uint64_t epoch_ = 0;
  Cursor cursor_;
  std::string note_;  // as it was read or written last
};

}  // namespace rejoin::sync
