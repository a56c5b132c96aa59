// One statement that merges many changes: it comes to the same end as a statement for each, and writes rows once.
#include "crr/merge_statement.hpp"

#include <functional>

#include "crr/some_changes.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kMerge = R"(INSERT INTO crsql_changes SELECT * FROM temp.incoming ORDER BY rowid)";

/// Fills temp.incoming.
void send(const Database& db, const std::vector<Change>& changes) {
  db.exec(
      "DROP TABLE IF EXISTS temp.incoming; CREATE TEMP TABLE incoming (t, pk, cid, val, col_version, db_version, "
      "site_id, "
      "cl, seq)");
  for (const Change& change : changes) {
    Statement insert(db.handle(), "INSERT INTO temp.incoming VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    insert.bind(1, change.table).bind(2, change.pk).bind(3, change.column).bind(4, change.value);
    insert.bind(5, change.column_version).bind(6, change.db_version).bind(7, change.site_id);
    insert.bind(8, change.causal_length).bind(9, change.seq);
    insert.run();
  }
}

/// What goes before and after the statement.
struct Around {
  const char* before;
  const char* after;
};
constexpr Around kArounds[] = {
    {"SELECT 1", "SELECT 1"},
    {"BEGIN", "COMMIT"},
    {"SAVEPOINT s", "RELEASE s"},
    {"BEGIN; SAVEPOINT s; SAVEPOINT u", "RELEASE s; COMMIT"},
    {"BEGIN; INSERT INTO t (id) VALUES (99)", "COMMIT"},
    {R"(BEGIN; INSERT INTO crsql_changes VALUES ('t', x'010963', '-1', NULL, 1, 1, x'22', 1, 0); SAVEPOINT s)",
     "COMMIT"},
};

/// Without rows_impacted, which a commit sets to 0.
Lines base_and_clocks(const Database& db) {
  Lines lines = state_of(db);
  std::erase_if(lines, [](const std::string& line) { return line.find("x'010963'") != std::string::npos; });
  lines.pop_back();
  return lines;
}

TEST(MergeStatement, ComesToTheSameEndAsItsChangesOneByOne) {
  for (const char* table : kTables) {
    for (unsigned seed = 0; seed < 24; ++seed) {
      const std::vector<Change> changes = some_changes(seed);
      const Around& around = kArounds[seed % 4];
      Lines ends[2];
      for (const bool at_once : {false, true}) {
        const Database db;
        db.exec(table);
        db.exec("INSERT INTO t (id, a) VALUES (1, 1), (2, 'local'); UPDATE t SET b = 'x' WHERE id = 2");
        send(db, changes);
        db.exec(around.before);
        if (at_once) db.exec(kMerge);
        if (!at_once) {
          const bool alone = !db.in_transaction();
          if (alone) db.exec("BEGIN");
          for (const Change& change : changes) merge(db, change);
          if (alone) db.exec("COMMIT");
        }
        const Lines rows = db.lines("SELECT * FROM t ORDER BY 1");  // nothing waits beyond the statement
        db.exec(around.after);
        EXPECT_EQ(db.lines("SELECT * FROM t ORDER BY 1"), rows);
        ends[at_once ? 1 : 0] = base_and_clocks(db);
      }
      EXPECT_EQ(ends[1], ends[0]) << table << " seed " << seed;
    }
  }
}

int writes_to_t = 0;

/// How many rows of table t the SQL writes.
int count_writes(const Database& db, const std::string& sql) {
  writes_to_t = 0;
  sqlite3_update_hook(
      db.handle(),
      [](void*, int, const char*, const char* table, sqlite3_int64) {
        writes_to_t += std::string_view(table) == "t" ? 1 : 0;
      },
      nullptr);
  db.exec(sql);
  sqlite3_update_hook(db.handle(), nullptr, nullptr);
  return writes_to_t;
}

TEST(MergeStatement, WritesARowOnce) {
  for (const Around& around : kArounds) {
    const Database db;
    db.exec(kTable);
    send(db, {cell("a", "one", 1), cell("b", std::string(50, 'x'), 1)});
    db.exec(around.before);
    EXPECT_EQ(count_writes(db, kMerge), 1) << around.before;
    db.exec("UPDATE incoming SET col_version = 2");
    EXPECT_EQ(count_writes(db, kMerge), 1) << around.before;
    EXPECT_EQ(
        count_writes(db,
                     "INSERT OR REPLACE INTO crsql_changes VALUES ('t', x'010905', 'a', 1, 1, 1, x'22', 1, 0),"
                     "('t', x'010905', 'b', 1.5, 1, 1, x'22', 1, 1), ('t', x'010906', 'a', x'', 1, 1, x'22', 1, 2)"),
        2);
    EXPECT_EQ(db.lines("SELECT * FROM t WHERE id IN (5, 6)"), (Lines{"5|1|1.5", "6|x''|NULL"}));
    db.exec(around.after);
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

TEST(MergeStatement, LeavesNothingToTheCommit) {
  const Database db;
  db.exec(kTable);
  send(db, {cell("a", "one", 1), cell("b", "two", 1)});
  for (const char* version : {"1", "2"}) {
    db.exec("UPDATE incoming SET col_version = " + std::string(version) + "; BEGIN");
    db.exec(kMerge);
    EXPECT_EQ(sqlite3_changes(db.handle()), 2);
    EXPECT_EQ(db.lines("SELECT col_version FROM t__crsql_clock"), (Lines{version, version})) << "clocks do not lag";
    const int writes = sqlite3_total_changes(db.handle());
    db.exec("COMMIT");
    EXPECT_EQ(sqlite3_total_changes(db.handle()), writes);
    EXPECT_EQ(sqlite3_changes(db.handle()), 2);
  }
}

// SQLite would roll back more than the statement if the last row of it were refused at its end.
TEST(MergeStatement, WritesAtOnceWhatMayBeRefused) {
  const char* const tables[] = {
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a CHECK (a <> 'bad'), b)",
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE INDEX i ON t (json_extract(a, '$.x'))",
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, c AS (json_extract(a, '$.x')))",
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE INDEX i ON t (b) WHERE json_extract(a, '$.x')",
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE TRIGGER r BEFORE INSERT ON t WHEN NEW.a = 'bad' "
      "BEGIN SELECT RAISE(ABORT, 'no'); END",
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b DEFAULT (json_extract('bad', '$.x')))",
  };
  for (const std::string table : tables) {
    const Database db;
    db.exec(table + "; SELECT crsql_as_crr('t')");
    db.exec("BEGIN; INSERT INTO t (id, a, b) VALUES (9, 5, 5)");
    const Lines before = db.lines("SELECT * FROM t");
    Change other = cell("b", 1, 1);
    other.pk = {1, 9, 2};
    send(db, {other, cell("a", "bad", 1)});
    EXPECT_NE(error_of(db, kMerge), "") << table;
    EXPECT_TRUE(db.in_transaction()) << table;
    EXPECT_EQ(db.lines("SELECT * FROM t"), before) << table;
    db.exec("COMMIT");
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

TEST(MergeStatement, ARefusedRowOfAWillingTableUndoesTheStatementAlone) {
  const Database db;
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a NOT NULL DEFAULT 1, b); SELECT crsql_as_crr('t')");
  Change text_key = cell("b", 1, 1);
  text_key.pk = {1, 0x0b, 1, 'x'};
  for (const Change& bad : {cell("a", {}, 1), cell("c", 1, 1), cell("b", 1, -1), text_key}) {
    for (const Around& around : kArounds) {
      db.exec(around.before);
      const Lines before = base_and_clocks(db);
      send(db, {cell("b", "good", 1), bad});
      EXPECT_NE(error_of(db, kMerge), "");
      EXPECT_EQ(base_and_clocks(db), before);
      db.exec(around.after);
      db.exec("DELETE FROM t WHERE id = 99");
      EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
    }
  }
}

// To SQLite a virtual table's error is one that aborts.
TEST(MergeStatement, AnErrorUndoesItAllWhateverItsConflictClause) {
  for (const char* clause : {"OR FAIL", "OR IGNORE", "OR REPLACE", "OR ABORT"}) {
    for (const Around& around : kArounds) {
      const Database db;
      db.exec(kTable);
      send(db, {cell("a", "lost", 1), cell("b", "lost", 1), cell("c", 1, 1)});
      db.exec(around.before);
      EXPECT_NE(error_of(db, "INSERT " + std::string(clause) + " INTO crsql_changes SELECT * FROM incoming"), "");
      EXPECT_EQ(db.lines("SELECT * FROM t WHERE id = 1"), Lines{});
      db.exec(around.after);
      EXPECT_EQ(db.lines("SELECT cid FROM crsql_changes WHERE pk = x'010901'"), Lines{});
      EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
    }
  }
}

TEST(MergeStatement, RollsBackWithItsSavepoint) {
  const Database db;
  db.exec(kTable);
  db.exec("BEGIN; INSERT INTO t VALUES (1, 'mine', 'mine'); SAVEPOINT s");
  const Lines before = base_and_clocks(db);
  send(db, {cell("a", "theirs", 5), cell("b", "theirs", 5)});
  db.exec(kMerge);
  EXPECT_EQ(db.text("SELECT a FROM t"), "theirs");
  db.exec("ROLLBACK TO s");
  EXPECT_EQ(base_and_clocks(db), before);
  send(db, {cell("a", "theirs", 5), cell("b", "theirs", 5)});
  db.exec(kMerge);
  db.exec("COMMIT");
  EXPECT_EQ(db.lines("SELECT a, b FROM t"), Lines{"'theirs'|'theirs'"});
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
}

// In a savepoint of the application's, SQLite tells of that one when crsql_changes is written first.
TEST(MergeStatement, AStatementOfOneChangeNeverWaits) {
  const Database db;
  db.exec(kTable);
  for (const char* before : {"SAVEPOINT s", "BEGIN; SAVEPOINT s", "BEGIN; SAVEPOINT s; SAVEPOINT s2"}) {
    db.exec(before);
    EXPECT_EQ(
        count_writes(db,
                     R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq)
        VALUES ('t', x'010905', 'a', (SELECT 1), 1, 1, x'22', 1, 0))"),
        1);
    db.exec("ROLLBACK");
  }
}

/// What the SQL function doing() does, when a change of the SELECT is at hand.
std::function<void()> doing;
void make_doing(const Database& db, std::function<void()> what) {
  doing = std::move(what);
  sqlite3_create_function(
      db.handle(), "doing", 0, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value**) {
        doing();
        sqlite3_result_int(context, 7);
      },
      nullptr, nullptr);
}

constexpr const char* kDoing =
    "INSERT INTO crsql_changes SELECT t, pk, cid, iif(cid = 'b', doing(), val), col_version, db_version, site_id, cl, "
    "seq "
    "FROM incoming ORDER BY rowid";

TEST(MergeStatement, WhatItsFunctionsReadIsThere) {
  for (const Around& around : kArounds) {
    const Database db;
    db.exec(kTable);
    send(db, {cell("a", "one", 1), cell("b", 1, 1)});
    Lines seen;
    make_doing(db, [&] { seen = db.lines("SELECT cid, val FROM crsql_changes WHERE pk = x'010901'"); });
    db.exec(around.before);
    db.exec(kDoing);
    db.exec(around.after);
    EXPECT_EQ(seen, Lines{"'a'|'one'"}) << around.before;
    EXPECT_EQ(db.lines("SELECT a, b FROM t WHERE id = 1"), Lines{"'one'|7"});
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

// SQLite opens a savepoint for what writes to a CRR in between, as its triggers call functions, and nothing waits on.
TEST(MergeStatement, WhatItsFunctionsWriteIsNotLost) {
  struct Written {
    const char* sql;
    const char* ends_as;  // column a of the row; "" where there is none
  };
  const Written cases[] = {
      {"UPDATE t SET a = 'local' WHERE id = 1", "two"},
      {"INSERT OR REPLACE INTO t VALUES (1, 'local', 'local')", "two"},
      {"DELETE FROM t", ""},
      {"INSERT INTO other VALUES (1, 'local')", "two"},
      {"INSERT INTO crsql_changes VALUES ('t', x'010901', 'a', 'nested', 9, 1, x'22', 1, 0)", "nested"},
      {"INSERT INTO crsql_changes VALUES ('t', x'010901', 'a', 'nested', 8, 1, x'22', 1, 0), ('t', x'010902', 'a', "
       "'x', "
       "9, 1, x'22', 1, 0)",
       "nested"},
  };
  for (const Written& written : cases) {
    for (const Around& around : kArounds) {
      const Database db;
      db.exec(kTable);
      db.exec("CREATE TABLE other (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('other')");
      send(db, {cell("a", "one", 1), cell("b", 1, 1), cell("a", "two", 2)});
      make_doing(db, [&] { db.exec(written.sql); });
      db.exec(around.before);
      db.exec(kDoing);
      db.exec(around.after);
      const Lines row = *written.ends_as == 0 ? Lines{} : Lines{"'" + std::string(written.ends_as) + "'"};
      EXPECT_EQ(db.lines("SELECT a FROM t WHERE id = 1"), row) << written.sql << around.before;
      EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{}) << written.sql << around.before;
      const bool wrote = std::string_view(written.sql).starts_with("INSERT INTO other");
      EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE \"table\" = 'other'"), wrote ? 1 : 0);
    }
  }
}

TEST(MergeStatement, TellsWhatMayRefuse) {
  const Database db;
  const auto may_refuse = [&](const std::string& columns) {
    db.exec("DROP TABLE IF EXISTS t; CREATE TABLE t " + columns + "; SELECT crsql_as_crr('t')");
    EXPECT_TRUE(engine_of(db).enter_to_read().ok());
    Status status;
    return engine_of(db).catalogue().find("t", status)->may_refuse;
  };
  for (const char* willing : {"(id INTEGER PRIMARY KEY NOT NULL, a, b)",
                              "(id PRIMARY KEY NOT NULL, checked INT NOT NULL DEFAULT 0) WITHOUT ROWID",
                              "(x NOT NULL, \"check\" DEFAULT 'strict', PRIMARY KEY (x)) -- strict\n",
                              "(id PRIMARY KEY NOT NULL, a); CREATE INDEX i ON t (a)"}) {
    EXPECT_FALSE(may_refuse(willing)) << willing;
  }
  for (const char* refusing :
       {"(id PRIMARY KEY NOT NULL, a CHECK (a > 0))", "(id INT PRIMARY KEY NOT NULL, a INT) STRICT",
        "(id PRIMARY KEY NOT NULL, a, b AS (a + 1))", "(id PRIMARY KEY NOT NULL, a DEFAULT (random()))",
        "(id PRIMARY KEY NOT NULL, a); CREATE INDEX i ON t (abs(a))",
        "(id PRIMARY KEY NOT NULL, a); CREATE INDEX i ON t (a) WHERE a > 1"}) {
    EXPECT_TRUE(may_refuse(refusing)) << refusing;
  }
}

}  // namespace
}  // namespace rejoin::test
