// Schema changes of CRRs: what crsql_begin_alter and crsql_commit_alter do.
//
// While a table is being altered its triggers are away, and one other stands in their place, "t__crsql_alter", which
// never fires:
//
//   CREATE TRIGGER "t__crsql_alter" AFTER UPDATE OF "every","column" ON "t" WHEN '"every","column"' IS NULL BEGIN
//   SELECT 1; END
//
// SQLite rewrites its names, but not its string, when the table or a column is renamed, and does not mind when a column
// of the list is dropped; so it shows at the end what has which new name. A table that is rebuilt loses it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/backfill.hpp"
#include "crr/clock.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

class Alterer {
 public:
  Alterer(sqlite3* db, Catalogue& catalogue, Clock& clock)
      : db_(db), catalogue_(catalogue), clock_(clock), backfill_(db, clock) {}

  /// Opens the alter's savepoint and puts the marker in the triggers' place. The caller joins the transaction in
  /// `join`, between the two.
  template <typename Join>
  Status begin(std::string_view name, Join&& join) {
    REJOIN_TRY(open_savepoint());
    Status status = guarded([&]() -> Status {
      REJOIN_TRY(join());
      return mark(name);
    });
    return status.ok() ? status : undo(std::move(status));
  }

  /// Brings the clocks in line, makes the triggers again and releases the savepoint; what fails, `join` before or
  /// `finished` after it included, undoes the whole alter. Also repairs a table whose triggers were lost.
  template <typename Join, typename Finished>
  Status commit(std::string_view name, Join&& join, Finished&& finished) {
    if (open_savepoints_ == 0) REJOIN_TRY(open_savepoint());
    Status status = guarded([&]() -> Status {
      REJOIN_TRY(join());
      REJOIN_TRY(finish(name));
      REJOIN_TRY(finished());
      return release();
    });
    return status.ok() ? status : undo(std::move(status));
  }

  /// The transaction is about to commit: finishes the alters that nobody finished, so that no table is left uncaptured.
  Status finish_all();
  void transaction_ended();

  /// False where the last alter that failed could not be undone, for there was no memory even for that.
  [[nodiscard]] bool undone() const { return undone_; }
  /// True where an alter was begun in this transaction.
  [[nodiscard]] bool begun() const { return !begun_.empty(); }

 private:
  struct Marker {
    bool found = false;
    std::string owner;                // the table's name when the alter was begun: that of its shadow tables
    std::string table;                // its name now
    std::vector<std::string> before;  // its columns then
    std::vector<std::string> now;     // the same columns' names now; one that was dropped keeps its old name
  };

  Status open_savepoint();
  Status release();
  Status undo(Status cause);
  Status mark(std::string_view name);
  Status finish(std::string_view name);
  Status find_marker(std::string_view name, Marker& marker) const;
  Status find_owner(const std::string& table, Marker& marker) const;
  Status take_over(const Marker& marker, const Table& table);
  Status rename_clocks(const Table& table, const std::vector<std::pair<std::string, std::string>>& renames);
  Status align(const Table& table, std::int64_t version);

  sqlite3* db_;
  Catalogue& catalogue_;
  Clock& clock_;
  Backfill backfill_;
  int open_savepoints_ = 0;
  bool undone_ = true;
  /// The tables whose alter was begun in this transaction. Kept until it ends: a rollback to a savepoint can bring an
  /// unfinished alter back.
  std::set<std::string> begun_;
};

}  // namespace rejoin::internal
