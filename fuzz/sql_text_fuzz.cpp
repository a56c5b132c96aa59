// Any text where the engine reads SQL by itself: definitions of tables and columns, wanted schemas, names. Where it is
// refused nothing has changed and the transaction goes on; where it is taken, the shadow tables fit.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "fuzz/target.hpp"
#include "sqlite/sql_scanner.hpp"
#include "sqlite/sql_text.hpp"
#include "support/database.hpp"

namespace rejoin::fuzz {
namespace {

using internal::quoted_text;
using test::Database;
using Lines = std::vector<std::string>;

// What a caller may ask for and should not: files of its choice, endless loops, memory without end.
bool leads_out(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array kWords = {"attach", "vacuum", "pragma", "recursive", "printf",
                                 "format", "blob",   "fts",    "random"};
  return std::any_of(kWords.begin(), kWords.end(), [&](const char* word) { return text.find(word) != text.npos; });
}

Lines everything(const Database& db) {
  Lines all = db.lines("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2");
  for (const char* table : {"t", "t__crsql_clock", "t__crsql_pks", "plain", "crsql_master", "crsql_site_id"}) {
    const Lines rows = db.lines(std::string("SELECT * FROM ") + table);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

void scan(const std::string& text) {
  for (const std::string column : {"a", "id", "order", ""}) {
    std::string definition;
    if (!internal::find_column_definition(text, column, definition)) continue;
    require(definition.ends_with('\n'), "a comment at the end is left open");
    definition.pop_back();
    require(text.find(definition) != text.npos, "a definition that is not in the text");
  }
}

const Database& original() {
  static const Database db = [] {
    Database made;
    made.exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b DEFAULT 1); SELECT crsql_as_crr('t');"
        "CREATE TABLE plain (id TEXT PRIMARY KEY NOT NULL, v, w TEXT); INSERT INTO t VALUES (1, 2, 3);"
        "INSERT INTO plain VALUES ('x', 1, 2)");
    return made;
  }();
  return db;
}

/// Makes a table of the text, if it is one definition and nothing else, and a CRR of the table.
void upgrade(const Database& db, const std::string& text) {
  try {
    test::Statement(db.handle(), "CREATE TABLE made (" + text + ")").run();
  } catch (const test::SqlError&) {
    return;
  }
  const Lines before = everything(db);
  if (db.error_of("SELECT crsql_as_crr('made')")) {
    require(everything(db) == before, "a refused upgrade left something behind");
    return;
  }
  const auto ignored = db.error_of("INSERT INTO made DEFAULT VALUES");
  const auto ignored_too = db.error_of(
      "SELECT crsql_begin_alter('made'); ALTER TABLE made ADD COLUMN added;"
      "SELECT crsql_commit_alter('made')");
}

void run(const std::string& input) {
  if (input.empty() || leads_out(input)) return;
  const std::string text = input.substr(1);
  const std::string literal = test::literal(Value(text));
  scan(text);
  Database db = Database::copy_of(original());
  db.exec("BEGIN; INSERT INTO t VALUES (2, 3, 4); SELECT count(*) FROM crsql_changes");  // with its clocks written
  const Lines before = everything(db);
  std::string sql;
  switch (input[0] % 8) {
    case 0:
      sql = "SELECT crsql_automigrate(" + literal + ")";
      break;
    case 1:
      sql = "SELECT crsql_automigrate('CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b DEFAULT 1, ' || " +
            literal + " || '); SELECT crsql_as_crr(''t'')')";
      break;
    case 2:
      sql = "SELECT crsql_as_crr(" + literal + ")";
      break;
    case 3:
      sql = "SELECT crsql_fract_as_ordered('t', 'a', " + literal + ")";
      break;
    case 4:
      sql = "SELECT crsql_begin_alter(" + literal + ")";
      break;
    case 5:
      if (text.find('\0') == text.npos) upgrade(db, text);
      break;
    case 6:
      sql = "SELECT crsql_config_set(" + literal + ", 1)";
      break;
    default:
      // One statement: what follows a bracket too many must not run.
      if (text.find_first_of(std::string_view(";\0", 2)) == text.npos)
        sql = "CREATE VIRTUAL TABLE made_schema USING clset (" + text + ")";
  }
  if (!sql.empty() && db.error_of(sql)) {
    require(db.in_transaction(), "the application's transaction is gone after: " + sql);
    require(everything(db) == before, "something has changed after an error: " + sql);
  }
  const auto committed = db.error_of("COMMIT");
  if (db.in_transaction()) db.exec("ROLLBACK");
  for (const std::string& fault : db.lines("SELECT * FROM rejoin_check")) require(false, "a fault: " + fault);
  // A table that is no CRR may be one that SQLite itself cannot read.
  const auto unreadable = db.error_of("PRAGMA integrity_check");
  if (unreadable && std::string(unreadable->what()).find("generated column loop") != std::string::npos) return;
  require(!unreadable && db.text("PRAGMA integrity_check") == "ok", "the database is corrupt");
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::run(std::string(reinterpret_cast<const char*>(data), size)); });
}
