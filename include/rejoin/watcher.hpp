/// @file
/// Which rows have changed, by whomever: what a user interface needs to know what to draw again.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <rejoin/export.h>
#include <rejoin/change_stream.hpp>
#include <rejoin/status.hpp>
#include <rejoin/value.hpp>

namespace rejoin {

/// A row that was written since.
struct ChangedRow {
  std::string table;     ///< the CRR
  Blob pk;               ///< the key columns' values, packed (crsql_unpack_columns, unpack_key)
  bool deleted = false;  ///< the row is gone
  bool merged = false;   ///< something of it came from another replica; false: all was written in this file
  /// Whether both tell the same of the same row.
  friend bool operator==(const ChangedRow&, const ChangedRow&) = default;
};

/// Watches the CRRs of a file, from Replica::watch. It tells of every write and merge that is committed, by this
/// connection, another one, or another process, and of nothing that is rolled back. It takes no hook of the
/// connection, and looks only when it is asked: after a commit here (Replica::on_commit), when a file watcher or a
/// timer says so. Looking when there is no news costs some microseconds, whatever the size of the file.
///
/// It must be gone before the connection is closed, and is used where the connection is. One that was moved from can
/// only be assigned to or destroyed.
class REJOIN_API Watcher {
 public:
  Watcher(Watcher&&) noexcept;             ///< takes the place over
  Watcher& operator=(Watcher&&) noexcept;  ///< lets go of this place and takes the other over
  ~Watcher();                              ///< nothing is left behind on the connection

  /// Replaces `rows` by the rows that were written since the last call, each once, the one that was written first in
  /// front. At most `limits` of changes are looked at: where `rows` is not empty, call again; a row whose changes do
  /// not fit into one call is told of again. In the middle of a transaction of this connection that has written, there
  /// are none until it ends. After an error `rows` is empty and the place is as before: ask again.
  Status poll(std::vector<ChangedRow>& rows, const BatchLimits& limits = {}) noexcept;

  /// What was told of so far. A watcher that is made with it (Replica::watch) tells what came later, also by another
  /// process and after the file was closed and opened again.
  [[nodiscard]] Cursor cursor() const noexcept;

  struct State;  ///< the engine's own

 private:
  friend class Replica;
  explicit Watcher(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace rejoin
