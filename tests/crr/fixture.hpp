// What the tests of the engine share: a database, changes written shortly, clock rows as lines.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "crr/engine.hpp"
#include "sqlite/sql_text.hpp"
#include "support/site.hpp"

namespace rejoin::test {

using Lines = std::vector<std::string>;

/// Two sites that no replica here is; the second is the greater one.
inline const Blob kPeer(16, 0x11);
inline const Blob kGreaterPeer(16, 0xee);

/// The statements of a table `t (id, a, b)`.
inline constexpr const char* kTable =
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')";

inline std::string clock_sql(const std::string& table) {
  return "SELECT key, col_name, col_version, db_version, site_id, seq FROM " +
         internal::quoted_name(table + "__crsql_clock") + " ORDER BY key, col_name";
}

/// key|column|col_version|db_version|site ordinal|seq
inline Lines clocks(const Database& db, const std::string& table = "t") { return db.lines(clock_sql(table)); }

/// cid, val, col_version, db_version, cl and seq of all changes.
inline Lines changes(const Database& db) {
  return db.lines("SELECT cid, val, col_version, db_version, cl, seq FROM crsql_changes");
}

/// Packs values that are given as SQL: `key(db, "1, 'a'")`.
inline Blob key(const Database& db, const std::string& values) {
  return db.blob("SELECT crsql_pack_columns(" + values + ")");
}

/// A change of a cell of the row of table t whose key is 1, as a peer would send it.
inline Change cell(std::string column, Value value, std::int64_t version, std::int64_t cl = 1) {
  return {"t", {1, 9, 1}, std::move(column), std::move(value), version, 1, kPeer, cl, 0};
}

/// The same for the row itself.
inline Change life(std::int64_t cl) { return cell(kSentinelColumn, {}, cl, cl); }

/// INSERT INTO crsql_changes.
inline void merge(const Database& db, const Change& change) {
  Statement insert(db.handle(),
                   "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  insert.bind(1, change.table).bind(2, change.pk).bind(3, change.column).bind(4, change.value);
  insert.bind(5, change.column_version).bind(6, change.db_version).bind(7, change.site_id);
  insert.bind(8, change.causal_length).bind(9, change.seq);
  insert.run();
}

/// The message of a merge that fails; "" where it does not.
inline std::string merge_error(const Database& db, const Change& change) {
  try {
    merge(db, change);
  } catch (const SqlError& error) {
    return error.what();
  }
  return "";
}

/// The message of SQL that fails; "" where it does not.
inline std::string error_of(const Database& db, std::string_view sql) {
  const auto error = db.error_of(sql);
  return error ? error->what() : "";
}

inline internal::Engine& engine_of(const Database& db) { return *internal::Engine::of(db.handle()); }

/// Everything that is in the database: each table's rows as lines. Equal before and after: nothing was changed.
inline Lines everything(const Database& db) {
  Lines all;
  for (const std::string& table : db.lines("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")) {
    const std::string name = table.substr(1, table.size() - 2);
    all.push_back(name);
    for (std::string& line : db.lines("SELECT * FROM " + internal::quoted_name(name))) all.push_back(std::move(line));
  }
  for (std::string& line : db.lines("SELECT name, sql FROM sqlite_master ORDER BY name"))
    all.push_back(std::move(line));
  return all;
}

}  // namespace rejoin::test
