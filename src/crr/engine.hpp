// The engine of one connection: it owns all state there is, and knows when what is remembered must be looked up again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <rejoin/status.hpp>

#include "crr/alterer.hpp"
#include "crr/catalogue.hpp"
#include "crr/change_reader.hpp"
#include "crr/clock.hpp"
#include "crr/held_changes.hpp"
#include "crr/local_recorder.hpp"
#include "crr/merge_statement.hpp"
#include "crr/merger.hpp"
#include "crr/settings.hpp"
#include "sqlite/api.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/statement_cache.hpp"

namespace rejoin::internal {

/// Lives as long as one of the functions and modules that are registered with it; each registration holds a reference.
class Engine {
 public:
  explicit Engine(sqlite3* db)
      : db_(db),
        statements_(db),
        catalogue_(db, statements_),
        clock_(db, statements_, catalogue_),
        alterer_(db, catalogue_, clock_),
        recorder_(db, statements_, catalogue_, clock_),
        merger_(db, statements_, catalogue_, clock_, sync_bit_),
        merge_statement_(*this),
        settings_(clock_),
        held_(db, statements_, catalogue_) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void hold() { ++references_; }
  static void drop(void* engine);

  /// The engine of a connection; null where none is attached.
  static Engine* of(sqlite3* db);
  /// The other side of of(): writes this engine through the pointer that it bound.
  void tell(sqlite3_value* pointer);

  // --- every entry from outside goes through one of these ---

  /// Looks up again what the schema or the file have outdated.
  Status refresh();
  /// The same for what is called with each row that a statement of the application writes: refreshes once a statement.
  Status refresh_for_statement();
  /// Before anything is read: the schema and the file as they are now, the log written, so that clocks are complete.
  Status enter_to_read();
  /// The same within a walk, and for the walk.
  Status keep_up(ChangeReader& reader);
  /// Before anything is written to a shadow table: as above, and the transaction joined.
  Status enter_to_write();
  /// Before a change is merged: as above, but what was merged before may wait on.
  Status enter_to_merge();
  /// Before a trigger's news is logged: the transaction joined.
  Status enter_to_record();

  /// In a transaction that the application has opened: joined, where that can be, so that its end is heard.
  void join_open_transaction();

  /// Creates the bookkeeping tables and the site id where they are missing; refuses a database in a layout that is not
  /// ours.
  Status ensure_storage();
  /// The two halves of it: looking whether the tables exist, which changes nothing, and creating them where not.
  Status check_layout(bool& tables_exist);
  Status provide_storage(bool tables_exist);

  /// Merges one change (Replica::merge).
  Status merge(const IncomingChange& change, std::int64_t seen, MergeReport& report);

  /// Merges what `work(merge)` hands to `merge(change, seen, report)`, the changes of a row together. They must live
  /// until it returns. Where it fails, everything since must be undone by the caller.
  template <typename Work>
  Status merge_batch(Work&& work) {
    REJOIN_TRY(begin_batch());
    const auto merge = [this](const IncomingChange& change, std::int64_t seen, MergeReport& report) {
      return merge_in_batch(change, seen, report);
    };
    return end_batch(guarded([&] { return work(merge); }));
  }

  /// What was done in this transaction is not whole and could not be undone: it must not commit.
  void spoil(const Status& status);

  /// Merges what was held for a schema that the database has by now.
  Status release_held();

  /// A random UUID.
  static Bytes make_site_id();

  // --- what the transaction table hears of SQLite (transaction_table.cpp) ---

  Status on_begin();
  Status on_sync();
  Status on_savepoint(int number);
  void on_commit();
  void on_rollback();
  void on_rollback_to(int number);
  /// Base tables as they are to be, where changes of a statement that is still running wait.
  Status flush_merges();
  /// The clock rows of merges, which wait where they can. `in_statement`: a statement of the application's is not over.
  Status write_merged(bool in_statement);
  Merger& merger() { return merger_; }
  MergeStatement& merge_statement() { return merge_statement_; }
  LocalRecorder& recorder() { return recorder_; }
  const RowList& row_list() { return clock_.list(); }

  /// Has `call` called after each commit that stored something; returns a number to take that back with.
  std::int64_t listen(std::function<void()> call);
  void stop_listening(std::int64_t listener);

  /// The connection is being closed (transaction_table.cpp): lets go of every statement.
  void on_close();

  sqlite3* db() { return db_; }
  StatementCache& statements() { return statements_; }
  Catalogue& catalogue() { return catalogue_; }
  Clock& clock() { return clock_; }
  Alterer& alterer() { return alterer_; }
  Settings& settings() { return settings_; }
  HeldChanges& held() { return held_; }
  std::int64_t rows_impacted() { return merger_.rows_impacted(); }
  int& sync_bit() { return sync_bit_; }

 private:
  ~Engine() { statements_.clear(); }
  Status join();
  Status create_storage();
  Status connect_guard();
  Status load_settings();
  Status renew_triggers();
  Status begin_batch();
  Status merge_in_batch(const IncomingChange& change, std::int64_t seen, MergeReport& report);
  Status end_batch(Status status);
  Status merge_whole(const IncomingChange& change, std::int64_t seen, MergeReport& report);
  void forget_schema();

  sqlite3* db_;
  int references_ = 0;
  int sync_bit_ = 0;
  bool joined_ = false;                  // the transaction table takes part in the present transaction
  std::uint64_t joined_generation_ = 0;  // of the catalogue, when it joined
  std::int64_t refreshed_at_ = -1;       // the connection's total changes at refresh_for_statement; -1: anew
  bool storage_ready_ = false;           // the bookkeeping tables are known to exist
  bool storage_made_ = false;  // this connection made them, perhaps in a transaction that is still to be rolled back
  bool guarded_ = false;       // the guard table is connected
  bool left_behind_ = false;   // a close is being refused in the middle of a transaction
  std::int64_t impacted_before_batch_ = 0;
  std::map<std::int64_t, std::function<void()>> listeners_;
  std::int64_t last_listener_ = 0;
  StatementCache statements_;
  Catalogue catalogue_;
  Clock clock_;
  Alterer alterer_;
  LocalRecorder recorder_;
  Merger merger_;
  MergeStatement merge_statement_;
  Settings settings_;
  HeldChanges held_;
};

}  // namespace rejoin::internal
