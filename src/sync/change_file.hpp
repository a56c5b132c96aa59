// A file of changes, to be carried from one replica to another by whatever means. DO NOT CHANGE.
//
//   file    := "rejoin changes\n" version:u8 (1) block*
//   block   := size:u32 message checksum:u64           size is that of the message; the message as on the wire
//   (link.hpp);
//                                                      the checksum is the low half of its 128-bit XXH3
//   message of type 1 (the first): site:16 bytes since:varint until:varint
//                                                      whose changes, stored above `since` up to `until`
//   message of type 2: batch
//   message of type 3 (the last): changes:varint       how many there were
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>

#include <rejoin/change.hpp>
#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

namespace rejoin::sync {

/// Whose changes a file holds.
struct ChangeFileHead {
  Blob site;
  std::int64_t since = 0;  ///< that replica's changes stored above this version …
  std::int64_t until = 0;  ///< … up to this one
};

/// What became of it.
struct ChangeFileCount {
  std::int64_t changes = 0;
  std::int64_t won = 0;
  std::int64_t until = 0;  ///< the version up to which they go
};

/// Writes the changes of `replica` that are stored above `since`. Memory does not grow with their number.
Result<ChangeFileCount> write_changes(const Replica& replica, std::int64_t since, std::ostream& out);

/// Merges the changes of a file, all of them or none, and moves the cursor for its site where they follow on what was
/// merged of it before. kInvalidArgument, saying what is wrong, where it is no such file, or not a whole one.
Result<ChangeFileCount> merge_changes(Replica& replica, std::istream& in);

}  // namespace rejoin::sync
