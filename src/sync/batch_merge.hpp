// Merging what a batch says.
#pragma once

#include <cstdint>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "sync/varint.hpp"

namespace rejoin::sync {

/// What merging came to.
struct MergeCount {
  std::int64_t changes = 0;
  std::int64_t won = 0;
  std::int64_t db_version = 0;  ///< MergeSummary::db_version
};

/// Merges the changes of a batch, in parts that bound the memory it takes. Where it fails, some are merged: to be
/// called within Replica::in_transaction. Adds to `count`.
Status merge_batch(Replica& replica, ByteView batch, MergeCount& count);

}  // namespace rejoin::sync
