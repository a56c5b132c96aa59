// Ordered lists: crsql_fract_as_ordered, its triggers and its view, on one database.
#include "crr/ordered_list.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTodo =
    "CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord, content); SELECT crsql_as_crr('todo'); "
    "SELECT crsql_fract_as_ordered('todo', 'ord', 'list')";

/// The ids of a list in its order, with their ordering keys.
Lines places(const Database& db, const std::string& list = "1") {
  return db.lines("SELECT id, ord FROM todo WHERE list IS " + list + " ORDER BY ord, id");
}

TEST(OrderedList, MinusOneIsFirstAndOneIsLast) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, -1, 'a'), (2, 1, 1, 'b'), (3, 1, 1, 'c'), (4, 1, -1, 'd'), (5, 2, 1, 'e')");
  EXPECT_EQ(places(db), (Lines{"4|'Z~'", "1|'a '", "2|'a!'", "3|'a\"'"}));
  EXPECT_EQ(places(db, "2"), (Lines{"5|'a '"}));
  db.exec("UPDATE todo SET ord = 1 WHERE id = 1");
  db.exec("UPDATE todo SET ord = -1 WHERE id = 3");
  EXPECT_EQ(places(db), (Lines{"3|'Z}'", "4|'Z~'", "2|'a!'", "1|'a#'"}));
  db.exec("INSERT INTO todo VALUES (6, 1, NULL, 'no place'), (7, 1, 'a!V', 'its own place')");
  EXPECT_EQ(places(db), (Lines{"6|NULL", "3|'Z}'", "4|'Z~'", "2|'a!'", "7|'a!V'", "1|'a#'"}));
}

TEST(OrderedList, ManyRowsInOneStatementKeepTheirOrder) {
  const Database db;
  db.exec(kTodo);
  db.exec(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
      "INSERT INTO todo SELECT i, 1, 1, NULL FROM n");
  EXPECT_EQ(
      db.integer("SELECT count(*) FROM (SELECT id, row_number() OVER (ORDER BY ord) AS r FROM todo) WHERE id <> r"), 0);
  db.exec("UPDATE todo SET ord = 1");
  EXPECT_EQ(db.integer("SELECT count(DISTINCT ord) FROM todo"), 500);
}

// The names are those that a program reads from the schema of cr-sqlite; no text of it is the same.
TEST(OrderedList, MakesTheViewAndTriggersOfTheReferenceByName) {
  const Database db;
  db.exec(kTodo);
  EXPECT_EQ(db.lines("SELECT type, name, tbl_name FROM sqlite_master WHERE name LIKE '%fractindex%' ORDER BY name"),
            (Lines{"'trigger'|'__crsql_todo_fractindex_ezmove'|'todo'",
                   "'trigger'|'__crsql_todo_fractindex_pend_trig'|'todo'", "'view'|'todo_fractindex'|'todo_fractindex'",
                   "'trigger'|'todo_fractindex_insert_trig'|'todo_fractindex'",
                   "'trigger'|'todo_fractindex_update_trig'|'todo_fractindex'"}));
  EXPECT_EQ(db.lines("SELECT name FROM pragma_table_info('todo_fractindex')"),
            (Lines{"'id'", "'list'", "'ord'", "'content'", "'after_id'"}));
  EXPECT_EQ(db.lines("SELECT crsql_fract_as_ordered('todo', 'ord', 'list')"), (Lines{"NULL"}));
}

TEST(OrderedList, TheViewInsertsAndMovesAfterAnotherRow) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 1, 'b'), (3, 1, 1, 'c')");
  db.exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (4, 1, 'd', 1)");
  EXPECT_EQ(places(db), (Lines{"1|'a '", "4|'a P'", "2|'a!'", "3|'a\"'"}));
  db.exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (5, 1, 'first', NULL)");
  db.exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (6, 1, 'after nobody', 99)");
  db.exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (7, 1, 'last', 3)");
  EXPECT_EQ(places(db), (Lines{"6|'Z}'", "5|'Z~'", "1|'a '", "4|'a P'", "2|'a!'", "3|'a\"'", "7|'a#'"}));
  db.exec("UPDATE todo_fractindex SET after_id = 2 WHERE id = 6");
  db.exec("UPDATE todo_fractindex SET after_id = NULL WHERE id = 3");
  EXPECT_EQ(places(db), (Lines{"3|'Z}'", "5|'Z~'", "1|'a '", "4|'a P'", "2|'a!'", "6|'a!P'", "7|'a#'"}));
  EXPECT_EQ(db.text("SELECT content FROM todo WHERE id = 6"), "after nobody");
  db.exec("INSERT INTO todo_fractindex (list, after_id) VALUES (1, 7)");
  EXPECT_EQ(db.lines("SELECT id, ord FROM todo WHERE id > 7"), (Lines{"8|'a$'"}));
}

TEST(OrderedList, AMoveToAnotherListThroughTheView) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 1, 'b'), (3, 2, 1, 'c'), (4, 2, 1, 'd')");
  db.exec("UPDATE todo_fractindex SET list = 2, after_id = 3 WHERE id = 1");
  EXPECT_EQ(places(db, "1"), (Lines{"2|'a!'"}));
  EXPECT_EQ(places(db, "2"), (Lines{"3|'a '", "1|'a P'", "4|'a!'"}));
}

// The reference updates the row that has the new key already, or none.
TEST(OrderedList, AKeyChangeThroughTheViewIsOfTheRowThatItNames) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 1, 'b')");
  db.exec("UPDATE todo_fractindex SET id = 9, after_id = 2 WHERE id = 1");
  EXPECT_EQ(db.lines("SELECT id, content FROM todo ORDER BY ord"), (Lines{"2|'b'", "9|'a'"}));
  EXPECT_TRUE(db.error_of("UPDATE todo_fractindex SET id = 9, after_id = NULL WHERE id = 2"));
  EXPECT_EQ(db.lines("SELECT id, content FROM todo ORDER BY ord"), (Lines{"2|'b'", "9|'a'"}));
}

TEST(OrderedList, TellsRowsOfOnePlaceApart) {
  const Database db;
  db.exec(kTodo);
  db.exec(
      "INSERT INTO todo VALUES (1, 1, 'a ', 'x'), (2, 1, 'a!', 'x'), (3, 1, 'a!', 'x'), (4, 1, 'a!', 'x'), "
      "(5, 1, 'a#', 'x'), (9, 2, 'a U', 'of another list')");
  db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (6, 1, 3)");
  EXPECT_EQ(places(db), (Lines{"1|'a '", "3|'a P'", "6|'a h'", "2|'a!'", "4|'a!'", "5|'a#'"}));
  db.exec("UPDATE todo_fractindex SET after_id = 2 WHERE id = 5");
  EXPECT_EQ(places(db), (Lines{"1|'a '", "3|'a P'", "6|'a h'", "2|'a t'", "5|'a z'", "4|'a!'"}));
  // At the very front there is nothing before them.
  db.exec("UPDATE todo SET ord = 'a ' WHERE id = 3");
  db.exec("UPDATE todo_fractindex SET after_id = 1 WHERE id = 4");
  EXPECT_EQ(places(db), (Lines{"1|'Z~'", "4|'Z~P'", "3|'a '", "6|'a h'", "2|'a t'", "5|'a z'"}));
}

TEST(OrderedList, ResolvesAConflictWhenAskedByHand) {
  const Database db;
  db.exec("CREATE TABLE w (a NOT NULL, b NOT NULL, l, pos, PRIMARY KEY (a, b))");
  db.exec("INSERT INTO w VALUES (1, 1, 1, 'a '), (1, 2, 1, 'a '), (1, 3, 1, 'a!')");
  const std::string call = "SELECT crsql_fract_fix_conflict_return_old_key(";
  EXPECT_EQ(db.text(call + "'w', 'pos', 'l', -1, 'a', 'b', 1, 1)"), "Z~P");
  EXPECT_EQ(db.lines("SELECT b, pos FROM w ORDER BY pos"), (Lines{"1|'Z~'", "2|'a '", "3|'a!'"}));
  EXPECT_EQ(db.text(call + "'w', 'pos', 1, 'a', 'b', 1, 1)"), "Z}P");
  const auto error = [&](const std::string& arguments) { return error_of(db, call + arguments + ")"); };
  EXPECT_NE(error("'w', 'pos', 'l', -1, 'a', 'b', 1, 9").find("table \"w\" apart by \"pos\": there is no row"),
            std::string::npos);
  EXPECT_NE(error("'w', 'nope', 'l', -1, 'a', 1").find("table \"w\" has no column \"nope\""), std::string::npos);
  EXPECT_NE(error("'w', 'pos', 'nope', -1, 'a', 1").find("no column \"nope\""), std::string::npos);
  EXPECT_NE(error("'w', 'pos', 'l', -1, 'nope', 1").find("no column \"nope\""), std::string::npos);
  EXPECT_NE(error("'nope', 'pos', 'l', -1, 'a', 1").find("no table \"nope\""), std::string::npos);
  EXPECT_NE(error("'w', 'pos', 'l', 'a', 1").find("wanted table"), std::string::npos);
  EXPECT_NE(error("'w', 'pos', 'l', -1, 'a', 'b', 1").find("wanted table"), std::string::npos);
  db.exec("UPDATE w SET pos = '?' WHERE b = 2");
  EXPECT_NE(error("'w', 'pos', 'l', -1, 'a', 'b', 1, 2").find("\"pos\": ordering key '?'"), std::string::npos);
  EXPECT_EQ(db.lines("SELECT b, pos FROM w ORDER BY b"), (Lines{"1|'Z}'", "2|'?'", "3|'a!'"}));
}

TEST(OrderedList, WorksForAnyLegalName) {
  const Database db;
  db.exec(
      "CREATE TABLE \"it's a \"\"list\"\"\" (\"the \"\"key\"\"\" NOT NULL, \"order\" NOT NULL, \"select\", \"a.b\", "
      "\"o'r'd\" TEXT, PRIMARY KEY (\"the \"\"key\"\"\", \"order\")); "
      "SELECT crsql_as_crr('it''s a \"list\"'); "
      "SELECT crsql_fract_as_ordered('it''s a \"list\"', 'o''r''d', 'select', 'a.b')");
  db.exec(
      "INSERT INTO \"it's a \"\"list\"\"\" VALUES ('x', 1, 's', 'b', 1), ('x', 2, 's', 'b', 1), ('y', 1, 's', 'c', 1)");
  const std::string insert =
      "INSERT INTO \"it's a \"\"list\"\"_fractindex\" (\"the \"\"key\"\"\", \"order\", \"select\", \"a.b\", "
      "\"after_the \"\"key\"\"\", after_order) VALUES ";
  db.exec(insert + "('z', 1, 's', 'b', 'x', 1)");
  const std::string rows =
      "SELECT \"the \"\"key\"\"\", \"order\", \"o'r'd\" FROM \"it's a \"\"list\"\"\" WHERE \"a.b\" = 'b' ORDER BY 3, "
      "1, 2";
  EXPECT_EQ(db.lines(rows), (Lines{"'x'|1|'a '", "'z'|1|'a P'", "'x'|2|'a!'"}));
  db.exec("UPDATE \"it's a \"\"list\"\"\" SET \"o'r'd\" = 'a!' WHERE \"the \"\"key\"\"\" = 'z'");
  db.exec(insert + "('n', 1, 's', 'b', 'x', 2)");  // two rows at that place
  EXPECT_EQ(db.lines(rows), (Lines{"'x'|1|'a '", "'x'|2|'a P'", "'n'|1|'a h'", "'z'|1|'a!'"}));
}

TEST(OrderedList, NamesMayBeWrittenInAnotherCase) {
  const Database db;
  db.exec(
      "CREATE TABLE Todo (Id INTEGER PRIMARY KEY NOT NULL, List, Ord); "
      "SELECT crsql_fract_as_ordered('toDo', 'oRD', 'lIST'); INSERT INTO todo VALUES (1, 1, 1), (2, 1, 1), "
      "(3, 1, 'a '); INSERT INTO todo_fractindex (id, list, after_id) VALUES (4, 1, 1)");
  EXPECT_EQ(places(db), (Lines{"1|'Z~'", "4|'Z~P'", "3|'a '", "2|'a!'"}));
}

TEST(OrderedList, WorksForEveryKindOfTable) {
  for (const char* table :
       {"id INTEGER PRIMARY KEY NOT NULL, list, ord, content) WITHOUT ROWID",
        "id INTEGER PRIMARY KEY NOT NULL, list ANY, ord TEXT, content ANY) STRICT",
        "id INTEGER PRIMARY KEY NOT NULL, list, twice AS (id * 2) STORED, ord, content, thrice AS (id * 3))",
        "id INTEGER PRIMARY KEY NOT NULL, list, ord TEXT COLLATE NOCASE, content)",
        "id INTEGER PRIMARY KEY NOT NULL, list, ord REAL, content)",
        "id INTEGER PRIMARY KEY NOT NULL, list, ord UNIQUE, content, _rowid_)",
        "id PRIMARY KEY, list, ord, content)"}) {
    const Database db;
    db.exec(std::string("CREATE TABLE todo (") + table);
    db.exec("SELECT crsql_fract_as_ordered('todo', 'ord', 'list')");
    db.exec("INSERT INTO todo (id, list, ord) VALUES (1, 1, 1), (2, 1, 1), (3, 1, -1)");
    db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (4, 1, 1)");
    db.exec("UPDATE todo_fractindex SET after_id = 2 WHERE id = 3");
    EXPECT_EQ(places(db), (Lines{"1|'a '", "4|'a P'", "2|'a!'", "3|'a\"'"})) << table;
  }
}

// A host that binds every number as a real, and a column that stores it as text.
TEST(OrderedList, TakesTheNumberInAnyForm) {
  const Database db;
  db.exec(
      "CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord TEXT); "
      "SELECT crsql_fract_as_ordered('todo', 'ord', 'list')");
  db.exec("INSERT INTO todo VALUES (1, 1, 1.0), (2, 1, '1'), (3, 1, -1.0), (4, 1, '-1')");
  EXPECT_EQ(places(db), (Lines{"4|'Z}'", "3|'Z~'", "1|'a '", "2|'a!'"}));
  db.exec("UPDATE todo SET ord = 1.0 WHERE id = 4");
  EXPECT_EQ(places(db), (Lines{"3|'Z~'", "1|'a '", "2|'a!'", "4|'a\"'"}));
}

// The keys are told apart by their bytes where the column is not.
TEST(OrderedList, KeysCompareAsBytesWhateverTheCollation) {
  const Database db;
  db.exec(
      "CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord TEXT COLLATE NOCASE); "
      "SELECT crsql_fract_as_ordered('todo', 'ord', 'list')");
  db.exec("INSERT INTO todo VALUES (1, 1, 'Z~'), (2, 1, 'a '), (3, 1, 'aB'), (4, 1, 'ab'), (5, 1, 'bZZ'), (6, 1, 1)");
  EXPECT_EQ(db.lines("SELECT ord FROM todo WHERE id = 6"), (Lines{"'bZ['"}));
  db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (7, 1, 3)");
  EXPECT_EQ(db.lines("SELECT ord FROM todo WHERE id = 7"), (Lines{"'aC'"}));
  db.exec("INSERT INTO todo VALUES (8, 1, -1)");
  EXPECT_EQ(db.lines("SELECT ord FROM todo WHERE id = 8"), (Lines{"'Z}'"}));
}

// The reference gives every row of a list without a name the same key.
TEST(OrderedList, RowsWithoutAListAreAListToo) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, NULL, 1, 'a'), (2, NULL, 1, 'b'), (3, NULL, -1, 'c')");
  db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (4, NULL, 1)");
  EXPECT_EQ(places(db, "NULL"), (Lines{"3|'Z~'", "1|'a '", "4|'a P'", "2|'a!'"}));
}

TEST(OrderedList, ListColumnsMayBeNoneOrSeveral) {
  const Database db;
  db.exec("CREATE TABLE w (a INTEGER PRIMARY KEY NOT NULL, l, m, pos); SELECT crsql_fract_as_ordered('w', 'pos')");
  db.exec("INSERT INTO w VALUES (1, 1, 1, 1), (2, 2, 1, 1), (3, 1, 2, 1)");
  EXPECT_EQ(db.lines("SELECT a, pos FROM w ORDER BY a"), (Lines{"1|'a '", "2|'a!'", "3|'a\"'"}));
  // A second call replaces what the first one made.
  db.exec("SELECT crsql_fract_as_ordered('w', 'pos', 'l', 'm'); DELETE FROM w");
  db.exec("INSERT INTO w VALUES (1, 1, 1, 1), (2, 2, 1, 1), (3, 1, 2, 1), (4, 1, 1, 1)");
  EXPECT_EQ(db.lines("SELECT a, pos FROM w ORDER BY a"), (Lines{"1|'a '", "2|'a '", "3|'a '", "4|'a!'"}));
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"), 4);
}

TEST(OrderedList, ACallAfterARenameLeavesNoTriggerOfTheOldName) {
  const Database db;
  db.exec(
      "CREATE TABLE w (a INTEGER PRIMARY KEY NOT NULL, pos); SELECT crsql_fract_as_ordered('w', 'pos'); "
      "ALTER TABLE w RENAME TO x; ALTER TABLE x RENAME COLUMN pos TO place; "
      "SELECT crsql_fract_as_ordered('x', 'place')");
  EXPECT_EQ(db.lines("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'x' ORDER BY 1"),
            (Lines{"'__crsql_x_fractindex_ezmove'", "'__crsql_x_fractindex_pend_trig'"}));
  db.exec("INSERT INTO x VALUES (1, 'a '), (2, 'a '); INSERT INTO x_fractindex (a, after_a) VALUES (3, 1)");
  EXPECT_EQ(db.lines("SELECT * FROM x ORDER BY place"), (Lines{"1|'Z~'", "3|'Z~P'", "2|'a '"}));
}

TEST(OrderedList, AFailureChangesNothingAndNamesTableAndColumn) {
  const Database db;
  db.exec(kTodo);
  db.exec(
      "CREATE TABLE keyless (a, b); CREATE TABLE other (id INTEGER PRIMARY KEY NOT NULL, ord); "
      "CREATE TABLE other_fractindex (x); CREATE TABLE one (ord PRIMARY KEY NOT NULL)");
  const auto fails = [&](const std::string& arguments, const std::string& why) {
    db.exec("BEGIN; INSERT INTO todo VALUES (1, 1, 1, 'mine')");
    const Lines before = everything(db);
    const std::string error = error_of(db, "SELECT crsql_fract_as_ordered(" + arguments + ")");
    EXPECT_NE(error.find(why), std::string::npos) << arguments << ": " << error;
    EXPECT_TRUE(db.in_transaction());
    EXPECT_EQ(everything(db), before) << arguments;
    db.exec("COMMIT; DELETE FROM todo");
  };
  fails("'nope', 'ord'", "no table \"nope\"");
  fails("'todo', 'nope', 'list'", "table \"todo\" has no column \"nope\"");
  fails("'todo', 'ord', 'nope'", "table \"todo\" has no column \"nope\"");
  fails("'todo', 'ord', 'ord'", "table \"todo\" cannot be ordered: column \"ord\" is named twice");
  fails("'todo', 'ord', 'list', 'LIST'", "column \"list\" is named twice");
  fails("'keyless', 'a'", "table \"keyless\" cannot be ordered by \"a\": it has no primary key");
  fails("'one', 'ord'", "no column but \"ord\"");
  fails("'todo_fractindex', 'ord'", "\"todo_fractindex\" is not an ordinary table");
  fails("'other', 'ord'", "other_fractindex");
  fails("'todo', NULL", "no column");
  fails("NULL, 'ord'", "no table");
  fails("'todo'", "1 arguments, wanted 2 or more");
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'still ordered')");
  EXPECT_EQ(places(db), (Lines{"1|'a '"}));
}

TEST(OrderedList, IsNotForSchemasToCallButItsTriggersAre) {
  const Database db;
  db.exec(kTodo);
  db.exec("CREATE VIEW sly AS SELECT crsql_fract_as_ordered('todo', 'content')");
  EXPECT_NE(error_of(db, "SELECT * FROM sly").find("unsafe use"), std::string::npos);
  db.exec("PRAGMA trusted_schema = OFF; PRAGMA recursive_triggers = ON");
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 'a ', 'b'), (3, 1, 1, 'c')");
  db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (4, 1, 1)");
  db.exec("UPDATE todo SET ord = -1 WHERE id = 3");
  EXPECT_EQ(places(db), (Lines{"3|'Z}'", "1|'Z~'", "4|'Z~P'", "2|'a '"}));
}

TEST(OrderedList, AnApplicationSeesTheCountsOfItsOwnStatement) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 'a ', 'b')");
  EXPECT_EQ(db.lines("SELECT changes(), last_insert_rowid()"), (Lines{"2|2"}));
  db.exec("UPDATE todo SET ord = 'a ' WHERE id = 1");
  db.exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (4, 1, 1)");
  EXPECT_EQ(db.lines("SELECT last_insert_rowid()"), (Lines{"2"}));
  EXPECT_EQ(places(db), (Lines{"1|'Z~'", "4|'Z~P'", "2|'a '"}));
}

// Only what differs is written: moving a row through the view is one change.
TEST(OrderedList, AMoveIsOneChange) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 1, 'b')");
  db.exec("UPDATE todo_fractindex SET after_id = 2 WHERE id = 1");
  EXPECT_EQ(db.lines("SELECT pk, cid, val, seq FROM crsql_changes WHERE db_version = crsql_db_version()"),
            (Lines{"x'010901'|'ord'|'a\"'|0"}));
}

TEST(OrderedList, AutomigrateTakesThemAlong) {
  const Database db;
  const auto migrate = [&](const std::string& columns) {
    db.exec("SELECT crsql_automigrate('CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord, content" +
            columns +
            "); SELECT crsql_as_crr(''todo''); SELECT crsql_fract_as_ordered(''todo'', ''ord'', ''list'');')");
  };
  migrate("");
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'a'), (2, 1, 1, 'b')");
  migrate(", extra");
  db.exec("INSERT INTO todo_fractindex (id, list, extra, after_id) VALUES (3, 1, 'e', 1)");
  db.exec("INSERT INTO todo VALUES (4, 1, -1, 'c', 'e')");
  EXPECT_EQ(places(db), (Lines{"4|'Z~'", "1|'a '", "3|'a P'", "2|'a!'"}));
  EXPECT_EQ(db.text("SELECT extra FROM todo WHERE id = 3"), "e");
}

}  // namespace
}  // namespace rejoin::test
