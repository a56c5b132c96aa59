#include "crr/clock_sql.hpp"

#include <algorithm>

#include "crr/format.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

std::string clock_name(const Table& table) { return "main." + quoted_name(table.shadow(kClockSuffix)); }
std::string keys_name(const Table& table) { return "main." + quoted_name(table.shadow(kKeysSuffix)); }

std::string same_row_sql(const Table& table) {
  std::string out;
  for (const Column& key : table.keys) {
    out += (out.empty() ? "k." : " AND k.") + quoted_name(key.name) + " = +t." + quoted_name(key.name);
  }
  return out;
}

std::string same_row_by_base_sql(const Table& table) {
  std::string out = same_row_sql(table);
  for (const Column& key : table.keys) out += " AND t." + quoted_name(key.name) + " = k." + quoted_name(key.name);
  return out;
}

/// `"k1" = ?1 AND "k2" = ?2`.
static std::string key_condition(const Table& table, const std::string& prefix) {
  std::string out;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    if (i != 0) out += " AND ";
    out += prefix + quoted_name(table.keys[i].name) + " = ?" + std::to_string(i + 1);
  }
  return out;
}

std::string select_clock_sql(const Table& table) {
  return "SELECT k.__crsql_key, s.col_version, s.db_version, s.site_id, c.col_version, c.db_version, c.site_id FROM " +
         keys_name(table) + " AS k LEFT JOIN " + clock_name(table) +
         " AS s ON s.key = k.__crsql_key AND s.col_name = '-1' LEFT JOIN " + clock_name(table) +
         " AS c ON c.key = k.__crsql_key AND c.col_name = ?" + std::to_string(table.keys.size() + 1) + " WHERE " +
         key_condition(table, "k.");
}

std::string select_any_clock_sql(const Table& table) {
  return "SELECT 1 FROM " + clock_name(table) + " WHERE key = ?1 LIMIT 1";
}

std::string load_row_sql(const Table& table) {
  return "SELECT k.__crsql_key, c.col_name, c.col_version, c.db_version, c.site_id FROM " + keys_name(table) +
         " AS k LEFT JOIN " + clock_name(table) + " AS c ON c.key = k.__crsql_key WHERE " + key_condition(table, "k.");
}

std::string select_key_sql(const Table& table) {
  return "SELECT __crsql_key FROM " + keys_name(table) + " WHERE " + key_condition(table, "");
}

std::string insert_key_sql(const Table& table) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    names += (i == 0 ? "" : ", ") + quoted_name(table.keys[i].name);
    values += (i == 0 ? "?" : ", ?") + std::to_string(i + 1);
  }
  return "INSERT INTO " + keys_name(table) + " (" + names + ") VALUES (" + values + ") ON CONFLICT (" + names +
         ") DO NOTHING";
}

// What writes clock rows says OR FAIL: its failure spoils the transaction anyway, and to be able to undo one statement
// (ABORT) SQLite would copy each page that it touches into a journal of the statement's own.

/// An insert of one clock row: ?1 row, ?2 column, ?3 col_version, ?4 db_version, ?5 site, ?6 seq; what is there is
/// replaced.
std::string write_cell_sql(const Table& table) {
  return "INSERT OR FAIL INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key, "
         "col_name) DO UPDATE SET col_version = excluded.col_version, db_version = excluded.db_version, site_id = "
         "excluded.site_id, seq = excluded.seq";
}

std::string insert_merged_sql(const Table& table) {
  return "INSERT OR FAIL INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) SELECT row, name, col_version, db_version, site_id, "
         "seq FROM crsql_internal_clocks";
}

std::string zero_cells_sql(const Table& table) {
  return "UPDATE OR FAIL " + clock_name(table) +
         " SET col_version = 0, db_version = ?2, site_id = 0 WHERE key = ?1 AND col_name <> '-1'";
}

/// All clock rows but the sentinel. One range is read faster than two; few names come before "-1".
static std::string cells_only(const Table& table) {
  const auto after = [](const Column& cell) { return cell.name > kSentinel; };
  const bool all_after = std::all_of(table.cells.begin(), table.cells.end(), after);
  return all_after ? "col_name > '-1'" : "col_name <> '-1'";
}

std::string drop_cells_sql(const Table& table) {
  return "DELETE FROM " + clock_name(table) + " WHERE key = ?1 AND " + cells_only(table);
}

/// One local clock row for each cell: ?1 row, ?2 db_version, ?3 the first seq.
static std::string insert_cells_sql(const Table& table) {
  std::string out = "INTO " + clock_name(table) + " (key, col_name, col_version, db_version, site_id, seq) VALUES ";
  if (table.cells.empty()) return out + "(?1, '-1', 1, ?2, 0, ?3)";
  for (std::size_t i = 0; i < table.cells.size(); ++i) {
    out += (i == 0 ? "(?1, " : ", (?1, ") + quoted_text(table.cells[i].name) + ", 1, ?2, 0, ?3 + " + std::to_string(i) +
           ")";
  }
  return out;
}

/// `counted`, or NULL, which no clock row may hold, where no peer would take it any more.
static std::string within_limit(const std::string& counted) {
  return "CASE WHEN " + counted + " < " + std::to_string(kVersionLimit) + " THEN " + counted + " END";
}

static std::string next_version() { return within_limit("col_version + 1"); }

static std::string count_up_sql() {
  return " ON CONFLICT (key, col_name) DO UPDATE SET col_version = " + next_version() +
         ", db_version = excluded.db_version, site_id = 0, seq = excluded.seq";
}

std::string write_new_row_sql(const Table& table) { return "INSERT OR FAIL " + insert_cells_sql(table); }

std::string replace_new_row_sql(const Table& table) { return "REPLACE " + insert_cells_sql(table); }

std::string touch_row_sql(const Table& table) { return "INSERT OR FAIL " + insert_cells_sql(table) + count_up_sql(); }

std::string touch_cell_sql(const Table& table) {
  return "INSERT OR FAIL INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) VALUES (?1, ?2, 1, ?3, 0, ?4)" + count_up_sql();
}

/// Moves the sentinel, where there is one, to the next life: from even to odd, from odd to odd.
static std::string next_life() { return within_limit("col_version + 1 + (col_version & 1)"); }

std::string revive_sql(const Table& table) {
  return "UPDATE OR FAIL " + clock_name(table) + " SET col_version = " + next_life() +
         ", db_version = ?2, site_id = 0, seq = ?3 WHERE key = ?1 AND col_name = '-1'";
}

/// Moves the sentinel to the next even number; without one the causal length was 1.
static std::string bury_up_sql() {
  return " ON CONFLICT (key, col_name) DO UPDATE SET col_version = " +
         within_limit("col_version + 2 - (col_version & 1)") +
         ", db_version = excluded.db_version, site_id = 0, seq = excluded.seq";
}

std::string bury_sql(const Table& table) {
  return "INSERT OR FAIL INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) VALUES (?1, '-1', 2, ?2, 0, ?3)" + bury_up_sql();
}

std::string counted_out_sql(const Table& table) {
  const std::string last = std::to_string(kVersionLimit - 1);
  return "SELECT col_name FROM " + clock_name(table) +
         " WHERE key = ?1 AND (col_name = '-1') = (?2 = '-1') AND (?2 = '' OR col_name = ?2) AND col_version >= " +
         last + " - (col_name = '-1') LIMIT 1";
}

std::string find_rows_sql(const Table& table) {
  std::string where;
  for (std::size_t i = 0; i < table.keys.size(); ++i)
    where += (i == 0 ? "k." : " AND k.") + quoted_name(table.keys[i].name) + " = l.k" + std::to_string(i);
  return "SELECT l.number, k.__crsql_key FROM crsql_internal_rows AS l CROSS JOIN " + keys_name(table) +
         " AS k WHERE " + where;
}

std::string last_key_sql(const Table& table) { return "SELECT max(__crsql_key) FROM " + keys_name(table); }

std::string make_rows_sql(const Table& table) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    names += (i == 0 ? "" : ", ") + quoted_name(table.keys[i].name);
    values += (i == 0 ? "k" : ", k") + std::to_string(i);
  }
  return "INSERT OR IGNORE INTO " + keys_name(table) + " (" + names + ") SELECT " + values +
         " FROM crsql_internal_rows";
}

std::string find_sentinels_sql(const Table& table) {
  return "SELECT l.number FROM crsql_internal_rows AS l CROSS JOIN " + clock_name(table) +
         " AS c WHERE c.key = l.row AND c.col_name = '-1'";
}

static std::string insert_listed(const Table& table, const char* verb, const char* name, const char* version) {
  return std::string(verb) + " INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) SELECT row, " + name + ", " + version +
         ", ?1, 0, seq FROM crsql_internal_rows";
}

std::string write_new_rows_sql(const Table& table) {
  return insert_listed(table, "INSERT OR FAIL", table.cells.empty() ? "'-1'" : "name", "1");
}

std::string replace_new_rows_sql(const Table& table) {
  return insert_listed(table, "REPLACE", table.cells.empty() ? "'-1'" : "name", "1");
}

// With a subquery in its condition a statement first collects all that it is to change, and then looks each up again.
// To walk through a span of rows is cheaper unless most of them are not meant.
static constexpr const char* kListed = "key IN (SELECT row FROM crsql_internal_rows) AND ";
static constexpr const char* kSpan = "key BETWEEN ?3 AND ?4 AND ";
static constexpr const char* kIsListed = " AND crsql_internal_seq(key, col_name) IS NOT NULL";

/// Stamps clock rows of the listed rows with ?1; one that is met already is cheaper to change than to insert anew.
static std::string update_listed(const Table& table, const std::string& version, const char* rows = kListed) {
  return "UPDATE OR FAIL " + clock_name(table) + " SET col_version = " + version +
         ", db_version = ?1, site_id = 0, seq = crsql_internal_seq(key, col_name) WHERE " + rows;
}

std::string revive_rows_sql(const Table& table) { return update_listed(table, next_life()) + "col_name = '-1'"; }

std::string touch_column_sql(const Table& table) { return update_listed(table, next_version()) + "col_name = ?2"; }

std::string touch_cells_sql(const Table& table) {
  return update_listed(table, next_version()) + cells_only(table) + kIsListed;
}

std::string touch_cells_of_span_sql(const Table& table) {
  return update_listed(table, next_version(), kSpan) + cells_only(table) + kIsListed;
}

std::string add_cells_sql(const Table& table) {
  return insert_listed(table, "INSERT OR IGNORE", table.cells.empty() ? "'-1'" : "name", "1");
}

std::string touch_rows_sql(const Table& table) {
  return insert_listed(table, "INSERT OR FAIL", "name", "1") + " WHERE true" + count_up_sql();
}

std::string bury_rows_sql(const Table& table) {
  return insert_listed(table, "INSERT OR FAIL", "'-1'", "2") + " WHERE true" + bury_up_sql();
}

std::string drop_cells_of_rows_sql(const Table& table) {
  return "DELETE FROM " + clock_name(table) + " WHERE key IN (SELECT row FROM crsql_internal_rows) AND " +
         cells_only(table);
}

std::string drop_cells_of_span_sql(const Table& table) {
  return "DELETE FROM " + clock_name(table) + " WHERE key BETWEEN ?1 AND ?2 AND " + cells_only(table);
}

std::string max_version_sql(const Table& table) { return "SELECT max(db_version) FROM " + clock_name(table); }

std::string restore_one_change_sql(const Table& table) {
  return "UPDATE OR FAIL " + clock_name(table) + " SET seq = seq WHERE key = ?1 AND col_name = ?2";
}

std::string restore_changes_sql(const Table& table) {
  return "INSERT OR FAIL INTO " + clock_name(table) +
         " (key, col_name, col_version, db_version, site_id, seq) SELECT ?1, ?2, 0, 0, 0, 0 FROM crsql_internal_rows "
         "WHERE true ON CONFLICT (key, col_name) DO UPDATE SET seq = seq";
}

std::string gather_changes_sql(const Table& table) {
  // The rows with news come in the order of the version index, which holds all that is asked of it; then a row's clock
  // rows are next to each other. No step ends but where the function says so. GROUP BY, as DISTINCT would leave the
  // order to chance: SQLite drops the ORDER BY of a subquery in a join.
  return "SELECT 1 FROM (SELECT db_version, key FROM " + clock_name(table) +
         " WHERE db_version >= ?1 GROUP BY db_version, key ORDER BY db_version, key) AS news CROSS JOIN " +
         clock_name(table) + " AS c ON c.key = news.key WHERE " + kGatherFunction +
         "(?2, news.key, news.db_version, c.col_name, c.col_version, c.db_version, c.site_id, c.seq)";
}

std::string sort_changes_sql(const Table& table) {
  // The plus: not by the version index, from which each cell would be looked for.
  return "SELECT c.key, c.col_name, c.col_version, c.site_id, c.seq, news.length FROM (SELECT key, ifnull((SELECT "
         "s.col_version FROM " +
         clock_name(table) + " AS s WHERE s.key = v.key AND s.col_name = '-1'), 1) AS length FROM " +
         clock_name(table) + " AS v WHERE db_version = ?1 GROUP BY key) AS news CROSS JOIN " + clock_name(table) +
         " AS c ON c.key = news.key WHERE +c.db_version = ?1 ORDER BY c.seq, c.key, c.col_name";
}

std::string scan_by_row_sql(const Table& table) {
  return "SELECT key, col_name, col_version, db_version, site_id, seq FROM " + clock_name(table) +
         " ORDER BY key, col_name";
}

/// Of a key row k and its base row t: the key columns, whether t is there, the cells.
static std::string columns_of_row(const Table& table) {
  std::string out;
  for (const Column& key : table.keys) out += "k." + quoted_name(key.name) + ", ";
  out += "t." + quoted_name(table.keys[0].name) + " IS NOT NULL";
  for (const Column& cell : table.cells) out += ", t." + quoted_name(cell.name);
  return out;
}

static std::string join_base(const Table& table) {
  std::string out = " LEFT JOIN main." + quoted_name(table.name) + " AS t ON ";
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    const std::string name = quoted_name(table.keys[i].name);
    out += (i == 0 ? "t." : " AND t.") + name + " = k." + name;
  }
  return out;
}

std::string select_row_sql(const Table& table) {
  return "SELECT (SELECT col_version FROM " + clock_name(table) + " WHERE key = ?1 AND col_name = '-1'), " +
         columns_of_row(table) + " FROM " + keys_name(table) + " AS k" + join_base(table) + " WHERE k.__crsql_key = ?1";
}

std::string show_rows_sql(const Table& table) {
  return "SELECT k.__crsql_key IS NOT NULL, " + columns_of_row(table) +
         " FROM crsql_internal_wanted_key(?1) AS w LEFT JOIN " + keys_name(table) + " AS k ON k.__crsql_key = w.key" +
         join_base(table);
}

/// Rows known at all, and how many of them are deleted.
std::string count_rows_sql(const Table& table) {
  return "SELECT (SELECT count(DISTINCT key) FROM " + clock_name(table) + "), (SELECT count(*) FROM " +
         clock_name(table) + " WHERE col_name = '-1' AND (col_version & 1) = 0)";
}

/// The same row to the base table: its collations count, but no affinity changes what the key row holds.
static std::string same_to_base(const Table& table) {
  std::string out;
  for (const Column& key : table.keys) {
    out += (out.empty() ? "+t." : " AND +t.") + quoted_name(key.name) + " = k." + quoted_name(key.name);
  }
  return out;
}

std::string check_row_sql(const Table& table) {
  std::string columns;
  std::string join;
  for (const Column& key : table.keys) {
    const std::string name = quoted_name(key.name);
    columns += ", k." + name;
    join += (join.empty() ? "t." : " AND t.") + name + " = k." + name;
  }
  return "SELECT " + same_to_base(table) + ", " + same_row_sql(table) + columns + " FROM " + keys_name(table) +
         " AS k LEFT JOIN main." + quoted_name(table.name) + " AS t ON " + join + " WHERE k.__crsql_key = ?1";
}

std::string keys_without_clocks_sql(const Table& table) {
  std::string columns;
  for (const Column& key : table.keys) columns += (columns.empty() ? "k." : ", k.") + quoted_name(key.name);
  // Where the row is there, it is the row that has no clock rows.
  return "SELECT " + columns + " FROM " + keys_name(table) + " AS k WHERE NOT EXISTS (SELECT 1 FROM " +
         clock_name(table) + " AS c WHERE c.key = k.__crsql_key) AND NOT EXISTS (SELECT 1 FROM main." +
         quoted_name(table.name) + " AS t WHERE " + same_row_by_base_sql(table) + ")";
}

std::string rows_without_clocks_sql(const Table& table) {
  std::string columns;
  for (const Column& key : table.keys) columns += (columns.empty() ? "t." : ", t.") + quoted_name(key.name);
  return "SELECT " + columns + " FROM main." + quoted_name(table.name) + " AS t WHERE NOT EXISTS (SELECT 1 FROM " +
         keys_name(table) + " AS k JOIN " + clock_name(table) + " AS c ON c.key = k.__crsql_key WHERE " +
         same_row_sql(table) + ")";
}

std::string repeated_keys_sql(const Table& table) {
  std::string columns;
  for (const Column& key : table.keys) columns += (columns.empty() ? "" : ", ") + quoted_name(key.name);
  return "SELECT " + columns + " FROM " + keys_name(table) + " GROUP BY " + columns + " HAVING count(*) > 1";
}

std::string edited_since_sql(const Table& table) {
  return "SELECT 1 FROM " + clock_name(table) +
         " WHERE key = ?1 AND db_version > ?2 AND site_id <> ?3 AND col_version > 1 AND col_name <> '-1' LIMIT 1";
}

}  // namespace rejoin::internal
