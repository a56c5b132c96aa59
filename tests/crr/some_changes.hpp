// Changes at random, of few rows and with much to compare, for those that merge the same in several ways.
#pragma once

#include <random>

#include "crr/fixture.hpp"

namespace rejoin::test {

inline const char* const kTables[] = {
    kTable,
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a INTEGER, b TEXT); SELECT crsql_as_crr('t')",
    "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a REAL, b INTEGER DEFAULT 5, c) WITHOUT ROWID; SELECT "
    "crsql_as_crr('t')",
    "CREATE TABLE t (id PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t'); CREATE TABLE log (x); CREATE TRIGGER "
    "after_update AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.id); END",
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t'); ALTER TABLE t ADD COLUMN c",
};

inline std::vector<Change> some_changes(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned end) { return static_cast<std::int64_t>(random() % end); };
  std::vector<Change> changes;
  while (changes.size() < 60) {
    const auto id = static_cast<std::uint8_t>(1 + below(3));
    const std::int64_t cl = 1 + below(4) / 3 + below(8) / 7;
    for (std::int64_t left = below(5); left >= 0; --left) {
      static const Value kValues[] = {{}, std::int64_t{7}, std::string("8"), 2.5, Blob{1}, std::string("text"), -0.0};
      Change change = cell(below(2) == 0 ? "a" : "b", kValues[below(std::size(kValues))], 1 + below(3), cl);
      if (cl % 2 == 0 || below(9) == 0) change = life(cl);
      if (below(20) == 0) change.site_id = kGreaterPeer;
      change.pk = {1, 9, id};
      if (below(30) == 0) change.pk = {1, 2, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0};  // 1.0
      change.seq = static_cast<std::int64_t>(changes.size());
      changes.push_back(change);
    }
  }
  return changes;
}

/// Everything there is, in tables and clocks; numbers of key rows are given out in other orders.
inline Lines state_of(const Database& db) {
  Lines lines = db.lines("SELECT * FROM t ORDER BY 1");
  for (auto& line : db.lines(
           "SELECT [table], pk, cid, val, col_version, db_version, cl, seq, iif(site_id = crsql_site_id(), 0, site_id) "
           "FROM crsql_changes ORDER BY pk, cid"))
    lines.push_back(std::move(line));
  for (auto& line : db.lines("SELECT * FROM rejoin_check")) lines.push_back(std::move(line));
  lines.push_back(std::to_string(db.integer("SELECT crsql_rows_impacted()")));
  return lines;
}

}  // namespace rejoin::test
