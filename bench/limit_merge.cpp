#include "limit_merge.hpp"

#include <algorithm>
#include <cstring>
#include <variant>

#include "changes.hpp"

namespace bench {

namespace {

/// The only key of a packed one, an integer.
std::int64_t unpacked(const rejoin::Blob& pk) {
  std::int64_t value = 0;
  for (std::size_t i = 2; i < pk.size(); ++i) value = value << 8 | pk[i];
  return value;
}

/// Whether a value outranks what a column of the same type holds.
bool greater(const rejoin::Value& value, sqlite3_stmt* row) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer > sqlite3_column_int64(row, 0);
  if (const auto* real = std::get_if<double>(&value)) return *real > sqlite3_column_double(row, 0);
  const void* here = sqlite3_column_blob(row, 0);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, 0));
  const auto* text = std::get_if<std::string>(&value);
  const auto* blob = std::get_if<rejoin::Blob>(&value);
  const void* there = text != nullptr ? static_cast<const void*>(text->data()) : blob->data();
  const std::size_t length = text != nullptr ? text->size() : blob->size();
  const int order = std::memcmp(there, here, std::min(size, length));
  return order != 0 ? order > 0 : length > size;
}

/// All changes come from one site, whose ordinal is 1.
std::string insert_clocks_sql(const Shape& shape) {
  std::string sql = "INSERT OR FAIL INTO t__crsql_clock VALUES ";
  int parameter = 2;
  for (const std::string& name : shape.cell_names()) {
    sql += parameter == 2 ? "(?1, '" : ", (?1, '";
    sql += name + "', ?" + std::to_string(parameter + 1) + ", ?2, 1, ?" + std::to_string(parameter + 2) + ")";
    parameter += 2;
  }
  return sql;
}

}  // namespace

LimitMerger::Cell::Cell(sqlite3* db, const std::string& name_of_cell)
    : name(name_of_cell),
      upsert(db, "INSERT INTO t (id, " + name + ") VALUES (?1, ?2) ON CONFLICT DO UPDATE SET " + name + " = ?2"),
      update(db, "UPDATE t SET " + name + " = ?2 WHERE id = ?1"),
      select(db, "SELECT " + name + " FROM t WHERE id = ?1") {}

LimitMerger::LimitMerger(Database& database, const Shape& shape)
    : db_(database.get()),
      columns_(shape.columns),
      version_(database.number("SELECT max(db_version) FROM t__crsql_clock") + 1),
      find_key_(db_, "SELECT __crsql_key FROM t__crsql_pks WHERE id = ?1"),
      insert_key_(db_, "INSERT INTO t__crsql_pks (id) VALUES (?1)"),
      sentinel_(db_, "SELECT col_version FROM t__crsql_clock WHERE key = ?1 AND col_name = '-1'"),
      insert_clock_(db_, "INSERT INTO t__crsql_clock VALUES (?1, ?2, ?3, ?4, 1, ?5) ON CONFLICT DO NOTHING"),
      select_clock_(db_, "SELECT col_version FROM t__crsql_clock WHERE key = ?1 AND col_name = ?2"),
      update_clock_(db_,
                    "UPDATE t__crsql_clock SET col_version = ?3, db_version = ?4, site_id = 1, seq = ?5 "
                    "WHERE key = ?1 AND col_name = ?2"),
      insert_row_(db_, "INSERT INTO t VALUES (?1, " + listed(shape.cell_names(), "?#", 2) + ")"),
      insert_clocks_(db_, insert_clocks_sql(shape)) {
  for (const std::string& name : shape.cell_names()) cells_.emplace_back(db_, name);
}

LimitMerger::Cell& LimitMerger::cell_of(const std::string& name) {
  for (Cell& cell : cells_) {
    if (cell.name == name) return cell;
  }
  give_up("the limit has no column " + name);
}

/// Finds the row's key number and its causal length, unless it is the row of the last change.
void LimitMerger::look_up(std::int64_t id) {
  if (row_ && row_->id == id) return;
  row_ = Row{id, 0, false};
  sqlite3_bind_int64(find_key_.get(), 1, id);
  if (find_key_.row()) row_->number = sqlite3_column_int64(find_key_.get(), 0);
  find_key_.reset();
  if (row_->number == 0) return;
  sqlite3_bind_int64(sentinel_.get(), 1, row_->number);
  if (sentinel_.row()) give_up("the limit merges no sentinels");
  sentinel_.reset();
}

void LimitMerger::make_key() {
  sqlite3_bind_int64(insert_key_.get(), 1, row_->id);
  insert_key_.run();
  row_->number = sqlite3_last_insert_rowid(db_);
  row_->fresh = true;
}

static void bind_clock(Prepared& statement, std::int64_t key, const rejoin::Change& change, std::int64_t version) {
  sqlite3_bind_int64(statement.get(), 1, key);
  sqlite3_bind_text(statement.get(), 2, change.column.data(), static_cast<int>(change.column.size()), SQLITE_STATIC);
  sqlite3_bind_int64(statement.get(), 3, change.column_version);
  sqlite3_bind_int64(statement.get(), 4, std::max(version, change.db_version));
  sqlite3_bind_int64(statement.get(), 5, change.seq);
}

bool LimitMerger::insert_clock(const rejoin::Change& change) {
  bind_clock(insert_clock_, row_->number, change, version_);
  insert_clock_.run();
  return sqlite3_changes(db_) != 0;
}

void LimitMerger::write_base(Prepared& statement, const rejoin::Change& change) const {
  sqlite3_bind_int64(statement.get(), 1, row_->id);
  bind_value(statement.get(), 2, change.value);
  statement.run();
}

void LimitMerger::merge(const rejoin::Change& change) {
  look_up(unpacked(change.pk));
  Cell& cell = cell_of(change.column);
  if (row_->number == 0) {
    write_base(cell.upsert, change);
    make_key();
    insert_clock(change);
  } else if (row_->fresh && insert_clock(change)) {
    write_base(cell.update, change);
  } else {
    weigh(cell, change);
  }
}

/// Both sides have the cell: the higher version wins, then the greater value.
void LimitMerger::weigh(Cell& cell, const rejoin::Change& change) {
  bind_clock(select_clock_, row_->number, change, version_);
  const std::int64_t version = select_clock_.row() ? sqlite3_column_int64(select_clock_.get(), 0) : -1;
  select_clock_.reset();
  bool wins = change.column_version > version;
  if (change.column_version == version) {
    sqlite3_bind_int64(cell.select.get(), 1, row_->id);
    wins = cell.select.row() && greater(change.value, cell.select.get());
    cell.select.reset();
  }
  if (!wins) return;
  write_base(cell.update, change);
  bind_clock(update_clock_, row_->number, change, version_);
  update_clock_.run();
}

void LimitMerger::insert_row(const rejoin::Change* first) {
  sqlite3_bind_int64(insert_row_.get(), 1, row_->id);
  for (int i = 0; i < columns_; ++i) bind_value(insert_row_.get(), 2 + i, first[i].value);
  insert_row_.run();
  make_key();
  sqlite3_bind_int64(insert_clocks_.get(), 1, row_->number);
  sqlite3_bind_int64(insert_clocks_.get(), 2, std::max(version_, first->db_version));
  for (int i = 0; i < columns_; ++i) {
    sqlite3_bind_int64(insert_clocks_.get(), 3 + 2 * i, first[i].column_version);
    sqlite3_bind_int64(insert_clocks_.get(), 4 + 2 * i, first[i].seq);
  }
  insert_clocks_.run();
}

void LimitMerger::merge_together(const std::vector<rejoin::Change>& changes) {
  const auto columns = static_cast<std::size_t>(columns_);
  for (std::size_t i = 0; i < changes.size();) {
    std::size_t end = i + 1;
    while (end < changes.size() && end < i + columns && changes[end].pk == changes[i].pk) ++end;
    look_up(unpacked(changes[i].pk));
    if (row_->number == 0 && end - i == columns) {
      insert_row(&changes[i]);
    } else {
      for (std::size_t at = i; at < end; ++at) merge(changes[at]);
    }
    i = end;
  }
}

}  // namespace bench
