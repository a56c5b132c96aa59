// The tables and triggers beside a CRR are those of cr-sqlite, whose files and peers depend on them.
#include "crr/shadow_schema.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::Lines;

/// Everything in the schema, but without the layout of white space and a semicolon at the end.
Lines schema(const Database& db) {
  Lines out;
  for (const test::Row& row : db.query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")) {
    std::string text;
    for (const char c : std::get<std::string>(row[0])) {
      const bool blank = c == ' ' || c == '\n';
      if (blank && (text.empty() || text.back() == ' ' || text.back() == '(')) continue;
      if (c == ')' && text.back() == ' ') text.pop_back();
      text += blank ? ' ' : c;
    }
    out.push_back(text);
  }
  return out;
}

// This file was written by cr-sqlite 0.16.
TEST(ShadowSchema, IsThatOfAFileWrittenByCrSqlite) {
  const Database theirs(REJOIN_SOURCE_DIR "/examples/places/phone-monday.db", test::Engine::kAbsent,
                        SQLITE_OPEN_READONLY);
  const Database ours;
  ours.exec(theirs.text("SELECT sql FROM sqlite_master WHERE name = 'capitals'"));
  ours.exec("SELECT crsql_as_crr('capitals')");
  EXPECT_EQ(schema(ours), schema(theirs));
}

TEST(ShadowSchema, OfATableWithoutCellsHasKeysAlone) {
  const Database db;
  db.exec("CREATE TABLE t (b NOT NULL, a NOT NULL, PRIMARY KEY (a, b)); SELECT crsql_as_crr('t')");
  EXPECT_EQ(db.text("SELECT sql FROM sqlite_master WHERE name = 't__crsql_utrig'"),
            "CREATE TRIGGER \"t__crsql_utrig\" AFTER UPDATE ON \"t\" WHEN crsql_internal_sync_bit() = 0 BEGIN VALUES "
            "(crsql_after_update('t', NEW.\"a\",NEW.\"b\", OLD.\"a\",OLD.\"b\")); END");
  EXPECT_EQ(db.text("SELECT sql FROM sqlite_master WHERE name = 't__crsql_pks'"),
            "CREATE TABLE \"t__crsql_pks\" (__crsql_key INTEGER PRIMARY KEY, \"a\",\"b\")");
}

TEST(ShadowSchema, QuotesWhateverNameThereIs) {
  const Database db;
  db.exec(
      "CREATE TABLE \"it's \"\"x\"\"\" (\"a\"\"b'c\" PRIMARY KEY NOT NULL, \"d;e\"); SELECT crsql_as_crr('it''s "
      "\"x\"')");
  EXPECT_EQ(db.text("SELECT sql FROM sqlite_master WHERE name LIKE '%itrig'"),
            "CREATE TRIGGER \"it's \"\"x\"\"__crsql_itrig\" AFTER INSERT ON \"it's \"\"x\"\"\" WHEN "
            "crsql_internal_sync_bit() = 0 BEGIN VALUES (crsql_after_insert('it''s \"x\"', NEW.\"a\"\"b'c\")); END");
  db.exec("INSERT INTO \"it's \"\"x\"\"\" VALUES (1, 2); UPDATE \"it's \"\"x\"\"\" SET \"d;e\" = 3");
  EXPECT_EQ(db.lines("SELECT \"table\", cid, val, col_version FROM crsql_changes"), Lines{"'it''s \"x\"'|'d;e'|3|2"});
}

TEST(ShadowSchema, IsMadeWhereItIsMissingAndDroppedWithoutATrace) {
  const Database db;
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a)");
  const Lines before = schema(db);
  Table table;
  ASSERT_TRUE(engine_of(db).catalogue().describe("t", table).ok());
  const std::string make = create_engine_tables_sql() + create_shadow_tables_sql(table);
  db.exec(make);
  db.exec(make + create_triggers_sql(table));
  EXPECT_EQ(schema(db).size(), before.size() + 4 + 3);
  db.exec(drop_triggers_sql(table) + drop_shadow_tables_sql(table));
  db.exec(drop_triggers_sql(table) + drop_shadow_tables_sql(table));
  EXPECT_EQ(schema(db), before);
}

// A temporary table or trigger of the application's is in front of main's in SQLite's search.
TEST(ShadowSchema, GoesIntoMainWhateverStandsInTemp) {
  const Database db;
  db.exec("CREATE TABLE t (id PRIMARY KEY NOT NULL, a); CREATE TEMP TABLE t__crsql_clock (mine)");
  db.exec("CREATE TEMP TABLE t__crsql_pks (mine); CREATE TEMP TABLE crsql_master (mine); SELECT crsql_as_crr('t')");
  db.exec("INSERT INTO t VALUES (1, 2)");
  EXPECT_EQ(db.integer("SELECT count(*) FROM main.t__crsql_clock"), 1);
  EXPECT_EQ(db.integer("SELECT count(*) FROM temp.t__crsql_clock"), 0);
  EXPECT_EQ(test::changes(db), Lines{"'a'|2|1|1|1|0"});
  db.exec("SELECT crsql_as_table('t')");
  EXPECT_EQ(db.integer("SELECT count(*) FROM main.sqlite_master WHERE name LIKE 't\\_\\_crsql%' ESCAPE '\\'"), 0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM temp.t__crsql_clock"), 0);
}

}  // namespace
}  // namespace rejoin::internal
