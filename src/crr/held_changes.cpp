#include "crr/held_changes.hpp"

#include <set>

#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kHolding = "changes held for a later schema";

}  // namespace

Status HeldChanges::create_if(Settings& settings) {
  REJOIN_TRY(settings.load());
  if (!settings.hold_unknown()) return {};
  const std::string sql = compose(
      "CREATE TABLE IF NOT EXISTS main.%n (\"table\" TEXT NOT NULL, pk BLOB NOT NULL, cid TEXT NOT NULL, val ANY, "
      "col_version INTEGER NOT NULL, db_version INTEGER NOT NULL, site_id BLOB NOT NULL, cl INTEGER, seq INTEGER NOT "
      "NULL) STRICT;"
      "CREATE INDEX IF NOT EXISTS main.\"%s_cell\" ON %n (\"table\", cid, pk)",
      {kHeldTable, kHeldTable, kHeldTable});
  return execute(db_, sql, kHolding);
}

/// Whether it is the change that is at fault.
bool HeldChanges::refuses(const Status& status) {
  switch (status.sqlite_code() & 0xff) {
    case 0:  // ours
      return status.code() != ErrorCode::kNoMemory && status.code() != ErrorCode::kCorrupt;
    case SQLITE_ERROR:  // a trigger's, perhaps
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

Status HeldChanges::lend(EnginePurpose purpose, const char* form, Lease& lease) {
  const Piece names[] = {kHeldTable, kHeldTable};
  return statements_.lend(
      0, purpose, [&] { return compose_pieces(form, names); }, lease);
}

Status HeldChanges::exists(bool& exists) {
  Lease lease;
  REJOIN_TRY(lend(kHeldExists, "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = %t", lease));
  Status status;
  exists = lease.step(status, kHolding);
  return status;
}

Status HeldChanges::keep(const IncomingChange& change) {
  Lease lease;
  REJOIN_TRY(lend(
      kHoldChange,
      "INSERT INTO main.%n SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM main.%n WHERE "
      "\"table\" = ?1 AND cid = ?3 AND pk = ?2 AND val IS ?4 AND col_version = ?5 AND site_id = ?7 AND cl IS ?8)",
      lease));
  const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db_);
  lease.bind(1, change.table).bind_blob(2, change.pk).bind(3, change.column).bind(4, change.value);
  lease.bind(5, change.column_version).bind(6, change.db_version).bind_blob(7, change.site);
  if (change.causal_length.has_value()) lease.bind(8, *change.causal_length);
  const Status status = lease.bind(9, change.seq).run(kHolding);
  sqlite3_set_last_insert_rowid(db_, rowid);
  return status;
}

Status HeldChanges::find_ready(std::vector<std::int64_t>& rows) {
  bool there = false;
  REJOIN_TRY(exists(there));
  if (!there) return {};
  std::set<std::int64_t> ready;  // in the order in which they came
  Lease cells;
  REJOIN_TRY(lend(kHeldCells, "SELECT DISTINCT \"table\", cid FROM main.%n", cells));
  Status status;
  while (cells.step(status, kHolding)) {
    const std::string_view column = cells.text(1);
    const auto table = catalogue_.find(cells.text(0), status);
    REJOIN_TRY(std::move(status));
    if (table == nullptr || (column != kSentinel && table->cell_index(column) < 0)) continue;
    Lease lease;
    REJOIN_TRY(lend(kHeldOfCell, "SELECT rowid FROM main.%n WHERE \"table\" = ?1 AND cid = ?2", lease));
    lease.bind(1, cells.text(0)).bind(2, column);
    while (lease.step(status, kHolding)) ready.insert(lease.integer(0));
    REJOIN_TRY(std::move(status));
  }
  REJOIN_TRY(std::move(status));
  rows.assign(ready.begin(), ready.end());
  return {};
}

Status HeldChanges::read(std::int64_t row, Lease& lease, IncomingChange& change) {
  REJOIN_TRY(lend(kHeldChange, "SELECT * FROM main.%n WHERE rowid = ?1", lease));
  lease.bind(1, row);
  Status status;
  if (!lease.step(status, kHolding))
    return status.ok() ? failure(ErrorCode::kCorrupt, "a held change has vanished") : status;
  change.table = lease.text(0);
  change.pk = ValueView::of_column(lease.get(), 1).bytes;
  change.column = lease.text(2);
  change.value = ValueView::of_column(lease.get(), 3);
  change.column_version = lease.integer(4);
  change.db_version = lease.integer(5);
  change.site = ValueView::of_column(lease.get(), 6).bytes;
  if (!lease.is_null(7)) change.causal_length = lease.integer(7);
  change.seq = lease.integer(8);
  return {};
}

Status HeldChanges::forget(std::int64_t row) {
  Lease lease;
  REJOIN_TRY(lend(kForgetHeld, "DELETE FROM main.%n WHERE rowid = ?1", lease));
  return lease.bind(1, row).run(kHolding);
}

Status HeldChanges::count(std::int64_t& count) {
  count = 0;
  bool there = false;
  REJOIN_TRY(exists(there));
  if (!there) return {};
  Lease lease;
  REJOIN_TRY(lend(kCountHeld, "SELECT count(*) FROM main.%n", lease));
  Status status;
  if (lease.step(status, kHolding)) count = lease.integer(0);
  return status;
}

}  // namespace rejoin::internal
