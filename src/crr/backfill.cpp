#include "crr/backfill.hpp"

#include "crr/clock_sql.hpp"
#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/query.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kGivingClocks = "giving rows their clocks";

}  // namespace

Status Backfill::inspect(const Catalogue& catalogue, const Table& table, bool& there, bool& same_key) const {
  Table keys;
  REJOIN_TRY(catalogue.look_for(table.shadow(kKeysSuffix), keys, there));
  same_key = there && keys.cells.size() == table.keys.size();
  for (const Column& key : table.keys) same_key = same_key && keys.cell_index(key.name) >= 0;
  return {};
}

Status Backfill::forget_columns(const Table& table) {
  return execute(db_, sql_of(table, "DELETE FROM {clock} WHERE col_name NOT IN ('-1'{cells:, %t|})"), kGivingClocks);
}

Status Backfill::forget_rows(const Table& table) {
  constexpr const char* kSql =
      "DELETE FROM {clock} WHERE key IN (SELECT k.__crsql_key FROM {keys} AS k WHERE NOT EXISTS (SELECT 1 FROM {base} "
      "AS t WHERE {same row by base})) AND key NOT IN (SELECT key FROM {clock} WHERE col_name = '-1' AND (col_version "
      "& 1) = 0);"
      "DELETE FROM {keys} AS k WHERE NOT EXISTS (SELECT 1 FROM {clock} AS c WHERE c.key = k.__crsql_key)";
  return execute(db_, sql_of(table, kSql), kGivingClocks);
}

Status Backfill::add_rows(const Table& table, std::int64_t version) {
  constexpr const char* kSql =
      "SELECT {keys:t.%n|, } FROM {base} AS t WHERE NOT EXISTS (SELECT 1 FROM {keys} AS k JOIN {clock} AS c ON c.key = "
      "k.__crsql_key WHERE {same row} AND (c.col_name <> '-1' OR (c.col_version & 1) = 1)) ORDER BY {keys:t.%n|, }";
  Query rows(db_, sql_of(table, kSql), kGivingClocks);
  KeyValues key(table.keys.size());
  while (rows.step()) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = ValueView::of_column(rows.get(), static_cast<int>(i));
      if (key[i].type == SQLITE_NULL) {
        return failure(ErrorCode::kNotEligible, "table %n cannot be a CRR: a row of it has NULL in key column %n",
                       {table.name, table.keys[i].name});
      }
    }
    std::int64_t row = 0;
    bool fresh = false;
    REJOIN_TRY(clock_.key_of(table, key, row, fresh));
    REJOIN_TRY(fresh ? clock_.write_new_row(table, row, version) : clock_.write_again(table, row, version));
  }
  return rows.status();
}

Status Backfill::count_cells(const Table& table, const std::string& column, std::int64_t& count) const {
  Query counted(db_, compose("SELECT count(*) FROM %s WHERE col_name = %t", {clock_name(table), column}),
                kGivingClocks);
  if (counted.step()) count = counted.integer(0);
  return counted.status();
}

Status Backfill::add_cells(const Table& table, std::int64_t version) {
  // Most columns have a clock row for every row, or hold their default in every row; counting tells cheaper than
  // looking.
  Query counted(db_, sql_of(table, "SELECT count(*) FROM {base}"), kGivingClocks);
  const std::int64_t rows = counted.step() ? counted.integer(0) : 0;
  REJOIN_TRY(counted.status());
  for (const Column& column : table.cells) {
    std::int64_t cells = 0;
    REJOIN_TRY(count_cells(table, column.name, cells));
    if (cells < rows) REJOIN_TRY(add_cells_of(table, column, version));
  }
  return {};
}

Status Backfill::add_cells_of(const Table& table, const Column& column, std::int64_t version) {
  const std::string_view fallback = column.default_sql.empty() ? "NULL" : std::string_view(column.default_sql);
  const std::string sql = compose(
      "SELECT k.__crsql_key FROM main.%n AS t JOIN %s AS k ON %s WHERE t.%n IS NOT (%s) AND NOT EXISTS (SELECT 1 FROM "
      "%s "
      "AS c WHERE c.key = k.__crsql_key AND c.col_name = %t) ORDER BY 1",
      {table.name, keys_name(table), sql_of(table, "{same row}"), column.name, fallback, clock_name(table),
       column.name});
  Query missing(db_, sql, kGivingClocks);
  std::vector<std::int64_t> rows;  // at most 8 bytes a row that needs one; the walk must not see what is written
  while (missing.step()) rows.push_back(missing.integer(0));
  Status status = missing.status();
  for (std::size_t i = 0; status.ok() && i < rows.size(); ++i)
    status = clock_.touch_cell(table, rows[i], column.name, version);
  return status;
}

}  // namespace rejoin::internal
