#include "limit.hpp"

#include <cstdint>
#include <utility>

namespace bench {

namespace {

constexpr const char* kClockColumns = "(key, col_name, col_version, db_version, site_id, seq)";
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

/// Counts up and stamps clock rows, for a condition on their keys.
std::string touch_sql(const std::string& condition) {
  return "UPDATE OR FAIL t__crsql_clock SET col_version = col_version + 1, db_version = ?2, site_id = 0, "
         "seq = bench_seq(key, col_name) WHERE key " +
         condition;
}

constexpr const char* kThisKey = "= ?1";
constexpr const char* kLoggedKeys = "IN (SELECT key FROM bench_log)";

std::string only_cell(const Shape& shape, const std::vector<std::string>& cells) {
  return " AND col_name = '" + cells[static_cast<std::size_t>(shape.updated_cell())] + "'";
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
                  "seq = ?3 WHERE key = ?1" +
                      only_cell(shape, cells_)),
      touch_cells_(db_, touch_sql(kThisKey + std::string(" AND col_name <> '-1'"))),
      touch_row_(db_, touch_sql(kThisKey)),
      drop_cells_(db_, "DELETE FROM t__crsql_clock WHERE key = ?1 AND col_name <> '-1'"),
      bury_(db_,
            "INSERT INTO t__crsql_clock " + std::string(kClockColumns) + " VALUES (?1, '-1', 2, ?2, 0, ?3)" + kBury),
      all_insert_keys_(db_, all_insert_keys_sql(shape)),
      all_find_keys_(
          db_, "SELECT k.__crsql_key FROM bench_log AS l LEFT JOIN t__crsql_pks AS k ON " + logged_keys_equal(shape)),
      all_insert_cells_(db_, all_insert_cells_sql()),
      all_touch_cell_(db_, touch_sql(kLoggedKeys + only_cell(shape, cells_))),
      all_touch_cells_(db_, touch_sql(kLoggedKeys + std::string(" AND col_name <> '-1'"))),
      all_touch_rows_(db_, touch_sql(kLoggedKeys)),
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

void LimitWriter::stamp(Prepared& statement, std::int64_t key) {
  sqlite3_bind_int64(statement.get(), 1, key);
  sqlite3_bind_int64(statement.get(), 2, version_);
  sqlite3_bind_int64(statement.get(), 3, seq_);
  statement.run();
}

/// A cell that has no clock row would be inserted after this; in none of the workloads there is one.
void LimitWriter::touch(Prepared& statement, LimitEvent event) {
  event.seq = seq_;
  log_.expect(event);
  stamp(statement, event.key);
  const int cells = log_.cells_of(event);
  if (sqlite3_changes(db_) != cells) give_up("the limit does not know a cell");
  seq_ += cells;
}

void LimitWriter::insert(const LimitEvent& event) {
  const Key key = shape_.key_of(event.row);
  bind_key(insert_key_.get(), key);
  insert_key_.run();
  if (sqlite3_changes(db_) != 0) {
    stamp(insert_cells_, sqlite3_last_insert_rowid(db_));
    seq_ += shape_.columns;
  } else {
    LimitEvent again = event;
    again.key = find(key);
    touch(touch_row_, again);
  }
}

void LimitWriter::write(const LimitEvent& event) {
  if (event.kind == LimitEvent::Kind::kInsert) {
    insert(event);
    return;
  }
  LimitEvent known = event;
  known.key = find(shape_.key_of(event.row));
  if (event.kind == LimitEvent::Kind::kDelete) {
    sqlite3_bind_int64(drop_cells_.get(), 1, known.key);
    drop_cells_.run();
    stamp(bury_, known.key);
    ++seq_;
  } else {
    touch(event.kind == LimitEvent::Kind::kUpdateOne ? touch_cell_ : touch_cells_, known);
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

/// All keys are inserted; the numbers of those that were new follow each other, above all others.
void LimitWriter::insert_keys() {
  all_insert_keys_.run();
  const auto count = static_cast<std::int64_t>(log_.events.size());
  const std::int64_t inserted = sqlite3_changes64(db_);
  std::int64_t number = inserted == 0 ? INT64_MAX : sqlite3_last_insert_rowid(db_) - inserted;
  if (inserted != count) {
    find_keys();
    for (LimitEvent& event : log_.events) event.fresh = event.key > number;
    return;
  }
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

void LimitWriter::write_cells() {
  bool fresh = false;
  std::vector<LimitEvent> touched;
  int cells = 0;
  for (const LimitEvent& event : log_.events) {
    if (event.kind == LimitEvent::Kind::kDelete) continue;
    fresh = fresh || event.fresh;
    if (event.fresh) continue;
    if (!touched.empty() && touched.back().kind != event.kind) give_up("the limit takes one kind of update at a time");
    touched.push_back(event);
    cells += log_.cells_of(event);
  }
  if (fresh) {
    log_.view = LimitLog::View::kFreshCells;
    sqlite3_bind_int64(all_insert_cells_.get(), 1, version_);
    all_insert_cells_.run();
  }
  if (touched.empty()) return;
  // A row that is inserted though its key is known may have been deleted, and its sentinel must be looked at too.
  Prepared& statement = touched.back().kind == LimitEvent::Kind::kUpdateOne   ? all_touch_cell_
                        : touched.back().kind == LimitEvent::Kind::kUpdateAll ? all_touch_cells_
                                                                              : all_touch_rows_;
  log_.view = LimitLog::View::kTouched;
  log_.expect(std::move(touched));
  sqlite3_bind_int64(statement.get(), 2, version_);
  statement.run();
  if (sqlite3_changes(db_) != cells) give_up("the limit does not know a cell");
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
