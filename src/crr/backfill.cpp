#include "crr/backfill.hpp"

#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/owned_statement.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr std::string_view kGivingClocks = "giving rows their clocks";

/// A statement for once, outside the cache.
class Once : public OwnedStatement {
 public:
  Status prepare(sqlite3* db, const std::string& sql) {
    db_ = db;
    const int code = OwnedStatement::prepare(db, sql.c_str());
    return code == SQLITE_OK ? Status() : sqlite_error(db, code, kGivingClocks);
  }
  bool step(Status& status) {
    const int code = sqlite3_step(get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) status = sqlite_error(db_, code, kGivingClocks);
    return code == SQLITE_ROW;
  }

 private:
  sqlite3* db_ = nullptr;
};

std::string base_of(const Table& table) { return "main." + quoted_name(table.name); }

std::string listed_keys(const Table& table) {
  std::string out;
  for (const Column& key : table.keys) out += (out.empty() ? "t." : ", t.") + quoted_name(key.name);
  return out;
}

}  // namespace

Status Backfill::inspect(const Catalogue& catalogue, const Table& table, bool& there, bool& same_key) const {
  Table keys;
  REJOIN_TRY(catalogue.look_for(table.shadow(kKeysSuffix), keys, there));
  same_key = there && keys.cells.size() == table.keys.size();
  for (const Column& key : table.keys) same_key = same_key && keys.cell_index(key.name) >= 0;
  return {};
}

Status Backfill::forget_columns(const Table& table) {
  std::string columns = "'-1'";
  for (const Column& cell : table.cells) columns += ", " + quoted_text(cell.name);
  return execute(db_, "DELETE FROM " + clock_name(table) + " WHERE col_name NOT IN (" + columns + ")", kGivingClocks);
}

Status Backfill::forget_rows(const Table& table) {
  return execute(db_,
                 "DELETE FROM " + clock_name(table) + " WHERE key IN (SELECT k.__crsql_key FROM " + keys_name(table) +
                     " AS k WHERE NOT EXISTS (SELECT 1 FROM " + base_of(table) + " AS t WHERE " +
                     same_row_by_base_sql(table) + ")) AND key NOT IN (SELECT key FROM " + clock_name(table) +
                     " WHERE col_name = '-1' AND (col_version & 1) = 0);DELETE FROM " + keys_name(table) +
                     " AS k WHERE NOT EXISTS (SELECT 1 FROM " + clock_name(table) +
                     " AS c WHERE c.key = k.__crsql_key)",
                 kGivingClocks);
}

Status Backfill::add_rows(const Table& table, std::int64_t version) {
  Once rows;
  REJOIN_TRY(rows.prepare(db_, "SELECT " + listed_keys(table) + " FROM " + base_of(table) +
                                   " AS t WHERE NOT EXISTS (SELECT 1 FROM " + keys_name(table) + " AS k JOIN " +
                                   clock_name(table) + " AS c ON c.key = k.__crsql_key WHERE " + same_row_sql(table) +
                                   " AND (c.col_name <> '-1' OR (c.col_version & 1) = 1)) ORDER BY " +
                                   listed_keys(table)));
  KeyValues key(table.keys.size());
  Status status;
  while (rows.step(status)) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = ValueView::of_column(rows.get(), static_cast<int>(i));
      if (key[i].type == SQLITE_NULL) {
        return {ErrorCode::kNotEligible, "table " + quoted_name(table.name) +
                                             " cannot be a CRR: a row of it has NULL in key column " +
                                             quoted_name(table.keys[i].name)};
      }
    }
    std::int64_t row = 0;
    bool fresh = false;
    REJOIN_TRY(clock_.key_of(table, key, row, fresh));
    REJOIN_TRY(fresh ? clock_.write_new_row(table, row, version) : clock_.write_again(table, row, version));
  }
  return status;
}

Status Backfill::count_cells(const Table& table, const std::string& column, std::int64_t& count) const {
  Once counted;
  REJOIN_TRY(
      counted.prepare(db_, "SELECT count(*) FROM " + clock_name(table) + " WHERE col_name = " + quoted_text(column)));
  Status status;
  if (counted.step(status)) count = sqlite3_column_int64(counted.get(), 0);
  return status;
}

Status Backfill::add_cells(const Table& table, std::int64_t version) {
  // Most columns have a clock row for every row, or hold their default in every row; counting tells cheaper than
  // looking.
  Once counted;
  REJOIN_TRY(counted.prepare(db_, "SELECT count(*) FROM " + base_of(table)));
  Status status;
  const std::int64_t rows = counted.step(status) ? sqlite3_column_int64(counted.get(), 0) : 0;
  REJOIN_TRY(std::move(status));
  for (const Column& column : table.cells) {
    std::int64_t cells = 0;
    REJOIN_TRY(count_cells(table, column.name, cells));
    if (cells < rows) REJOIN_TRY(add_cells_of(table, column, version));
  }
  return {};
}

Status Backfill::add_cells_of(const Table& table, const Column& column, std::int64_t version) {
  const std::string name = quoted_name(column.name);
  const std::string fallback = column.default_sql.empty() ? "NULL" : column.default_sql;
  Once missing;
  REJOIN_TRY(missing.prepare(db_, "SELECT k.__crsql_key FROM " + base_of(table) + " AS t JOIN " + keys_name(table) +
                                      " AS k ON " + same_row_sql(table) + " WHERE t." + name + " IS NOT (" + fallback +
                                      ") AND NOT EXISTS (SELECT 1 FROM " + clock_name(table) +
                                      " AS c WHERE c.key = k.__crsql_key AND c.col_name = " + quoted_text(column.name) +
                                      ") ORDER BY 1"));
  std::vector<std::int64_t> rows;  // at most 8 bytes a row that needs one; the walk must not see what is written
  Status status;
  while (missing.step(status)) rows.push_back(sqlite3_column_int64(missing.get(), 0));
  for (std::size_t i = 0; status.ok() && i < rows.size(); ++i)
    status = clock_.touch_cell(table, rows[i], column.name, version);
  return status;
}

}  // namespace rejoin::internal
