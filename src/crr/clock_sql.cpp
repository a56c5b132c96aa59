#include "crr/clock_sql.hpp"

#include <algorithm>

#include "crr/column_list.hpp"
#include "crr/format.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

/// What a word in braces stands for, where that is the same for every table but for the words in it.
struct Word {
  std::string_view word;
  const char* form;
};

constexpr Word kWords[] = {
    {"columns", "(key, col_name, col_version, db_version, site_id, seq)"},
    // A key row k and a base row t are of one row. The plus takes the base column's affinity away, with which the index
    // of the key table could not be used. By base: found by the base table's own index, which may have a wider notion
    // of what is equal.
    {"same row", "{keys:k.%n = +t.%n| AND }"},
    {"same row by base", "{same row}{keys: AND t.%n = k.%n|}"},
    {"base row", "{base} AS t ON {keys:t.%n = k.%n| AND }"},
    {"shown", "{keys:k.%n|, }, {there}{cells:, t.%n|}"},
    // Counted up, or NULL, which no clock row may hold, where no peer would take it any more.
    {"next version", "CASE WHEN col_version + 1 < {limit} THEN col_version + 1 END"},
    {"next life",
     "CASE WHEN col_version + 1 + (col_version & 1) < {limit} THEN col_version + 1 + (col_version & 1) END"},
    {"next death",
     "CASE WHEN col_version + 2 - (col_version & 1) < {limit} THEN col_version + 2 - (col_version & 1) END"},
    {"or touch",
     "ON CONFLICT (key, col_name) DO UPDATE SET col_version = {next version}, db_version = excluded.db_version, "
     "site_id = 0, seq = excluded.seq"},
    {"or bury",
     "ON CONFLICT (key, col_name) DO UPDATE SET col_version = {next death}, db_version = excluded.db_version, site_id "
     "= 0, seq = excluded.seq"},
    {"stamp", "db_version = ?1, site_id = 0, seq = crsql_internal_seq(key, col_name)"},
    {"listed", "key IN (SELECT row FROM crsql_internal_rows)"},
};

void fill(std::string& out, const Table& table, std::string_view form);

/// All clock rows but the sentinel. One range is read faster than two; few names come before "-1".
const char* cells_only(const Table& table) {
  const auto after = [](const Column& cell) { return cell.name > kSentinel; };
  const bool all_after = std::all_of(table.cells.begin(), table.cells.end(), after);
  return all_after ? "col_name > '-1'" : "col_name <> '-1'";
}

/// Appends what `word` stands for.
void put(std::string& out, const Table& table, std::string_view word) {
  if (const std::size_t bar = word.find('|'); bar != word.npos) {
    const std::size_t colon = word.find(':');
    const std::string form(word.substr(colon + 1, bar - colon - 1));
    out += listed(word.starts_with("keys") ? table.keys : table.cells, form.c_str(),
                  std::string(word.substr(bar + 1)).c_str());
  } else if (word == "clock") {
    out += clock_name(table);
  } else if (word == "keys") {
    out += keys_name(table);
  } else if (word == "base") {
    append(out, "main.%n", {table.name});
  } else if (word == "limit") {
    append(out, "%s", {kVersionLimit});
  } else if (word == "gather") {
    out += kGatherFunction;
  } else if (word == "any cell") {
    out += cells_only(table);
  } else if (word == "cell") {
    out += table.cells.empty() ? "'-1'" : "name";
  } else if (word == "new row") {
    fill(out, table, table.cells.empty() ? "(?1, '-1', 1, ?2, 0, ?3)" : "{cells:(?1, %t, 1, ?2, 0, ?3 + %o)|, }");
  } else if (word == "behind keys") {
    append(out, "%s", {table.keys.size() + 1});
  } else if (word == "there") {
    append(out, "t.%n IS NOT NULL", {table.keys[0].name});
  } else {
    const auto is_it = [&](const Word& known) { return known.word == word; };
    fill(out, table, std::find_if(std::begin(kWords), std::end(kWords), is_it)->form);
  }
}

void fill(std::string& out, const Table& table, std::string_view form) {
  for (std::size_t open = form.find('{'); open != form.npos; open = form.find('{')) {
    const std::size_t close = form.find('}', open);
    out += form.substr(0, open);
    put(out, table, form.substr(open + 1, close - open - 1));
    form.remove_prefix(close + 1);
  }
  out += form;
}

}  // namespace

std::string clock_name(const Table& table) { return compose("main.%n", {table.shadow(kClockSuffix)}); }
std::string keys_name(const Table& table) { return compose("main.%n", {table.shadow(kKeysSuffix)}); }

std::string sql_of(const Table& table, const char* form) {
  std::string out;
  fill(out, table, form);
  return out;
}

}  // namespace rejoin::internal
