/// @file
/// Reading changes in pieces, from a place that can be kept and gone on from later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <rejoin/export.h>
#include <rejoin/change.hpp>
#include <rejoin/status.hpp>

namespace rejoin {

namespace internal {
class Engine;
}

/// A place in a replica's changes, which are in the order of (db_version, seq): all up to here, this one included, is
/// read. `Cursor{}` is the place after version 0, before all changes. It stays good when the file is closed and opened
/// again, and belongs to that one replica: another one counts its versions for itself.
struct Cursor {
  /// The seq of a place behind the last change of a version.
  static constexpr std::int64_t kWholeVersion = std::numeric_limits<std::int64_t>::max();

  std::int64_t db_version = 0;       ///< the version of that replica (Replica::db_version)
  std::int64_t seq = kWholeVersion;  ///< the place within that version

  /// In the order in which changes are read.
  friend auto operator<=>(const Cursor&, const Cursor&) = default;
};

/// How much to read at once: a batch ends with the change that reaches one of these, so that it holds at least one.
struct BatchLimits {
  std::size_t changes = 1000;                ///< how many changes
  std::size_t bytes = std::size_t{1} << 20;  ///< of tables, keys, columns, values and sites
};

/// A walk over a replica's changes, from Replica::changes_after. It sees what was stored when it began, except for what
/// has been overwritten since, which comes under a later version and so in a later walk. It holds a read transaction
/// open: let go of it before you wait for a network, and go on with a new one from cursor(). It must be gone before the
/// connection is closed, and is used where the connection is. One that was moved from can only be assigned to or
/// destroyed.
///
/// Inside a transaction of the caller's it also shows what is not committed, if it began in there, and passes over what
/// that has overwritten. A cursor from there must be forgotten if it is rolled back, since its versions are given
/// again.
class REJOIN_API ChangeStream {
 public:
  ChangeStream(ChangeStream&&) noexcept;             ///< takes the walk over
  ChangeStream& operator=(ChangeStream&&) noexcept;  ///< ends this walk and takes the other over
  ~ChangeStream();                                   ///< ends the walk, and with it its read transaction

  /// Replaces `batch` by the next changes; none: the end. A batch that is used again saves allocations. (Files that
  /// cr-sqlite merged into may have several changes in one place: those come together, whatever `limits` says.) After
  /// an error `batch` is empty, the stream is of no more use, and cursor() is where the batch before it ended.
  Status next(const BatchLimits& limits, std::vector<Change>& batch) noexcept;

  /// Behind what next() has handed out; at the end, behind all that there was, also what was left out.
  [[nodiscard]] Cursor cursor() const noexcept;

  struct State;  ///< the engine's own

 private:
  friend class Replica;
  explicit ChangeStream(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace rejoin
