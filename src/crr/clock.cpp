#include "crr/clock.hpp"

#include <algorithm>

#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "crr/wanted_key_table.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

// --- versions ---

Status Clock::read_data_version(unsigned& version) const {
  const int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return code == SQLITE_OK ? Status() : sqlite_error(db_, code, "asking whether the file has changed");
}

Status Clock::refresh() {
  if (generation_ != catalogue_.generation()) {
    max_versions_.assign(catalogue_.size() + 1, kUnread);  // may throw: the generation counts as seen only after it
    max_version_ = kUnread;
    generation_ = catalogue_.generation();
    cache_.outdate();  // tables have other slots now
  }
  unsigned now = 0;
  REJOIN_TRY(read_data_version(now));
  if (now == data_version_ && !track_lost_) return {};
  data_version_ = now;
  committed_known_ = false;
  cache_.outdate();
  forget_read();
  return {};
}

void Clock::forget_written() {
  if (joined_ && writing_) {
    cache_.outdate();
  } else if (!joined_ || !aside_) {  // else nothing is undone that the cache knows of
    cache_.clear();
  }
  forget_read();
}

void Clock::forget_read() {
  ++epoch_;
  own_site_.clear();
  ordinals_.clear();
  sites_.clear();
  std::fill(max_versions_.begin(), max_versions_.end(), kUnread);
  max_version_ = kUnread;
}

Status Clock::committed_version(std::int64_t& version) {
  if (!committed_known_) {
    // Nothing of this transaction is stored yet: every writer asks for its version before it writes.
    std::int64_t highest = 0;
    REJOIN_TRY(max_version(highest));
    MasterValue kept;
    if (has_storage_) REJOIN_TRY(read_master(kPreCompactKey, kept));
    highest = std::max(highest, kept.integer);
    for (const std::string& name : catalogue_.orphans()) {
      Table orphan;
      orphan.name = name;
      std::int64_t of_orphan = 0;
      REJOIN_TRY(read_max_version(orphan, of_orphan));
      highest = std::max(highest, of_orphan);
    }
    committed_version_ = highest;
    committed_known_ = true;
  }
  version = committed_version_;
  return {};
}

Status Clock::next_version(std::int64_t at_least, std::int64_t& version) {
  std::int64_t last = 0;
  REJOIN_TRY(committed_version(last));
  if (last >= kVersionLimit - 1) {
    return {ErrorCode::kCorrupt, compose("the versions are used up: crsql_db_version() is %s", {last}), SQLITE_FULL};
  }
  counters_.pending_version = std::max({counters_.pending_version, last + 1, at_least});
  version = counters_.pending_version;
  return {};
}

void Clock::committed() {
  cache_.clear();
  committed_version_ = std::max(committed_version_, counters_.stored_version);
  counters_ = {};
  // The commit that moved the file's version was our own. Should this fail, the next refresh reads everything again.
  unsigned now = 0;
  if (read_data_version(now).ok()) data_version_ = now;
  if (track_lost_) rolled_back();
}

void Clock::rolled_back() {
  counters_ = {};
  forget_written();
  if (track_lost_) committed_known_ = false;
  track_lost_ = false;
}

void Clock::lost_track() {
  rolled_back();
  track_lost_ = true;
}

Status Clock::read_master(std::string_view name, MasterValue& value) {
  value = {};
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kReadMaster, "SELECT value FROM main.crsql_master WHERE key = ?1", lease));
  lease.bind(1, name);
  Status status;
  if (lease.step(status, kReading)) {
    value.integer = lease.integer(0);
    value.text = lease.text(0);
  }
  return status;
}

Status Clock::write_master(std::string_view name, std::int64_t value) {
  ValueView view;
  view.type = SQLITE_INTEGER;
  view.integer = value;
  return write_master(name, view);
}

Status Clock::write_master(std::string_view name, const ValueView& value) {
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kWriteMaster, "INSERT OR REPLACE INTO main.crsql_master (key, value) VALUES (?1, ?2)",
                              lease));
  return lease.bind(1, name).bind(2, value).run(kWriting);
}

Status Clock::read_cursor(ByteView site, std::int64_t& version) {
  Lease lease;
  // Networking code writes (version, seq) as it receives: with a seq, the rest of that version may be missing.
  REJOIN_TRY(statements_.lend(0, kReadCursor,
                              "SELECT version - (ifnull(seq, 0) > 0) FROM main.crsql_tracked_peers WHERE site_id = ?1 "
                              "AND tag = 0 AND event = 0",
                              lease));
  ValueView value;
  value.type = SQLITE_BLOB;
  value.bytes = site;
  lease.bind(1, value);
  Status status;
  if (lease.step(status, kReading)) version = lease.integer(0);
  return status;
}

Status Clock::write_cursor(ByteView site, std::int64_t version) {
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kWriteCursor,
                              "INSERT INTO main.crsql_tracked_peers (site_id, version, seq, tag, event) "
                              "VALUES (?1, ?2, 0, 0, 0) ON CONFLICT (site_id, tag, event) "
                              "DO UPDATE SET version = excluded.version, seq = excluded.seq",
                              lease));
  ValueView value;
  value.type = SQLITE_BLOB;
  value.bytes = site;
  return lease.bind(1, value).bind(2, version).run(kWriting);
}

Status Clock::read_max_version(const Table& table, std::int64_t& version) {
  Lease lease;
  // An orphan has no slot of its own; what it has of slot 0 lives for this once.
  REJOIN_TRY(table.slot == 0 ? statements_.lend_once(sql_of(table, kMaxVersionSql), lease)
                             : lend(table, kMaxVersion, kMaxVersionSql, lease));
  Status status;
  if (lease.step(status, kReading)) version = lease.integer(0);
  return status;
}

Status Clock::max_version(const Table& table, std::int64_t& version) {
  std::int64_t& known = max_versions_[table.slot];
  if (known == kUnread) REJOIN_TRY(read_max_version(table, known));
  version = known;
  return {};
}

Status Clock::max_version(std::int64_t& version) {
  if (max_version_ == kUnread) {
    std::int64_t highest = 0;
    for (const Table& table : catalogue_.outlines()) {
      std::int64_t of_table = 0;
      REJOIN_TRY(max_version(table, of_table));
      highest = std::max(highest, of_table);
    }
    max_version_ = highest;
  }
  version = max_version_;
  return {};
}

void Clock::stored(const Table& table, std::int64_t version, std::int64_t row, std::string_view column) {
  note_version(table, version);
  last_row_ = row;
  last_column_ = column;
}

void Clock::note_version(const Table& table, std::int64_t version) {
  counters_.stored_version = std::max(counters_.stored_version, version);
  if (std::int64_t& known = max_versions_[table.slot]; known != kUnread) known = std::max(known, version);
  if (max_version_ != kUnread) max_version_ = std::max(max_version_, version);
}

Status Clock::lend(const Table& table, Purpose purpose, const char* sql, Lease& lease) {
  return statements_.lend(
      table.slot, purpose, [&] { return sql_of(table, sql); }, lease);
}

// --- sites ---

Status Clock::own_site(Bytes& site) {
  if (own_site_.empty()) {
    Lease lease;
    REJOIN_TRY(statements_.lend(0, kOwnSite, "SELECT site_id FROM main.crsql_site_id WHERE ordinal = 0", lease));
    Status status;
    const bool found = lease.step(status, "reading the site id");
    REJOIN_TRY(std::move(status));
    const ValueView value = found ? ValueView::of_column(lease.get(), 0) : ValueView();
    if (value.type != SQLITE_BLOB || value.bytes.size == 0) {
      return failure(ErrorCode::kCorrupt, "crsql_site_id has no site id for this database (ordinal 0)");
    }
    append_bytes(own_site_, value.bytes);
  }
  site = own_site_;
  return {};
}

Status Clock::renew_site(const Bytes& site) {
  Lease lease;
  REJOIN_TRY(statements_.lend_once("SELECT max(ordinal) + 1 FROM main.crsql_site_id", lease));
  Status status;
  const std::int64_t ordinal = lease.step(status, kReading) ? lease.integer(0) : 0;
  REJOIN_TRY(std::move(status));
  REJOIN_TRY(statements_.lend_once("UPDATE main.crsql_site_id SET ordinal = ?1 WHERE ordinal = 0", lease));
  REJOIN_TRY(lease.bind(1, ordinal).run(kWriting));
  REJOIN_TRY(statements_.lend_once("INSERT INTO main.crsql_site_id (site_id, ordinal) VALUES (?1, 0)", lease));
  REJOIN_TRY(lease.bind_blob(1, {site.data(), site.size()}).run(kWriting));
  for (const std::string& name : catalogue_.names()) {
    Table table;
    table.name = name;
    REJOIN_TRY(
        statements_.lend_once(compose("UPDATE %s SET site_id = ?1 WHERE site_id = 0", {clock_name(table)}), lease));
    REJOIN_TRY(lease.bind(1, ordinal).run(kWriting));
  }
  forget_written();
  return {};
}

Status Clock::ordinal_of(ByteView site, bool make, std::int64_t& ordinal) {
  ordinal = kOwnOrdinal;
  if (site.size == 0) return {};
  const std::string_view name(reinterpret_cast<const char*>(site.data), site.size);
  if (const auto known = ordinals_.find(name); known != ordinals_.end()) {
    ordinal = known->second;
    return {};
  }
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kSelectOrdinal, "SELECT ordinal FROM main.crsql_site_id WHERE site_id = ?1", lease));
  lease.bind_blob(1, site);
  Status status;
  if (lease.step(status, kReading)) {
    ordinal = lease.integer(0);
  } else {
    REJOIN_TRY(std::move(status));
    ordinal = -1;
    if (!make) return {};
    REJOIN_TRY(statements_.lend(0, kInsertSite, "INSERT INTO main.crsql_site_id (site_id) VALUES (?1)", lease));
    REJOIN_TRY(lease.bind_blob(1, site).run(kWriting));
    ordinal = sqlite3_last_insert_rowid(db_);
  }
  ordinals_.emplace(name, ordinal);
  return {};
}

Status Clock::site_of(std::int64_t ordinal, ByteView& site) {
  auto known = sites_.find(ordinal);
  if (known == sites_.end()) {
    Lease lease;
    REJOIN_TRY(statements_.lend(0, kSelectSite, "SELECT site_id FROM main.crsql_site_id WHERE ordinal = ?1", lease));
    lease.bind(1, ordinal);
    Status status;
    Bytes bytes;
    if (lease.step(status, kReading)) append_bytes(bytes, ValueView::of_column(lease.get(), 0).bytes);
    REJOIN_TRY(std::move(status));
    if (bytes.empty()) {
      return failure(ErrorCode::kCorrupt, "crsql_site_id has no site of ordinal %s, which a clock row names",
                     {ordinal});
    }
    known = sites_.emplace(ordinal, std::move(bytes)).first;
  }
  site = {known->second.data(), known->second.size()};
  return {};
}

// --- rows ---

Status Clock::write_cell(const Table& table, std::int64_t row, std::string_view column, std::int64_t version,
                         const Stamp& stamp) {
  Lease lease;
  REJOIN_TRY(lend(table, kWriteCell, kWriteCellSql, lease));
  lease.bind(1, row).bind(2, column).bind(3, version).bind(4, stamp.db_version).bind(5, stamp.site).bind(6, stamp.seq);
  REJOIN_TRY(lease.run(kWriting));
  stored(table, stamp.db_version, row, column);
  return {};
}

Status Clock::zero_cells(const Table& table, std::int64_t row, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kZeroCells, kZeroCellsSql, lease));
  cache_.clear();
  return lease.bind(1, row).bind(2, db_version).run(kWriting);
}

Status Clock::drop_cells(const Table& table, std::int64_t row) {
  Lease lease;
  REJOIN_TRY(lend(table, kDropCells, kDropCellsSql, lease));
  cache_.clear();
  return lease.bind(1, row).run(kWriting);
}

Status Clock::write_new_row(const Table& table, std::int64_t row, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kWriteNewRow, kWriteNewRowSql, lease));
  Status status = lease.bind(1, row).bind(2, db_version).bind(3, counters_.next_seq).run(kWriting);
  if ((status.sqlite_code() & 0xff) == SQLITE_CONSTRAINT) {
    // A key row that is new has clock rows: left behind by someone else, they were another row's.
    REJOIN_TRY(lend(table, kReplaceNewRow, kReplaceNewRowSql, lease));
    status = lease.bind(1, row).bind(2, db_version).bind(3, counters_.next_seq).run(kWriting);
  }
  REJOIN_TRY(std::move(status));
  counters_.next_seq += table.cells.empty() ? 1 : static_cast<std::int64_t>(table.cells.size());
  stored(table, db_version, row, table.cells.empty() ? kSentinel : std::string_view(table.cells[0].name));
  return {};
}

Status Clock::count(const Table& table, std::int64_t row, std::string_view column, Lease& lease) {
  Status status = lease.run(kWriting);
  return (status.sqlite_code() & 0xff) == SQLITE_CONSTRAINT ? explain(table, row, column, std::move(status)) : status;
}

Status Clock::explain(const Table& table, std::int64_t row, std::string_view column, Status status) {
  Lease find;
  Status ignored;
  if (!statements_.lend_once(sql_of(table, kCountedOutSql), find).ok()) return status;
  if (!find.bind(1, row).bind(2, column).step(ignored, kReading)) return status;
  const std::string what = find.text(0) == kSentinel
                               ? "a row has reached the last causal length"
                               : compose("column %n of a row has reached the last col_version", {find.text(0)});
  return {ErrorCode::kInvalidArgument,
          compose("table %n: %s below 2^62 and cannot be written here any more", {table.name, what}),
          SQLITE_CONSTRAINT};
}

Status Clock::write_again(const Table& table, std::int64_t row, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kRevive, kReviveSql, lease));
  REJOIN_TRY(count(table, row, kSentinel, lease.bind(1, row).bind(2, db_version).bind(3, counters_.next_seq)));
  if (sqlite3_changes(db_) != 0) {
    ++counters_.next_seq;
    stored(table, db_version, row, kSentinel);
    if (table.cells.empty()) return {};
  }
  lease.release();
  return touch_row(table, row, db_version);
}

Status Clock::touch_row(const Table& table, std::int64_t row, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kTouchRow, kTouchRowSql, lease));
  REJOIN_TRY(count(table, row, "", lease.bind(1, row).bind(2, db_version).bind(3, counters_.next_seq)));
  counters_.next_seq += table.cells.empty() ? 1 : static_cast<std::int64_t>(table.cells.size());
  stored(table, db_version, row, table.cells.empty() ? kSentinel : std::string_view(table.cells[0].name));
  return {};
}

Status Clock::touch_cell(const Table& table, std::int64_t row, std::string_view column, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kTouchCell, kTouchCellSql, lease));
  lease.bind(1, row).bind(2, column).bind(3, db_version).bind(4, counters_.next_seq);
  REJOIN_TRY(count(table, row, column, lease));
  ++counters_.next_seq;
  stored(table, db_version, row, column);
  return {};
}

Status Clock::bury(const Table& table, std::int64_t row, std::int64_t db_version) {
  Lease lease;
  REJOIN_TRY(lend(table, kBury, kBurySql, lease));
  REJOIN_TRY(count(table, row, kSentinel, lease.bind(1, row).bind(2, db_version).bind(3, counters_.next_seq)));
  ++counters_.next_seq;
  stored(table, db_version, row, kSentinel);
  return drop_cells(table, row);
}

Status Clock::gather_changes(const Table& table, std::int64_t first, Lease& lease) {
  REJOIN_TRY(lend(table, kGatherChanges, kGatherChangesSql, lease));
  lease.bind(1, first);
  return {};
}

Status Clock::sort_changes(const Table& table, std::int64_t version, Lease& lease) {
  REJOIN_TRY(lend(table, kSortChanges, kSortChangesSql, lease));
  lease.bind(1, version);
  return {};
}

Status Clock::scan_by_row(const Table& table, Lease& lease) { return lend(table, kScanByRow, kScanByRowSql, lease); }

Status Clock::select_row(const Table& table, Lease& lease) { return lend(table, kSelectRow, kSelectRowSql, lease); }

Status Clock::show_rows(const Table& table, std::int64_t* key, Lease& lease) {
  REJOIN_TRY(lend(table, kShowRows, kShowRowsSql, lease));
  bind_wanted_key(lease.get(), 1, key);
  return {};
}

Status Clock::stands(const Table& table, std::int64_t row, std::string_view column, std::int64_t db_version,
                     std::int64_t seq, bool& stands) {
  Lease lease;
  REJOIN_TRY(lend(table, kStands, kStandsSql, lease));
  lease.bind(1, row).bind(2, column).bind(3, db_version).bind(4, seq);
  Status status;
  stands = lease.step(status, kReading);
  return status;
}

Status Clock::edited_since(const Table& table, std::int64_t row, std::int64_t since, std::int64_t site, bool& edited) {
  Lease lease;
  REJOIN_TRY(lend(table, kEditedSince, kEditedSinceSql, lease));
  lease.bind(1, row).bind(2, since).bind(3, site);
  Status status;
  edited = lease.step(status, kReading);
  return status;
}

Status Clock::count_rows(const Table& table, std::int64_t& alive, std::int64_t& deleted) {
  Lease lease;
  REJOIN_TRY(lend(table, kCountRows, kCountRowsSql, lease));
  Status status;
  if (lease.step(status, kReading)) {
    deleted = lease.integer(1);
    alive = lease.integer(0) - deleted;
  }
  return status;
}

Status Clock::restore_changes(const Table& table, std::int64_t count) {
  Lease lease;
  if (count == 1) {  // as it is most often
    REJOIN_TRY(lend(table, kRestoreOneChange, kRestoreOneChangeSql, lease));
    return lease.bind(1, last_row_).bind(2, last_column_).run(kWriting);
  }
  const EmptyAfter emptied{list_};
  list_.clear();
  list_.blank = count;
  REJOIN_TRY(lend(table, kRestoreChanges, kRestoreChangesSql, lease));
  return lease.bind(1, last_row_).bind(2, last_column_).run(kWriting);
}

}  // namespace rejoin::internal
