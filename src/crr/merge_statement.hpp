// The application's INSERT into crsql_changes that brings many changes: while it runs, rows are gathered
// (base_writer.hpp).
#pragma once

#include <rejoin/status.hpp>

namespace rejoin::internal {

class Engine;

/// Hears from crsql_changes, as a virtual table, where a statement begins and ends. SQLite opens a savepoint for a
/// statement that may fail after it has written, and releases it, or ends the transaction, when the statement does.
/// Nothing else tells of a statement's end: where neither is certain, nothing waits.
///
/// A flush that fails at the end of a statement makes SQLite roll back the whole transaction. So only rows wait that
/// no constraint, trigger or the like may refuse.
class MergeStatement {
 public:
  explicit MergeStatement(Engine& engine) : engine_(engine) {}

  /// crsql_changes is written in a transaction for the first time.
  void begin();
  Status savepoint(int number);
  Status release(int number);
  void rollback_to(int number);
  /// The transaction ends.
  Status sync() { return finish(); }
  void clear();

  /// While it lives, savepoints are those of the engine's own statements.
  class AtWork {
   public:
    explicit AtWork(MergeStatement& statement) : at_work_(statement.at_work_), before_(at_work_) { at_work_ = true; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    ~AtWork() { at_work_ = before_; }

   private:
    bool& at_work_;
    bool before_;
  };

 private:
  static constexpr int kNone = -2;
  static constexpr int kTransaction = -1;  // the statement is all there is in the transaction

  void start(int savepoint);
  Status finish();

  Engine& engine_;
  int savepoint_ = kNone;  // of the statement that gathers
  bool at_work_ = false;
};

}  // namespace rejoin::internal
