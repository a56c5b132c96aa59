#include "crr/merge_statement.hpp"

#include "crr/engine.hpp"
#include "sqlite/sql_scanner.hpp"

namespace rejoin::internal {

namespace {

/// Whether what has just begun is an INSERT of the application's that brings many changes: not a SAVEPOINT, not an
/// INSERT of one change, for which SQLite opens no savepoint of its own, and not in another statement that writes,
/// whose end would count.
bool merges_alone(sqlite3* db) {
  bool merges = false;
  for (sqlite3_stmt* at = sqlite3_next_stmt(db, nullptr); at != nullptr; at = sqlite3_next_stmt(db, at)) {
    if (sqlite3_stmt_busy(at) == 0) continue;
    if (sqlite3_stmt_readonly(at) != 0) {
      if (sqlite3_column_count(at) == 0) return false;  // SAVEPOINT is read-only to SQLite
      continue;
    }
    const char* sql = sqlite3_sql(at);
    if (merges || sql == nullptr || !inserts_rows_into(sql, "crsql_changes")) return false;
    merges = true;
  }
  return merges;
}

}  // namespace

void MergeStatement::begin() {
  if (sqlite3_get_autocommit(engine_.db()) != 0 && !at_work_) start(kTransaction);
}

Status MergeStatement::savepoint(int number) {
  if (at_work_) return {};
  REJOIN_TRY(finish());
  start(number);
  return {};
}

Status MergeStatement::release(int number) {
  if (number > savepoint_ || at_work_) return {};
  REJOIN_TRY(finish());
  // Its clock rows too: written later, they would spoil what changes() says of it, and setting that right again takes
  // a write for each change.
  return engine_.write_merged(true);
}

void MergeStatement::rollback_to(int number) {
  if (number <= savepoint_ && !at_work_) clear();
}

void MergeStatement::clear() {
  engine_.merger().drop();
  engine_.merger().gather_willing_rows(false);
  savepoint_ = kNone;
}

void MergeStatement::start(int savepoint) {
  if (!merges_alone(engine_.db())) return;
  engine_.merger().gather_willing_rows(true);
  savepoint_ = savepoint;
}

Status MergeStatement::finish() {
  if (savepoint_ == kNone) return {};
  Status status;
  {
    const AtWork at_work(*this);
    status = engine_.flush_merges();
  }
  clear();
  return status;
}

}  // namespace rejoin::internal
