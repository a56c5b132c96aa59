// The SQL of the clocks: every statement on a clock table or a key table, by the table that it stands beside.
#pragma once

#include <string>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

/// What an error of the clock's says was being done.
inline constexpr const char* kReading = "reading the clocks";
inline constexpr const char* kWriting = "writing the clocks";

/// The SQL function that takes what gather_changes finds (clock_walk.hpp).
inline constexpr const char* kGatherFunction = "crsql_internal_clock";

std::string clock_name(const Table& table);
std::string keys_name(const Table& table);

/// `form` with what it has in braces filled in for the table: {clock}, {keys} and {base} are the names of the clock
/// table, the key table and the table itself; {keys:FORM|BETWEEN} is FORM for each key column and {cells:FORM|BETWEEN}
/// for each other one, as listed() makes it; clock_sql.cpp has the other words.
std::string sql_of(const Table& table, const char* form);

inline constexpr const char* kSelectClockSql =
    "SELECT k.__crsql_key, s.col_version, s.db_version, s.site_id, c.col_version, c.db_version, c.site_id FROM {keys} "
    "AS k LEFT JOIN {clock} AS s ON s.key = k.__crsql_key AND s.col_name = '-1' LEFT JOIN {clock} AS c ON c.key = "
    "k.__crsql_key AND c.col_name = ?{behind keys} WHERE {keys:k.%n = ?%i| AND }";
inline constexpr const char* kSelectAnyClockSql = "SELECT 1 FROM {clock} WHERE key = ?1 LIMIT 1";
/// Whether the clock row of row ?1 and column ?2 is the one of db_version ?3 and seq ?4.
inline constexpr const char* kStandsSql =
    "SELECT 1 FROM {clock} WHERE key = ?1 AND col_name = ?2 AND db_version = ?3 AND seq = ?4";
inline constexpr const char* kLoadRowSql =
    "SELECT k.__crsql_key, c.col_name, c.col_version, c.db_version, c.site_id FROM {keys} AS k LEFT JOIN {clock} AS c "
    "ON c.key = k.__crsql_key WHERE {keys:k.%n = ?%i| AND }";
inline constexpr const char* kSelectKeySql = "SELECT __crsql_key FROM {keys} WHERE {keys:%n = ?%i| AND }";
inline constexpr const char* kInsertKeySql =
    "INSERT INTO {keys} ({keys:%n|, }) VALUES ({keys:?%i|, }) ON CONFLICT ({keys:%n|, }) DO NOTHING";

// What writes clock rows says OR FAIL: its failure spoils the transaction anyway, and to be able to undo one statement
// (ABORT) SQLite would copy each page that it touches into a journal of the statement's own.

/// An insert of one clock row: ?1 row, ?2 column, ?3 col_version, ?4 db_version, ?5 site, ?6 seq; what is there is
/// replaced.
inline constexpr const char* kWriteCellSql =
    "INSERT OR FAIL INTO {clock} {columns} VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key, col_name) DO UPDATE SET "
    "col_version = excluded.col_version, db_version = excluded.db_version, site_id = excluded.site_id, seq = "
    "excluded.seq";
inline constexpr const char* kInsertMergedSql =
    "INSERT OR FAIL INTO {clock} {columns} SELECT row, name, col_version, db_version, site_id, seq FROM "
    "crsql_internal_clocks";
inline constexpr const char* kZeroCellsSql =
    "UPDATE OR FAIL {clock} SET col_version = 0, db_version = ?2, site_id = 0 WHERE key = ?1 AND col_name <> '-1'";
inline constexpr const char* kDropCellsSql = "DELETE FROM {clock} WHERE key = ?1 AND {any cell}";
/// One local clock row for each cell: ?1 row, ?2 db_version, ?3 the first seq.
inline constexpr const char* kWriteNewRowSql = "INSERT OR FAIL INTO {clock} {columns} VALUES {new row}";
inline constexpr const char* kReplaceNewRowSql = "REPLACE INTO {clock} {columns} VALUES {new row}";
inline constexpr const char* kTouchRowSql = "INSERT OR FAIL INTO {clock} {columns} VALUES {new row} {or touch}";
inline constexpr const char* kTouchCellSql =
    "INSERT OR FAIL INTO {clock} {columns} VALUES (?1, ?2, 1, ?3, 0, ?4) {or touch}";
/// Moves the sentinel, where there is one, to the next life: from even to odd, from odd to odd.
inline constexpr const char* kReviveSql =
    "UPDATE OR FAIL {clock} SET col_version = {next life}, db_version = ?2, site_id = 0, seq = ?3 WHERE key = ?1 AND "
    "col_name = '-1'";
/// Moves the sentinel to the next even number; without one the causal length was 1.
inline constexpr const char* kBurySql =
    "INSERT OR FAIL INTO {clock} {columns} VALUES (?1, '-1', 2, ?2, 0, ?3) {or bury}";
/// The clock row of row ?1 and column ?2 (empty: any cell) whose col_version cannot be counted up.
inline constexpr const char* kCountedOutSql =
    "SELECT col_name FROM {clock} WHERE key = ?1 AND (col_name = '-1') = (?2 = '-1') AND (?2 = '' OR col_name = ?2) "
    "AND col_version >= {limit} - 1 - (col_name = '-1') LIMIT 1";

// Of many rows, as crsql_internal_rows lists them (?1: db_version).

inline constexpr const char* kFindRowsSql =
    "SELECT l.number, k.__crsql_key FROM crsql_internal_rows AS l CROSS JOIN {keys} AS k WHERE {keys:k.%n = l.k%o| AND "
    "}";
inline constexpr const char* kLastKeySql = "SELECT max(__crsql_key) FROM {keys}";
inline constexpr const char* kMakeRowsSql =
    "INSERT OR IGNORE INTO {keys} ({keys:%n|, }) SELECT {keys:k%o|, } FROM crsql_internal_rows";
inline constexpr const char* kFindSentinelsSql =
    "SELECT l.number FROM crsql_internal_rows AS l CROSS JOIN {clock} AS c WHERE c.key = l.row AND c.col_name = '-1'";
inline constexpr const char* kWriteNewRowsSql =
    "INSERT OR FAIL INTO {clock} {columns} SELECT row, {cell}, 1, ?1, 0, seq FROM crsql_internal_rows";
inline constexpr const char* kReplaceNewRowsSql =
    "REPLACE INTO {clock} {columns} SELECT row, {cell}, 1, ?1, 0, seq FROM crsql_internal_rows";
/// Clock rows of col_version 1 for the listed cells that have none.
inline constexpr const char* kAddCellsSql =
    "INSERT OR IGNORE INTO {clock} {columns} SELECT row, {cell}, 1, ?1, 0, seq FROM crsql_internal_rows";
/// Count up the clock rows of all listed cells, twice those that are listed twice.
inline constexpr const char* kTouchRowsSql =
    "INSERT OR FAIL INTO {clock} {columns} SELECT row, name, 1, ?1, 0, seq FROM crsql_internal_rows WHERE true {or "
    "touch}";
inline constexpr const char* kBuryRowsSql =
    "INSERT OR FAIL INTO {clock} {columns} SELECT row, '-1', 2, ?1, 0, seq FROM crsql_internal_rows WHERE true {or "
    "bury}";

// A clock row that is met already is cheaper to change than to insert anew. With a subquery in its condition a
// statement first collects all that it is to change, and then looks each up again. To walk through a span of rows is
// cheaper unless most of them are not meant.

inline constexpr const char* kReviveRowsSql =
    "UPDATE OR FAIL {clock} SET col_version = {next life}, {stamp} WHERE {listed} AND col_name = '-1'";
/// Count up the clock rows of column ?2, and of all listed cells. What has no clock row is left to kAddCellsSql.
inline constexpr const char* kTouchColumnSql =
    "UPDATE OR FAIL {clock} SET col_version = {next version}, {stamp} WHERE {listed} AND col_name = ?2";
inline constexpr const char* kTouchCellsSql =
    "UPDATE OR FAIL {clock} SET col_version = {next version}, {stamp} WHERE {listed} AND {any cell} AND "
    "crsql_internal_seq(key, col_name) IS NOT NULL";
/// The same, where the listed rows are many of those from number ?3 to number ?4: their clock rows are walked through.
inline constexpr const char* kTouchCellsOfSpanSql =
    "UPDATE OR FAIL {clock} SET col_version = {next version}, {stamp} WHERE key BETWEEN ?3 AND ?4 AND {any cell} AND "
    "crsql_internal_seq(key, col_name) IS NOT NULL";
inline constexpr const char* kDropCellsOfRowsSql = "DELETE FROM {clock} WHERE {listed} AND {any cell}";
/// The same for all rows from number ?1 to number ?2.
inline constexpr const char* kDropCellsOfSpanSql = "DELETE FROM {clock} WHERE key BETWEEN ?1 AND ?2 AND {any cell}";

inline constexpr const char* kMaxVersionSql = "SELECT max(db_version) FROM {clock}";
inline constexpr const char* kRestoreOneChangeSql =
    "UPDATE OR FAIL {clock} SET seq = seq WHERE key = ?1 AND col_name = ?2";
inline constexpr const char* kRestoreChangesSql =
    "INSERT OR FAIL INTO {clock} {columns} SELECT ?1, ?2, 0, 0, 0, 0 FROM crsql_internal_rows WHERE true ON CONFLICT "
    "(key, col_name) DO UPDATE SET seq = seq";

/// The rows with news come in the order of the version index, which holds all that is asked of it; then a row's clock
/// rows are next to each other. No step ends but where the function says so. GROUP BY, as DISTINCT would leave the
/// order to chance: SQLite drops the ORDER BY of a subquery in a join.
inline constexpr const char* kGatherChangesSql =
    "SELECT 1 FROM (SELECT db_version, key FROM {clock} WHERE db_version >= ?1 GROUP BY db_version, key ORDER BY "
    "db_version, key) AS news CROSS JOIN {clock} AS c ON c.key = news.key WHERE {gather}(?2, news.key, "
    "news.db_version, c.col_name, c.col_version, c.db_version, c.site_id, c.seq)";
/// The plus: not by the version index, from which each cell would be looked for.
inline constexpr const char* kSortChangesSql =
    "SELECT c.key, c.col_name, c.col_version, c.site_id, c.seq, news.length FROM (SELECT key, ifnull((SELECT "
    "s.col_version FROM {clock} AS s WHERE s.key = v.key AND s.col_name = '-1'), 1) AS length FROM {clock} AS v WHERE "
    "db_version = ?1 GROUP BY key) AS news CROSS JOIN {clock} AS c ON c.key = news.key WHERE +c.db_version = ?1 ORDER "
    "BY c.seq, c.key, c.col_name";
inline constexpr const char* kScanByRowSql =
    "SELECT key, col_name, col_version, db_version, site_id, seq FROM {clock} ORDER BY key, col_name";

/// Of a key row: the key columns, whether the base row is there, the cells.
inline constexpr const char* kSelectRowSql =
    "SELECT (SELECT col_version FROM {clock} WHERE key = ?1 AND col_name = '-1'), {shown} FROM {keys} AS k LEFT JOIN "
    "{base row} WHERE k.__crsql_key = ?1";
inline constexpr const char* kShowRowsSql =
    "SELECT k.__crsql_key IS NOT NULL, {shown} FROM crsql_internal_wanted_key(?1) AS w LEFT JOIN {keys} AS k ON "
    "k.__crsql_key = w.key LEFT JOIN {base row}";
/// Rows known at all, and how many of them are deleted.
inline constexpr const char* kCountRowsSql =
    "SELECT (SELECT count(DISTINCT key) FROM {clock}), (SELECT count(*) FROM {clock} WHERE col_name = '-1' AND "
    "(col_version & 1) = 0)";
inline constexpr const char* kEditedSinceSql =
    "SELECT 1 FROM {clock} WHERE key = ?1 AND db_version > ?2 AND site_id <> ?3 AND col_version > 1 AND col_name <> "
    "'-1' LIMIT 1";

// For the check.

/// Of the key row ?1, whether the base table has the row (by its own notion of what is equal, where its collations
/// count, but no affinity changes what the key row holds; and byte by byte), and the key columns.
inline constexpr const char* kCheckRowSql =
    "SELECT {keys:+t.%n = k.%n| AND }, {same row}, {keys:k.%n|, } FROM {keys} AS k LEFT JOIN {base row} WHERE "
    "k.__crsql_key = ?1";
// The others: the keys that have a fault.
/// Where the row is there, it is the row that has no clock rows.
inline constexpr const char* kKeysWithoutClocksSql =
    "SELECT {keys:k.%n|, } FROM {keys} AS k WHERE NOT EXISTS (SELECT 1 FROM {clock} AS c WHERE c.key = k.__crsql_key) "
    "AND NOT EXISTS (SELECT 1 FROM {base} AS t WHERE {same row by base})";
inline constexpr const char* kRowsWithoutClocksSql =
    "SELECT {keys:t.%n|, } FROM {base} AS t WHERE NOT EXISTS (SELECT 1 FROM {keys} AS k JOIN {clock} AS c ON c.key = "
    "k.__crsql_key WHERE {same row})";
inline constexpr const char* kRepeatedKeysSql =
    "SELECT {keys:%n|, } FROM {keys} GROUP BY {keys:%n|, } HAVING count(*) > 1";

}  // namespace rejoin::internal
