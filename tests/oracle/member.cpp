#include "oracle/member.hpp"

#include <algorithm>
#include <iterator>

#include "oracle/schema.hpp"
#include "oracle/text.hpp"

namespace rejoin::oracle {

std::size_t sync_news(const Member& from, Member& to) {
  std::int64_t& cursor = to.cursors[from.db];
  const Rows changes =
      from.engine->rows(from.db,
                        "SELECT \"table\", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes "
                        "WHERE db_version > ? AND site_id IS NOT ?",
                        {cursor, to.site});
  if (changes.empty()) return 0;
  to.engine->rows(to.db, "BEGIN");
  for (const Row& change : changes) {
    to.engine->rows(to.db, "INSERT INTO crsql_changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", change);
    cursor = std::max(cursor, std::get<std::int64_t>(change[5]));
  }
  to.engine->rows(to.db, "COMMIT");
  return changes.size();
}

Rows agreed_state(Engine& engine, const std::string& db) {
  Rows state = engine.rows(db, "SELECT \"table\", pk, cid, val, col_version, cl FROM crsql_changes");
  for (const Row& name :
       engine.rows(db,
                   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%crsql!_%' ESCAPE '!' "
                   "AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")) {
    for (Row& row : engine.rows(db, "SELECT * FROM " + identifier(std::get<std::string>(name[0])))) {
      row.insert(row.begin(), name[0]);
      state.push_back(std::move(row));
    }
  }
  std::sort(state.begin(), state.end());
  return state;
}

std::string integrity(Engine& engine, const std::string& db) {
  std::string text;
  for (const Row& row : engine.rows(db, "PRAGMA integrity_check")) text += std::get<std::string>(row[0]);
  return text;
}

std::string difference(const Rows& left, const Rows& right) {
  Rows only;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only));
  std::string text;
  for (const Row& row : only) text += "left only:  " + show(row) + "\n";
  only.clear();
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(only));
  for (const Row& row : only) text += "right only: " + show(row) + "\n";
  return text;
}

}  // namespace rejoin::oracle
