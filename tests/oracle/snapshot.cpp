#include "oracle/snapshot.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "oracle/text.hpp"

namespace rejoin::oracle {

namespace {

constexpr const char* kChanges =
    "SELECT \"table\", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes;";
enum ChangeColumn { kTable, kPk, kCid, kVal, kColVersion, kDbVersion, kSiteId, kCl, kSeq };
enum ClockColumn { kKey, kName, kClockColVersion, kClockDbVersion, kOrdinal, kClockSeq, kKeyValues };

constexpr const char* kClockSuffix = "__crsql_clock";

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

std::int64_t integer(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

void sort_rows(Rows& rows) { std::sort(rows.begin(), rows.end()); }

std::vector<std::string> table_names(Engine& engine, const std::string& db) {
  std::vector<std::string> names;
  for (const Row& row : engine.rows(db,
                                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                                    "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")) {
    names.push_back(std::get<std::string>(row[0]));
  }
  return names;
}

// The SQL of one object without the white space outside of quotes: how it is laid out is nobody's business.
std::string squeezed(const std::string& sql) {
  std::string text;
  char quote = 0;
  for (const char c : sql) {
    if (quote == 0 && (c == ' ' || c == '\n' || c == '\t')) continue;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    if (c != '"') text += c;  // what need not be quoted may be quoted or not
  }
  return text;
}

void squeeze_schema(Rows& rows) {
  for (Row& row : rows) {
    if (auto* sql = std::get_if<std::string>(&row.back())) *sql = squeezed(*sql);
  }
}

// A row of crsql_master that says which version an alter found.
bool is_version_note(const Row& row) { return row[0] == Value(std::string("pre_compact_dbversion")); }

}  // namespace

Snapshot take_snapshot(Engine& engine, const Sites& sites, const std::string& db) {
  Snapshot shot;
  // The changes first: reading them brings Rejoin's shadow tables up to date.
  std::string sql = std::string(kChanges) + "SELECT crsql_db_version();";
  sql +=
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex%' "
      "AND name NOT LIKE '%fractindex%';";
  std::vector<std::pair<std::string, char>> parts;
  for (const std::string& name : table_names(engine, db)) {
    const std::size_t cut = name.size() - std::min(name.size(), std::string(kClockSuffix).size());
    if (name.substr(cut) == kClockSuffix) {
      const std::string table = name.substr(0, cut);
      const std::string pks = quoted(table + "__crsql_pks");
      sql += "SELECT c.key, c.col_name, c.col_version, c.db_version, c.site_id, c.seq, p.* FROM " + quoted(name) +
             " AS c LEFT JOIN " + pks + " AS p ON p.__crsql_key = c.key ORDER BY c.key, c.col_name;";
      sql += "SELECT * FROM " + pks + " WHERE __crsql_key NOT IN (SELECT key FROM " + quoted(name) + ");";
      parts.emplace_back(table, 'c');
      parts.emplace_back(table, 'o');
    } else if (!name.ends_with("__crsql_pks")) {
      sql += "SELECT * FROM " + quoted(name) + (name == "crsql_master" ? " WHERE key <> 'crsqlite_version';" : ";");
      parts.emplace_back(name, 't');
    }
  }
  Answer answer = engine.run(db, sql);
  if (answer.trapped || answer.failure) {
    shot.error = answer.trapped ? "trap" : "error";
    return shot;
  }
  for (Rows& rows : answer.results) sites.mask(rows);
  shot.changes = std::move(answer.results[0]);
  shot.version = integer(answer.results[1].at(0).at(0));
  for (const Row& row : shot.changes) shot.stored_version = std::max(shot.stored_version, integer(row[kDbVersion]));
  squeeze_schema(answer.results[2]);
  sort_rows(answer.results[2]);
  shot.tables["sqlite_master"] = std::move(answer.results[2]);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Rows& rows = answer.results[3 + i];
    const auto& [name, kind] = parts[i];
    if (kind == 'c') {
      for (Row& row : rows) row.erase(row.begin() + kKeyValues);  // the key's number again
      shot.clocks[name] = std::move(rows);
    } else if (kind == 'o') {
      shot.orphans[name] = std::move(rows);
    } else {
      sort_rows(rows);
      shot.tables[name] = std::move(rows);
    }
  }
  // An alter that takes away the last clock row of a version leaves the version in a note.
  for (const Row& row : shot.tables["crsql_master"]) {
    if (is_version_note(row)) shot.stored_version = std::max(shot.stored_version, integer(row[1]));
  }
  return shot;
}

namespace {

// Where the reference has left holes among the places of a version (a rolled back statement, a REPLACE, a cell that was
// written twice), Rejoin's places are lower, in the same order. Then the reference is given Rejoin's.
class Holes {
 public:
  Holes(const Snapshot& reference, const Snapshot& ours, const Value& own) {
    std::map<std::string, const Row*> found;
    for (const Row& row : ours.changes) found[cell_of(row)] = &row;
    std::map<std::int64_t, std::vector<Pair>> pairs;
    for (const Row& row : reference.changes) {
      const auto other = found.find(cell_of(row));
      if (row[kSiteId] != own || other == found.end()) continue;
      const bool ordered =
          integer(row[kColVersion]) != 0;  // a cell of an earlier life keeps the place that it had then
      pairs[integer(row[kDbVersion])].push_back({integer(row[kSeq]), integer((*other->second)[kSeq]), ordered});
    }
    for (const auto& [version, list] : pairs) {
      if (are_shifted(list)) versions_.insert(version);
    }
  }

  [[nodiscard]] bool in(std::int64_t version) const { return versions_.contains(version); }

  static std::string cell_of(const Row& row) {
    return show(row[kTable]) + show(row[kPk]) + show(row[kCid]) + "@" + show(row[kDbVersion]);
  }

 private:
  struct Pair {
    std::int64_t reference = 0;
    std::int64_t ours = 0;
    bool ordered = true;
    bool operator<(const Pair& other) const { return reference < other.reference; }
  };

  static bool are_shifted(std::vector<Pair> pairs) {
    std::sort(pairs.begin(), pairs.end());
    std::int64_t reference_before = -1;
    std::int64_t before = -1;
    for (const Pair& pair : pairs) {
      if (pair.ours > pair.reference) return false;
      if (!pair.ordered || pair.ours == pair.reference) continue;
      if (pair.reference > reference_before ? pair.ours <= before : pair.ours != before) return false;
      reference_before = pair.reference;
      before = pair.ours;
    }
    return true;
  }

  std::set<std::int64_t> versions_;
};

// The place of each local cell in `rows`, by what names the cell; taken over from `ours` in the versions with holes.
void take_places(Rows& rows, const Rows& ours, const Holes& holes, std::size_t version, std::size_t seq,
                 const std::function<std::string(const Row&)>& local_cell) {
  std::map<std::string, Value> places;
  for (const Row& row : ours) places[local_cell(row)] = row[seq];
  for (Row& row : rows) {
    const auto found = places.find(local_cell(row));
    if (!local_cell(row).empty() && holes.in(integer(row[version])) && found != places.end()) row[seq] = found->second;
  }
}

void close_holes(Snapshot& reference, const Snapshot& ours, const std::string& own) {
  const Holes holes(reference, ours, own);
  take_places(reference.changes, ours.changes, holes, kDbVersion, kSeq,
              [&](const Row& row) { return row[kSiteId] == Value(own) ? Holes::cell_of(row) : std::string(); });
  for (auto& [table, rows] : reference.clocks) {
    const auto other = ours.clocks.find(table);
    if (other == ours.clocks.end()) continue;
    take_places(rows, other->second, holes, kClockDbVersion, kClockSeq, [](const Row& row) {
      std::string cell = show(row[kName]) + "@" + show(row[kClockDbVersion]);
      for (std::size_t i = kKeyValues; i < row.size(); ++i) cell += "|" + show(row[i]);
      return integer(row[kOrdinal]) == 0 ? cell : std::string();
    });
  }
}

std::string unordered_changes(const Snapshot& shot) {
  for (std::size_t i = 1; i < shot.changes.size(); ++i) {
    const Row& before = shot.changes[i - 1];
    const Row& after = shot.changes[i];
    const auto place = [](const Row& row) { return std::pair(integer(row[kDbVersion]), integer(row[kSeq])); };
    if (place(after) < place(before))
      return "crsql_changes out of order: " + show(before) + " before " + show(after) + "\n";
  }
  return {};
}

// Changes at the same place may come in any order.
void sort_changes(Rows& rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    const auto place = [](const Row& row) {
      return std::tie(row[kDbVersion], row[kSeq], row[kTable], row[kPk], row[kCid]);
    };
    return place(a) < place(b);
  });
}

void forget_key_numbers(Rows& rows) {
  for (Row& row : rows) row.erase(row.begin());
  sort_rows(rows);
}

void report(std::ostringstream& out, const std::string& what, const Rows& reference, const Rows& ours) {
  if (reference == ours) return;
  std::multiset<std::string> left;
  std::multiset<std::string> right;
  for (const Row& row : reference) left.insert(show(row));
  for (const Row& row : ours) right.insert(show(row));
  out << what << " differs\n";
  std::vector<std::string> only;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only));
  for (const std::string& line : only) out << "  reference only: " << line << "\n";
  only.clear();
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(only));
  for (const std::string& line : only) out << "  rejoin only:    " << line << "\n";
}

void report_all(std::ostringstream& out, const std::string& what, const std::map<std::string, Rows>& reference,
                const std::map<std::string, Rows>& ours) {
  std::set<std::string> names;
  for (const auto& [name, rows] : reference) names.insert(name);
  for (const auto& [name, rows] : ours) names.insert(name);
  for (const std::string& name : names) {
    if (!reference.contains(name) || !ours.contains(name)) {
      out << what << name << ": " << (ours.contains(name) ? "rejoin" : "reference") << " only\n";
    } else {
      report(out, what + name, reference.at(name), ours.at(name));
    }
  }
}

// Who is said to have written a remnant, a cell of an earlier life, is known to differ (rule remnant-writer).
void forget_remnant_writers(Snapshot& shot) {
  for (Row& row : shot.changes) {
    if (integer(row[kColVersion]) == 0 && row[kCid] != Value(std::string("-1"))) row[kSiteId] = Value();
  }
  for (auto& [table, rows] : shot.clocks) {
    for (Row& row : rows) {
      if (integer(row[kClockColVersion]) == 0 && row[kName] != Value(std::string("-1"))) row[kOrdinal] = Value();
    }
  }
}

// The reference notes pre_compact_dbversion also where it has altered nothing (rule automigrate).
void drop_needless_version(Snapshot& reference, const Snapshot& ours) {
  const auto other = ours.tables.find("crsql_master");
  if (other == ours.tables.end()) return;
  if (std::any_of(other->second.begin(), other->second.end(), is_version_note)) return;
  std::erase_if(reference.tables["crsql_master"],
                [&](const Row& row) { return is_version_note(row) && integer(row[1]) <= ours.version; });
}

}  // namespace

std::string compare(Snapshot reference, Snapshot ours, Allowances allowed, const std::string& db) {
  std::ostringstream out;
  if (!reference.error.empty() || !ours.error.empty()) {
    if (reference.error.empty() != ours.error.empty()) {
      out << "reading the state: reference '" << reference.error << "', rejoin '" << ours.error << "'\n";
    }
    return out.str();
  }
  out << unordered_changes(ours);
  const bool phantom =
      allowed.phantom_version && reference.version > reference.stored_version && ours.version == ours.stored_version;
  if (reference.version != ours.version && !phantom) {
    out << "crsql_db_version: reference " << reference.version << ", rejoin " << ours.version << "\n";
  }
  const std::string own = "{site " + db + "}";
  close_holes(reference, ours, own);
  forget_remnant_writers(reference);
  forget_remnant_writers(ours);
  sort_changes(reference.changes);
  sort_changes(ours.changes);
  report(out, "crsql_changes", reference.changes, ours.changes);
  if (allowed.key_numbers) {
    for (auto& [table, rows] : reference.clocks) forget_key_numbers(rows);
    for (auto& [table, rows] : ours.clocks) forget_key_numbers(rows);
  }
  drop_needless_version(reference, ours);
  report_all(out, "clocks of ", reference.clocks, ours.clocks);
  report_all(out, "", reference.tables, ours.tables);
  for (const auto& [table, rows] : ours.orphans) {
    if (!rows.empty()) out << "rejoin has keys without a clock in " << table << ": " << show(rows);
  }
  return out.str();
}

}  // namespace rejoin::oracle
