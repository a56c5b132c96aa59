// The crsql_* functions: what they give, and what they say to arguments that are not theirs.
#include "crr/sql_functions.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

struct SqlFunctions : testing::Test {
  SqlFunctions() { db.exec(kTable); }
  Database db;
};

TEST_F(SqlFunctions, EachIsRegisteredOnceAndSafeInTriggersWhereTriggersCallIt) {
  EXPECT_EQ(
      db.integer(
          "SELECT count(*) - count(DISTINCT name) FROM pragma_function_list WHERE name LIKE 'crsql\\_%' ESCAPE '\\'"),
      0);
  constexpr int kInnocuous = 0x200000;
  constexpr int kDirectOnly = 0x80000;
  for (const char* name :
       {"crsql_after_insert", "crsql_after_update", "crsql_after_delete", "crsql_internal_sync_bit"}) {
    EXPECT_EQ(db.integer("SELECT flags & " + std::to_string(kInnocuous) + " FROM pragma_function_list WHERE name = '" +
                         name + "'"),
              kInnocuous)
        << name;
  }
  for (const char* name : {"crsql_begin_alter", "crsql_commit_alter", "crsql_finalize", "crsql_fract_as_ordered"}) {
    EXPECT_EQ(db.integer("SELECT flags & " + std::to_string(kDirectOnly) + " FROM pragma_function_list WHERE name = '" +
                         name + "'"),
              kDirectOnly)
        << name;
  }
}

TEST_F(SqlFunctions, CaptureWorksWithAnUntrustedSchema) {
  db.exec("PRAGMA trusted_schema = OFF; INSERT INTO t VALUES (1, 1, 1); UPDATE t SET a = 2; DELETE FROM t");
  merge(db, cell("a", std::int64_t{1}, 1, 3));
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 4);
}

TEST_F(SqlFunctions, TakeNoOtherNumberOfArguments) {
  for (const char* call :
       {"crsql_site_id(1)", "crsql_db_version(1)", "crsql_rows_impacted(1)", "crsql_sha(1)", "crsql_version(1)",
        "crsql_get_seq(1)", "crsql_increment_and_get_seq(1)", "crsql_as_crr()", "crsql_as_crr('a', 'b', 'c')",
        "crsql_as_table()", "crsql_config_get()", "crsql_config_set('merge-equal-values')", "crsql_begin_alter()",
        "crsql_commit_alter('a', 'b', 'c', 'd')", "crsql_after_insert('t')"}) {
    EXPECT_NE(error_of(db, "SELECT " + std::string(call)).find("argument"), std::string::npos) << call;
  }
}

TEST_F(SqlFunctions, TablesAreNamedByTextsOfSchemaMain) {
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr(NULL)"), "crsql_as_crr: the table's name is NULL");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('temp', 't')"),
            "crsql_as_crr: only tables of schema main can be CRRs, not of \"temp\"");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('')"), "there is no table \"\"");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('t; DROP TABLE t')"), "there is no table \"t; DROP TABLE t\"");
  EXPECT_EQ(error_of(db, "SELECT crsql_as_crr('T')"), "") << "as SQLite matches names";
}

TEST_F(SqlFunctions, PackColumnsIsTheContractsAndRefusesTooMany) {
  EXPECT_EQ(db.lines("SELECT crsql_pack_columns(), crsql_pack_columns(NULL, 1, 'a', x'00', 1.5)"),
            Lines{"x'00'|x'0505090"
                  "10b01610c0100023ff8000000000000'"});
  std::string many = "1";
  for (int i = 1; i < 127; ++i) many += ", 1";
  EXPECT_EQ(db.blob("SELECT crsql_pack_columns(" + many + ")").size(), 1 + 127 * 2U);
}

TEST_F(SqlFunctions, NextDbVersionIsThisTransactionsAlone) {
  EXPECT_EQ(db.integer("SELECT crsql_next_db_version()"), 1);
  db.exec("BEGIN; SELECT crsql_next_db_version(40); INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_EQ(db.integer("SELECT crsql_next_db_version(3)"), 40);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 0);
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 40);
  db.exec("BEGIN; SELECT crsql_next_db_version(90); COMMIT; INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 41) << "given out, but nothing was stored under it";
  db.exec(
      "BEGIN; SAVEPOINT s; SELECT crsql_next_db_version(90); ROLLBACK TO s; INSERT INTO t VALUES (3, 3, 3); COMMIT");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), 42);
}

TEST_F(SqlFunctions, NextDbVersionKeepsWithinBounds) {
  EXPECT_EQ(error_of(db, "SELECT crsql_next_db_version(4611686018427387904)"),
            "crsql_next_db_version: 4611686018427387904 is out of bounds");
  EXPECT_EQ(db.integer("SELECT crsql_next_db_version(-5)"), 1);
  EXPECT_EQ(db.integer("SELECT crsql_next_db_version(NULL)"), 1);
  EXPECT_EQ(db.integer("SELECT crsql_next_db_version('x')"), 1);
}

TEST_F(SqlFunctions, SeqCountsWithinATransaction) {
  db.exec("BEGIN");
  EXPECT_EQ(db.integer("SELECT crsql_increment_and_get_seq()"), 0);
  EXPECT_EQ(db.integer("SELECT crsql_get_seq()"), 1);
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_EQ(db.integer("SELECT crsql_get_seq()"), 3);
  db.exec("COMMIT");
  EXPECT_EQ(db.lines("SELECT seq FROM crsql_changes"), (Lines{"1", "2"}));
  EXPECT_EQ(db.integer("SELECT crsql_get_seq()"), 0);
  db.exec("BEGIN; SELECT crsql_increment_and_get_seq(); ROLLBACK; INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_EQ(db.lines("SELECT seq FROM crsql_changes WHERE db_version = 2"), (Lines{"0", "1"}));
}

TEST_F(SqlFunctions, RowsImpactedCountsWinnersUntilTheCommit) {
  db.exec("BEGIN");
  merge(db, cell("a", std::int64_t{1}, 1));
  merge(db, cell("a", std::int64_t{1}, 1));
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 1);
  merge(db, cell("a", std::int64_t{1}, 1, 3));
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 3) << "a life and a cell";
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 0);
  db.exec("BEGIN");
  merge(db, life(4));
  db.exec("ROLLBACK");
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 0);
}

TEST_F(SqlFunctions, SettingsAreChecked) {
  EXPECT_EQ(db.integer("SELECT crsql_config_get('merge-equal-values')"), 0);
  EXPECT_EQ(db.integer("SELECT crsql_config_set('merge-equal-values', 1)"), 1);
  EXPECT_EQ(db.integer("SELECT value FROM crsql_master WHERE \"key\" = 'config.merge-equal-values'"), 1);
  for (const char* call : {"crsql_config_set('merge-equal-values', 2)", "crsql_config_set('merge-equal-values', 'yes')",
                           "crsql_config_set('merge-equal-values', NULL)", "crsql_config_set('nothing', 1)",
                           "crsql_config_set(NULL, 1)", "crsql_config_get('nothing')", "crsql_config_get(NULL)"}) {
    EXPECT_NE(error_of(db, "SELECT " + std::string(call)), "") << call;
  }
  EXPECT_EQ(db.integer("SELECT crsql_config_get('merge-equal-values')"), 1);
}

TEST_F(SqlFunctions, FinalizeDropsEveryStatementOfTheEngine) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); SELECT * FROM crsql_changes");
  EXPECT_EQ(db.text("SELECT crsql_finalize()"), "finalized");
  EXPECT_EQ(sqlite3_next_stmt(db.handle(), nullptr), nullptr);
  db.exec("UPDATE t SET a = 2");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 2);
}

// Callable by anyone with SQL; no arguments may hurt.
TEST_F(SqlFunctions, TriggerFunctionsCalledByHandDoNoHarm) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  const Lines before = clocks(db);
  for (const char* call : {"crsql_after_insert('nowhere', 1)", "crsql_after_insert('t', 1, 2)",
                           "crsql_after_insert(NULL, 1)", "crsql_after_delete('t', 1, 2, 3)",
                           "crsql_after_delete(x'74', 1, 2)", "crsql_after_update('t', 1, 1, 1, 1, 1, 1, 1)",
                           "crsql_after_update('t', 1, 2, 3)", "crsql_after_update('t', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)",
                           "crsql_internal_engine(NULL)", "crsql_internal_engine(5)"}) {
    static_cast<void>(db.error_of("SELECT " + std::string(call)));
  }
  EXPECT_EQ(clocks(db), before);
  EXPECT_EQ(
      error_of(db, "SELECT crsql_after_insert('nowhere', 1)"),
      "crsql_after_insert: the trigger does not fit table \"nowhere\"; make its triggers anew with crsql_as_crr or "
      "crsql_commit_alter");
}

TEST_F(SqlFunctions, TheSyncBitHoldsCaptureBackAndComesBackByItself) {
  EXPECT_EQ(db.integer("SELECT crsql_internal_sync_bit(1)"), 1);
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  merge(db, cell("a", std::int64_t{5}, 2));
  EXPECT_EQ(db.integer("SELECT crsql_internal_sync_bit()"), 1) << "as the caller had set it";
  EXPECT_EQ(db.integer("SELECT crsql_internal_sync_bit(0)"), 0);
  EXPECT_EQ(db.lines("SELECT cid FROM crsql_changes"), Lines{"'a'"});
}

TEST_F(SqlFunctions, WhatBecomesOfAnUnknownSchemaIsASetting) {
  EXPECT_EQ(error_of(db, "SELECT crsql_config_set('unknown-schema', 'perhaps')"),
            "setting 'unknown-schema' takes 'hold' or 'error'");
  EXPECT_EQ(error_of(db, "SELECT crsql_config_set('unknown-schema', 1)"),
            "setting 'unknown-schema' takes 'hold' or 'error'");
  db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  EXPECT_EQ(db.text("SELECT crsql_config_get('unknown-schema')"), "hold");
}

}  // namespace
}  // namespace rejoin::test
