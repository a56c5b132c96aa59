#include "limit.hpp"

namespace bench {

namespace {

constexpr const char* kClockColumns = "(key, col_name, col_version, db_version, site_id, seq)";
/// The number of a clock row's column, where it is there already, and its stamp.
constexpr const char* kCountUp =
    " ON CONFLICT (key, col_name) DO UPDATE SET col_version = col_version + 1, db_version = excluded.db_version, "
    "site_id = 0, seq = excluded.seq";
constexpr const char* kBury =
    " ON CONFLICT (key, col_name) DO UPDATE SET col_version = col_version + 2 - (col_version & 1), "
    "db_version = excluded.db_version, site_id = 0, seq = excluded.seq";

std::string keys_equal(const Shape& shape) { return listed(shape.key_names(), "$ = ?#", 1, " AND "); }

std::string logged_keys_equal(const Shape& shape) { return listed(shape.key_names(), "k.$ = l.k#", 1, " AND "); }

// OR FAIL, where a statement writes several rows: an abort could be undone only by a statement journal, to which every
// page that the statement touches is copied first.
std::string insert_cells_sql(const std::vector<std::string>& cells) {
  std::string sql = "INSERT OR FAIL INTO t__crsql_clock " + std::string(kClockColumns) + " VALUES ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    sql += i == 0 ? "(?1, '" : ", (?1, '";
    sql += cells[i] + "', 1, ?2, 0, ?3 + " + std::to_string(i) + ")";
  }
  return sql;
}

std::string insert_keys_sql(const Shape& shape) {
  return "INSERT INTO t__crsql_pks (" + listed(shape.key_names(), "$") + ") VALUES (" +
         listed(shape.key_names(), "?#") + ") ON CONFLICT DO NOTHING";
}

std::string all_insert_keys_sql(const Shape& shape) {
  return "INSERT OR FAIL INTO t__crsql_pks (" + listed(shape.key_names(), "$") + ") SELECT " +
         listed(shape.key_names(), "k#") + " FROM bench_log WHERE true ON CONFLICT DO NOTHING";
}

std::string all_insert_cells_sql() {
  return "INSERT OR FAIL INTO t__crsql_clock " + std::string(kClockColumns) +
         " SELECT key, col, 1, ?1, 0, seq FROM bench_log WHERE true";
}

}  // namespace

std::string limit_tables_sql(const Shape& shape, const std::string& table) {
  const std::string keys = listed(shape.key_names(), "$");
  return "CREATE TABLE " + table +
         "__crsql_clock (key INTEGER NOT NULL, col_name TEXT NOT NULL, col_version INTEGER "
         "NOT NULL, db_version INTEGER NOT NULL, site_id INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, "
         "PRIMARY KEY (key, col_name)) WITHOUT ROWID, STRICT;"
         "CREATE INDEX " +
         table + "__crsql_clock_dbv_idx ON " + table +
         "__crsql_clock (db_version);"
         "CREATE TABLE " +
         table + "__crsql_pks (__crsql_key INTEGER PRIMARY KEY, " + keys +
         ");"
         "CREATE UNIQUE INDEX " +
         table + "__crsql_pks_pks ON " + table + "__crsql_pks (" + keys + ");";
}

LimitWriter::LimitWriter(Database& database, const Shape& shape, Engine::Way way)
    : db_(database.get()),
      shape_(shape),
      way_(way),
      cells_(shape.cell_names()),
      log_(db_, shape),
      insert_key_(db_, insert_keys_sql(shape)),
      find_key_(db_, "SELECT __crsql_key FROM t__crsql_pks WHERE " + keys_equal(shape)),
      insert_cells_(db_, insert_cells_sql(cells_)),
      touch_cell_(db_,
                  "UPDATE t__crsql_clock SET col_version = col_version + 1, db_version = ?2, site_id = 0, "
                  "seq = ?3 WHERE key = ?1 AND col_name = '" +
                      cells_[static_cast<std::size_t>(shape.updated_cell())] + "'"),
      touch_cells_(db_, insert_cells_sql(cells_) + kCountUp),
      revive_(db_,
              "UPDATE t__crsql_clock SET col_version = col_version + 1 + (col_version & 1), db_version = ?2, "
              "site_id = 0, seq = ?3 WHERE key = ?1 AND col_name = '-1'"),
      drop_cells_(db_, "DELETE FROM t__crsql_clock WHERE key = ?1 AND col_name <> '-1'"),
      bury_(db_,
            "INSERT INTO t__crsql_clock " + std::string(kClockColumns) + " VALUES (?1, '-1', 2, ?2, 0, ?3)" + kBury),
      all_insert_keys_(db_, all_insert_keys_sql(shape)),
      all_find_keys_(
          db_, "SELECT k.__crsql_key FROM bench_log AS l LEFT JOIN t__crsql_pks AS k ON " + logged_keys_equal(shape)),
      all_insert_cells_(db_, all_insert_cells_sql()),
      all_touch_cells_(db_, all_insert_cells_sql() + kCountUp),
      all_sentinels_(db_,
                     "SELECT 1 FROM bench_log AS l CROSS JOIN t__crsql_clock AS s WHERE s.key = l.key AND "
                     "s.col_name = '-1'"),
      all_drop_cells_(db_, "DELETE FROM t__crsql_clock WHERE key IN (SELECT key FROM bench_log) AND col_name <> '-1'"),
      all_bury_(db_, "INSERT OR FAIL INTO t__crsql_clock " + std::string(kClockColumns) +
                         " SELECT key, '-1', 2, ?1, 0, seq FROM bench_log WHERE true" + kBury) {}

void LimitWriter::begin(std::int64_t version) {
  version_ = version;
  seq_ = 0;
}

void LimitWriter::record(LimitEvent::Kind kind, int row) {
  LimitEvent event;
  event.kind = kind;
  event.row = row;
  if (way_ == Engine::Way::kRow) {
    write(event);
  } else {
    log_.events.push_back(event);
  }
}

void LimitWriter::end() {
  if (way_ == Engine::Way::kEnd) {
    for (const LimitEvent& event : log_.events) write(event);
  } else if (way_ == Engine::Way::kBulk) {
    write_all();
  }
  log_.events.clear();
}

// --- a few statements a row ---

void LimitWriter::bind_key(sqlite3_stmt* statement, const Key& key) const {
  key[0].bind(statement, 1);
  if (shape_.key == KeyKind::kComposite) key[1].bind(statement, 2);
}

std::int64_t LimitWriter::find(const Key& key) {
  bind_key(find_key_.get(), key);
  if (!find_key_.row()) give_up("the limit does not know a key");
  const std::int64_t number = sqlite3_column_int64(find_key_.get(), 0);
  find_key_.reset();
  return number;
}

void LimitWriter::run_touch(Prepared& statement, std::int64_t key) {
  sqlite3_bind_int64(statement.get(), 1, key);
  sqlite3_bind_int64(statement.get(), 2, version_);
  sqlite3_bind_int64(statement.get(), 3, seq_);
  statement.run();
}

void LimitWriter::insert(const LimitEvent& event) {
  const Key key = shape_.key_of(event.row);
  bind_key(insert_key_.get(), key);
  insert_key_.run();
  if (sqlite3_changes(db_) != 0) {
    run_touch(insert_cells_, sqlite3_last_insert_rowid(db_));
  } else {
    const std::int64_t number = find(key);
    run_touch(revive_, number);
    if (sqlite3_changes(db_) != 0) ++seq_;
    run_touch(touch_cells_, number);
  }
  seq_ += shape_.columns;
}

void LimitWriter::write(const LimitEvent& event) {
  if (event.kind == LimitEvent::Kind::kInsert) {
    insert(event);
    return;
  }
  const std::int64_t key = find(shape_.key_of(event.row));
  switch (event.kind) {
    case LimitEvent::Kind::kUpdateOne:
      run_touch(touch_cell_, key);
      if (sqlite3_changes(db_) != 1) give_up("the limit does not know a cell");
      ++seq_;
      break;
    case LimitEvent::Kind::kUpdateAll:
      run_touch(touch_cells_, key);
      seq_ += shape_.columns;
      break;
    default:
      sqlite3_bind_int64(drop_cells_.get(), 1, key);
      drop_cells_.run();
      run_touch(bury_, key);
      ++seq_;
      break;
  }
}

// --- a few statements a transaction ---

void LimitWriter::write_all() {
  if (log_.events.empty()) return;
  log_.view = LimitLog::View::kEvents;
  bool only_inserts = true;
  for (const LimitEvent& event : log_.events) only_inserts = only_inserts && event.kind == LimitEvent::Kind::kInsert;
  if (only_inserts) {
    insert_keys();
  } else {
    find_keys();
  }
  for (LimitEvent& event : log_.events) {
    event.seq = seq_;
    seq_ += log_.cells_of(event);
  }
  write_cells();
  bury_rows();
}

/// All keys are inserted; where all of them were new their numbers follow each other.
void LimitWriter::insert_keys() {
  all_insert_keys_.run();
  const auto count = static_cast<std::int64_t>(log_.events.size());
  if (sqlite3_changes64(db_) != count) {
    find_keys();
    return;
  }
  std::int64_t number = sqlite3_last_insert_rowid(db_) - count;
  for (LimitEvent& event : log_.events) {
    event.key = ++number;
    event.fresh = true;
  }
}

/// Keys that are found are known; those that are not are inserted one by one.
void LimitWriter::find_keys() {
  for (LimitEvent& event : log_.events) {
    if (!all_find_keys_.row()) give_up("the limit's log is short");
    event.key = sqlite3_column_int64(all_find_keys_.get(), 0);
  }
  all_find_keys_.reset();
  for (LimitEvent& event : log_.events) {
    if (event.key != 0) continue;
    const Key key = shape_.key_of(event.row);
    bind_key(insert_key_.get(), key);
    insert_key_.run();
    event.key = sqlite3_last_insert_rowid(db_);
    event.fresh = true;
  }
}

/// A row that is inserted though its key is known may have been deleted: its sentinel would have to move. In none of
/// the workloads it has one; looking for it is part of the cost.
void LimitWriter::refuse_sentinels() {
  if (all_sentinels_.row()) give_up("the limit does not revive rows in bulk");
  all_sentinels_.reset();
}

void LimitWriter::write_cells() {
  bool fresh = false;
  bool touched = false;
  bool again = false;
  for (const LimitEvent& event : log_.events) {
    if (event.kind == LimitEvent::Kind::kDelete) continue;
    fresh = fresh || event.fresh;
    touched = touched || !event.fresh;
    again = again || (!event.fresh && event.kind == LimitEvent::Kind::kInsert);
  }
  if (fresh) {
    log_.view = LimitLog::View::kFreshCells;
    sqlite3_bind_int64(all_insert_cells_.get(), 1, version_);
    all_insert_cells_.run();
  }
  if (!touched) return;
  log_.view = LimitLog::View::kTouchedCells;
  if (again) refuse_sentinels();
  sqlite3_bind_int64(all_touch_cells_.get(), 1, version_);
  all_touch_cells_.run();
}

void LimitWriter::bury_rows() {
  log_.view = LimitLog::View::kDeletes;
  bool any = false;
  for (const LimitEvent& event : log_.events) any = any || event.kind == LimitEvent::Kind::kDelete;
  if (!any) return;
  all_drop_cells_.run();
  sqlite3_bind_int64(all_bury_.get(), 1, version_);
  all_bury_.run();
}

}  // namespace bench
