// Changes for tables and columns that this database does not have (yet): kept in the database and merged when it has
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/merger.hpp"
#include "crr/settings.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

class HeldChanges {
 public:
  HeldChanges(sqlite3* db, StatementCache& statements, Catalogue& catalogue)
      : db_(db), statements_(statements), catalogue_(catalogue) {}

  /// Makes the table that holds them, where it is wanted and missing.
  Status create_if(Settings& settings);

  /// Keeps a change, once.
  Status keep(const IncomingChange& change);

  /// Gives each kept change that the schema has now to `merge`, and forgets it where that succeeds. What a constraint
  /// refuses stays; what has nothing to do with the change (a full disk, no memory) is an error, and all is looked at
  /// again next time.
  template <typename Merge>
  Status release(Merge&& merge) {
    if (generation_ == catalogue_.generation()) return {};
    std::vector<std::int64_t> ready;
    REJOIN_TRY(find_ready(ready));
    for (const std::int64_t row : ready) {
      Lease lease;
      IncomingChange change;
      REJOIN_TRY(read(row, lease, change));
      bool spoiled = false;
      Status status = merge(change, spoiled);
      if (status.ok()) {
        lease.release();
        REJOIN_TRY(forget(row));
      } else if (spoiled || !refuses(status)) {
        return status;
      }
    }
    generation_ = catalogue_.generation();
    return {};
  }

  /// Calls `visit` with each kept change that the schema has now.
  template <typename Visit>
  Status visit_ready(Visit&& visit) {
    std::vector<std::int64_t> ready;
    REJOIN_TRY(find_ready(ready));
    for (const std::int64_t row : ready) {
      Lease lease;
      IncomingChange change;
      REJOIN_TRY(read(row, lease, change));
      visit(change);
    }
    return {};
  }

  /// A rollback may have brought back what was forgotten.
  void look_again() { generation_ = 0; }

  Status count(std::int64_t& count);

 private:
  static bool refuses(const Status& status);
  /// Lends a statement on the table of held changes, whose name belongs at each mark of `form`.
  Status lend(EnginePurpose purpose, const char* form, Lease& lease);
  Status exists(bool& exists);
  Status find_ready(std::vector<std::int64_t>& rows);
  Status read(std::int64_t row, Lease& lease, IncomingChange& change);
  Status forget(std::int64_t row);

  sqlite3* db_;
  StatementCache& statements_;
  Catalogue& catalogue_;
  std::uint64_t generation_ = 0;  // of the catalogue that was looked at last
};

}  // namespace rejoin::internal
