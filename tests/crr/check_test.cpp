// rejoin_check finds what is wrong in shadow tables, each fault by table and key, and nothing where all is well.
#include "crr/check.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "crr/fixture.hpp"
#include "support/choices.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

Lines faults(const Database& db) { return db.lines("SELECT * FROM rejoin_check"); }

/// Runs `sql` as the engine itself writes base tables: without capture.
std::string unseen(const std::string& sql) {
  return "SELECT crsql_internal_sync_bit(1); " + sql + "; SELECT crsql_internal_sync_bit(0)";
}

/// The clock table again, without what keeps wrong rows out.
const std::string kLoosened =
    "CREATE TABLE copy AS SELECT * FROM t__crsql_clock; DROP TABLE t__crsql_clock; CREATE TABLE t__crsql_clock (key, "
    "col_name, col_version, db_version, site_id, seq); INSERT INTO t__crsql_clock SELECT * FROM copy; DROP TABLE copy; "
    "CREATE INDEX t__crsql_clock_dbv_idx ON t__crsql_clock (db_version);";
constexpr const char* kLoosenedFault = "'t'|NULL|'its table \"t__crsql_clock\" has not the engine''s columns and key'";

struct Corruption {
  const char* name;
  std::string sql;
  Lines found;
};

void PrintTo(const Corruption& corruption, std::ostream* out) { *out << corruption.name; }

class Corrupted : public testing::TestWithParam<Corruption> {};

/// t (id, a, b) has the rows 1 and 2, both alive, 2 in its second life, and had 3.
TEST_P(Corrupted, IsReported) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2), (3, 'z', 3)");
  db.exec("DELETE FROM t WHERE id > 1; INSERT INTO t VALUES (2, 'y', 2)");
  Change change = cell("a", "from a peer", 5);
  merge(db, change);
  ASSERT_EQ(faults(db), Lines());
  db.exec(GetParam().sql);
  const Lines before = everything(db);
  EXPECT_EQ(faults(db), GetParam().found);
  EXPECT_EQ(everything(db), before);
}

const std::vector<Corruption> kRows = {
    {"RowWithoutKeyRow",
     "DELETE FROM t__crsql_clock WHERE key = 1; DELETE FROM t__crsql_pks WHERE id = 1",
     {"'t'|x'010901'|'the row has no clock rows'"}},
    {"RowWithoutClockRows", "DELETE FROM t__crsql_clock WHERE key = 1", {"'t'|x'010901'|'the row has no clock rows'"}},
    {"RowOfAnUnseenInsert", unseen("INSERT INTO t VALUES (4, 1, 1)"), {"'t'|x'010904'|'the row has no clock rows'"}},
    {"DeletedUnseen",
     unseen("DELETE FROM t WHERE id < 3"),
     {"'t'|x'010901'|'its clocks say that it is alive (cl 1), but there is no row'",
      "'t'|x'010902'|'its clocks say that it is alive (cl 3), but there is no row'"}},
    {"DeletedByTheClocksAlone",
     "UPDATE t__crsql_clock SET col_version = 4 WHERE key = 2 AND col_name = '-1'",
     {"'t'|x'010902'|'its clocks say that it is deleted (cl 4), but there is a row'",
      "'t'|x'010902'|'it is deleted (cl 4), but cells of it have clock rows'"}},
    {"BroughtBackByTheClocksAlone",
     "UPDATE t__crsql_clock SET col_version = 3 WHERE key = 3",
     {"'t'|x'010903'|'its clocks say that it is alive (cl 3), but there is no row'"}},
    {"CellsOfADeletedRow",
     "INSERT INTO t__crsql_clock VALUES (3, 'a', 1, 1, 0, 0)",
     {"'t'|x'010903'|'it is deleted (cl 2), but cells of it have clock rows'"}},
    {"OtherKey",
     "UPDATE t__crsql_pks SET id = 99 WHERE id = 1",
     {"'t'|x'010963'|'its clocks say that it is alive (cl 1), but there is no row'",
      "'t'|x'010901'|'the row has no clock rows'"}},
    {"KeyOfAnotherType",
     "UPDATE t__crsql_pks SET id = '1' WHERE id = 1",
     {"'t'|x'010b0131'|'its clocks say that it is alive (cl 1), but there is no row'",
      "'t'|x'010901'|'the row has no clock rows'"}},
    {"NullKey",
     "UPDATE t__crsql_pks SET id = NULL WHERE id = 3; UPDATE t__crsql_clock SET col_version = 3 WHERE key = 3",
     {"'t'|x'0105'|'its clocks say that it is alive (cl 3), but there is no row'"}},
    {"OrphanKey", "INSERT INTO t__crsql_pks VALUES (17, 17)", {"'t'|x'010911'|'a key row without clock rows'"}},
    {"OrphanClock",
     "INSERT INTO t__crsql_clock VALUES (17, 'a', 1, 1, 0, 0)",
     {"'t'|NULL|'clock rows under key 17, which no key row has'"}},
    {"LostKeyRow",
     "DELETE FROM t__crsql_pks WHERE id = 3",
     {"'t'|NULL|'clock rows under key 3, which no key row has'"}},
};

const std::vector<Corruption> kClockRows = {
    {"UnknownColumn",
     "UPDATE t__crsql_clock SET col_name = 'it\"s' WHERE key = 1 AND col_name = 'b'",
     {"'t'|x'010901'|'clock row of \"it\"\"s\": the table has no such column'"}},
    {"KeyColumn",
     "UPDATE t__crsql_clock SET col_name = 'id' WHERE key = 1 AND col_name = 'b'",
     {"'t'|x'010901'|'clock row of \"id\": the table has no such column'"}},
    {"CausalLengthZero",
     "UPDATE t__crsql_clock SET col_version = 0 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": col_version 0 is out of bounds'"}},
    {"NegativeVersion",
     "UPDATE t__crsql_clock SET col_version = -1 WHERE key = 1 AND col_name = 'a'",
     {"'t'|x'010901'|'clock row of \"a\": col_version -1 is out of bounds'"}},
    {"HugeVersion",
     "UPDATE t__crsql_clock SET col_version = 1 << 62 WHERE key = 1 AND col_name = 'a'",
     {"'t'|x'010901'|'clock row of \"a\": col_version 4611686018427387904 is out of bounds'"}},
    {"NegativeDbVersion",
     "UPDATE t__crsql_clock SET db_version = -1 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": db_version -1 is out of bounds'"}},
    {"HugeDbVersion",
     "UPDATE t__crsql_clock SET db_version = 1 << 62 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": db_version 4611686018427387904 is out of bounds'"}},
    {"NegativeSeq",
     "UPDATE t__crsql_clock SET seq = -1 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": seq -1 is out of bounds'"}},
    {"HugeSeq",
     "UPDATE t__crsql_clock SET seq = 1 << 31 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": seq 2147483648 is out of bounds'"}},
    {"UnknownSite",
     "UPDATE t__crsql_clock SET site_id = 7 WHERE key = 3",
     {"'t'|x'010903'|'clock row of \"-1\": no site has the ordinal 7'"}},
    {"Loosened", kLoosened, {kLoosenedFault}},
    {"WrongTypes",
     kLoosened + "UPDATE t__crsql_clock SET col_version = 'many' WHERE key = 1 AND col_name = 'a'; "
                 "INSERT INTO t__crsql_clock VALUES (NULL, 'a', 1, 1, 0, 0), (2, x'61', 1, 1, 0, 0)",
     {kLoosenedFault, "'t'|NULL|'clock row of \"a\": key is of the wrong type'",
      "'t'|x'010901'|'clock row of \"a\": col_version is of the wrong type'",
      "'t'|x'010902'|'clock row of \"a\": col_name is of the wrong type'"}},
    {"SeveralClockRows",
     kLoosened + "INSERT INTO t__crsql_clock VALUES (1, 'a', 7, 1, 0, 0)",
     {kLoosenedFault, "'t'|x'010901'|'clock row of \"a\": it is there twice'"}},
};

const std::vector<Corruption> kSchemas = {
    {"NoClockTable", "DROP TABLE t__crsql_clock", {"'t'|NULL|'its table \"t__crsql_clock\" is missing'"}},
    {"NoKeyTable", "DROP TABLE t__crsql_pks", {"'t'|NULL|'its table \"t__crsql_pks\" is missing'"}},
    {"ViewForATable",
     "ALTER TABLE t__crsql_pks RENAME TO p; CREATE VIEW t__crsql_pks AS SELECT * FROM p",
     {"'t'|NULL|'its table \"t__crsql_pks\" is missing'"}},
    {"NoColumn",
     "ALTER TABLE t__crsql_clock DROP COLUMN seq",
     {"'t'|NULL|'its table \"t__crsql_clock\" has not the engine''s columns and key'"}},
    {"KeyColumnOfAnotherName",
     "ALTER TABLE t__crsql_pks RENAME COLUMN id TO ident",
     {"'t'|NULL|'its table \"t__crsql_pks\" has not the engine''s columns and key'"}},
    {"NoVersionIndex",
     "DROP INDEX t__crsql_clock_dbv_idx",
     {"'t'|NULL|'its index \"t__crsql_clock_dbv_idx\" is missing, or not the engine''s'"}},
    {"OtherVersionIndex",
     "DROP INDEX t__crsql_clock_dbv_idx; CREATE INDEX t__crsql_clock_dbv_idx ON t__crsql_clock (seq)",
     {"'t'|NULL|'its index \"t__crsql_clock_dbv_idx\" is missing, or not the engine''s'"}},
    {"KeysNotUnique",
     "DROP INDEX t__crsql_pks_pks; CREATE INDEX t__crsql_pks_pks ON t__crsql_pks (id); INSERT INTO t__crsql_pks "
     "VALUES (18, 3)",
     {"'t'|NULL|'its index \"t__crsql_pks_pks\" is missing, or not the engine''s'",
      "'t'|x'010903'|'it has several key rows'"}},
    {"NoTrigger",
     "DROP TRIGGER t__crsql_utrig",
     {"'t'|NULL|'its trigger \"t__crsql_utrig\" is missing, or not the engine''s'"}},
    {"OtherTrigger",
     "DROP TRIGGER t__crsql_dtrig; CREATE TRIGGER t__crsql_dtrig AFTER DELETE ON t BEGIN SELECT 1; END",
     {"'t'|NULL|'its trigger \"t__crsql_dtrig\" is missing, or not the engine''s'"}},
    {"NoInsertTrigger",
     "DROP TRIGGER t__crsql_itrig; INSERT INTO t VALUES (4, 1, 1)",
     {"'t'|NULL|'its trigger \"t__crsql_itrig\" is missing, or not the engine''s'"}},
    {"LeftInAnAlter",
     "CREATE TRIGGER t__crsql_alter AFTER UPDATE OF id ON t WHEN '' IS NULL BEGIN SELECT 1; END",
     {"'t'|NULL|'it was left in the middle of an alter: its trigger \"t__crsql_alter\" is there'"}},
    {"BareRename",
     "ALTER TABLE t RENAME TO u",
     {"'u'|NULL|'its trigger \"t__crsql_dtrig\" is another table''s by its name'",
      "'u'|NULL|'its trigger \"t__crsql_itrig\" is another table''s by its name'",
      "'u'|NULL|'its trigger \"t__crsql_utrig\" is another table''s by its name'"}},
    {"NoSites", "DROP TABLE crsql_site_id", {"'crsql_site_id'|NULL|'the table is missing'"}},
    {"NoMaster", "DROP TABLE crsql_master", {"'crsql_master'|NULL|'the table is missing'"}},
    {"NoPeers", "DROP TABLE crsql_tracked_peers", {"'crsql_tracked_peers'|NULL|'the table is missing'"}},
    {"NoOwnSite",
     "UPDATE crsql_site_id SET ordinal = 8 WHERE ordinal = 0; UPDATE t__crsql_clock SET site_id = 8 WHERE site_id = 0",
     {"'crsql_site_id'|NULL|'this database has no site id (ordinal 0)'"}},
    {"BadSite",
     "INSERT INTO crsql_site_id VALUES ('text', 5), (zeroblob(17), 6)",
     {"'crsql_site_id'|NULL|'the site id of ordinal 5 is not a blob of 1 to 16 bytes'",
      "'crsql_site_id'|NULL|'the site id of ordinal 6 is not a blob of 1 to 16 bytes'"}},
    {"SeveralOrdinals",
     "DROP INDEX crsql_site_id_site_id; INSERT INTO crsql_site_id VALUES (x'aa', 5), (x'aa', 6)",
     {"'crsql_site_id'|NULL|'its index \"crsql_site_id_site_id\" is missing, or not the engine''s'",
      "'crsql_site_id'|NULL|'the site id of ordinal 6 has another ordinal too'"}},
    {"ShortOwnSite",
     "UPDATE crsql_site_id SET site_id = x'aa' WHERE ordinal = 0",
     {"'crsql_site_id'|NULL|'this database''s own site id (ordinal 0) has not 16 bytes'"}},
    {"BadKeptVersion",
     "INSERT INTO crsql_master VALUES ('pre_compact_dbversion', 'many')",
     {"'crsql_master'|NULL|'pre_compact_dbversion is not a version'"}},
};

std::string name_of(const testing::TestParamInfo<Corruption>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Rows, Corrupted, testing::ValuesIn(kRows), name_of);
INSTANTIATE_TEST_SUITE_P(ClockRows, Corrupted, testing::ValuesIn(kClockRows), name_of);
INSTANTIATE_TEST_SUITE_P(Schemas, Corrupted, testing::ValuesIn(kSchemas), name_of);

// --- where a version is, what is held, a page that is broken ---

struct Check : testing::Test {
  Check() { db.exec(kTable); }
  Database db;
};

TEST_F(Check, AVersionThatNobodyHasGivenOutIsReported) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); BEGIN; UPDATE t__crsql_clock SET db_version = 9 WHERE col_name = 'a'");
  EXPECT_EQ(faults(db), (Lines{"'t'|x'010901'|'clock row of \"a\": db_version 9 is above crsql_db_version()'"}));
  db.exec("ROLLBACK");
  EXPECT_EQ(faults(db), Lines());
}

TEST_F(Check, AHeldChangeThatTheSchemaHasIsReported) {
  db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  merge(db, cell("c", std::int64_t{3}, 1));
  EXPECT_EQ(faults(db), Lines()) << "it waits for a column";
  db.exec("ALTER TABLE t ADD COLUMN c");
  EXPECT_EQ(faults(db), (Lines{"'t'|x'010901'|'a change of \"c\" is held, though the table has it'"}));
  merge(db, cell("a", std::int64_t{3}, 1));
  EXPECT_EQ(faults(db), Lines()) << "it was merged before the other one";
}

TEST(CheckFile, ADamagedPageIsReported) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database db(file);
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  db.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE "
      "name = 'sqlite_autoindex_crsql_master_1') WHERE name = 't__crsql_pks'; PRAGMA writable_schema = RESET");
  const Lines found = faults(db);
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found[0].find("'t'|NULL|'it cannot be read: "), std::string::npos) << found[0];
}

TEST(CheckKeys, AnIndexThatNamesAColumnTwiceIsNotTheEngines) {
  const Database db;
  db.exec(
      "CREATE TABLE t (a NOT NULL, b NOT NULL, PRIMARY KEY (a, b)); SELECT crsql_as_crr('t'); DROP INDEX "
      "t__crsql_pks_pks; CREATE UNIQUE INDEX t__crsql_pks_pks ON t__crsql_pks (a, a)");
  EXPECT_EQ(faults(db), Lines{"'t'|NULL|'its index \"t__crsql_pks_pks\" is missing, or not the engine''s'"});
}

TEST_F(Check, WhatStopsItIsAnError) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  sqlite3_progress_handler(
      db.handle(), 1, [](void*) { return 1; }, nullptr);
  EXPECT_EQ(error_of(db, "SELECT * FROM rejoin_check"), "interrupted");
  sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
  EXPECT_EQ(faults(db), Lines());
}

// Whatever stands in the shadow tables, looking at it is no error and changes nothing.
TEST(CheckRubbish, IsSurvived) {
  const std::vector<std::string> values = {"NULL", "-1",  "0",  "3",   "1 << 62", "-9223372036854775808", "0.5",
                                           "'-1'", "'a'", "''", "x''", "x'61'",   "zeroblob(99)"};
  const std::vector<std::string> columns = {"t__crsql_clock SET key",
                                            "t__crsql_clock SET col_name",
                                            "t__crsql_clock SET col_version",
                                            "t__crsql_clock SET seq",
                                            "t__crsql_clock SET site_id",
                                            "t__crsql_clock SET db_version",
                                            "t__crsql_pks SET id",
                                            "crsql_site_id SET site_id",
                                            "crsql_site_id SET ordinal",
                                            "crsql_master SET value",
                                            "t__crsql_pks SET __crsql_key",
                                            "crsql_held__crsql_changes SET cid",
                                            "crsql_held__crsql_changes SET pk"};
  const std::vector<std::string> things = {"INDEX t__crsql_pks_pks",          "INDEX t__crsql_clock_dbv_idx",
                                           "INDEX crsql_site_id_site_id",     "TRIGGER t__crsql_itrig",
                                           "TABLE crsql_held__crsql_changes", "TABLE crsql_tracked_peers"};
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Choices choices = Choices::seeded(seed);
    const Database db;
    db.exec(kTable);
    db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
    merge(db, cell("unknown", std::int64_t{3}, 1));
    db.exec("INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2), (3, 'z', 3); DELETE FROM t WHERE id = 3");
    if (choices.chance(70)) db.exec(kLoosened);
    if (choices.chance(30)) db.exec("DROP " + choices.pick(things));
    for (int i = 0; i < 4; ++i) {
      // Rows that must be unique are passed over; what STRICT refuses, or has no table, is left out.
      static_cast<void>(db.error_of("UPDATE OR IGNORE " + choices.pick(columns) + " = " + choices.pick(values)));
    }
    const Lines before = everything(db);
    Lines all;
    ASSERT_NO_THROW(all = faults(db)) << seed;
    found += all.empty() ? 0 : 1;
    EXPECT_EQ(everything(db), before);
  }
  EXPECT_GT(found, 100);
}

// --- where nothing is wrong ---

struct Sound {
  const char* name;
  std::string sql;
};

void PrintTo(const Sound& sound, std::ostream* out) { *out << sound.name; }

class SoundDatabase : public testing::TestWithParam<Sound> {};

TEST_P(SoundDatabase, HasNoFaultNorHaveItsPeers) {
  Site a("a");
  Site b("b");
  Site late("late");
  for (Site* site : {&a, &b}) {
    site->db().exec(GetParam().sql);
    EXPECT_EQ(faults(site->db()), Lines());
  }
  late.db().exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  for (int i = 0; i < 2; ++i) {
    sync_full(a, b);
    sync_full(b, a);
    sync_full(b, late);
  }
  for (Site* site : {&a, &b, &late}) EXPECT_EQ(faults(site->db()), Lines()) << site->name();
}

const std::vector<Sound> kSound = {
    {"Nothing", "SELECT 1"},
    {"AllKindsOfWrites",
     "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b DEFAULT 7); INSERT INTO t VALUES (9, 9, 9); SELECT "
     "crsql_as_crr('t'); INSERT INTO t (id) VALUES (1), (2), (3), (4); UPDATE t SET a = id; DELETE FROM t WHERE id = "
     "2; "
     "INSERT INTO t VALUES (2, 2, 2); REPLACE INTO t VALUES (1, 'r', 'r'); UPDATE t SET id = id + 10 WHERE id > 3; "
     "INSERT INTO t VALUES (3, 0, 0) ON CONFLICT DO UPDATE SET a = 'u'; UPDATE t SET id = 50 - id; DELETE FROM t WHERE "
     "id = 49; BEGIN; INSERT INTO t VALUES (7, 7, 7); SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; COMMIT"},
    {"CompositeKeys",
     "CREATE TABLE t (x TEXT NOT NULL, v, y INTEGER NOT NULL, w, PRIMARY KEY (y, x)); SELECT crsql_as_crr('t'); INSERT "
     "INTO t VALUES ('k', 1, 7, 2), ('l', 1, 7, 2), ('7', 1, 0, 2); UPDATE t SET y = 8 WHERE x = 'k'; DELETE FROM t "
     "WHERE x = 'l'"},
    {"WithoutRowid",
     "CREATE TABLE t (p TEXT NOT NULL, q INTEGER NOT NULL, v, PRIMARY KEY (p, q)) WITHOUT ROWID; SELECT "
     "crsql_as_crr('t'); INSERT INTO t VALUES ('a', 1, 1), ('b', 1, 1); DELETE FROM t WHERE p = 'a'; UPDATE t SET p = "
     "'a'"},
    {"KeyOnly",
     "CREATE TABLE t (a TEXT NOT NULL, b NOT NULL, PRIMARY KEY (a, b)); SELECT crsql_as_crr('t'); INSERT INTO t VALUES "
     "('a', 1), ('b', 1.0), ('c', x'00'); DELETE FROM t WHERE a = 'a'; INSERT INTO t VALUES ('a', 1); UPDATE t SET b = "
     "2 WHERE a = 'b'"},
    {"NoCase",
     "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL COLLATE NOCASE, v); SELECT crsql_as_crr('t'); INSERT INTO t VALUES "
     "('Bob', 1), ('al', 2); REPLACE INTO t VALUES ('bob', 3); UPDATE t SET id = 'AL' WHERE id = 'al'; INSERT INTO "
     "crsql_changes ([table], pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES ('t', "
     "crsql_pack_columns('BOB'), 'v', 4, 9, 9, x'11', 1, 0)"},
    {"KeysThatKeepOneAndOnePointZero",
     "CREATE TABLE t (id PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1), ('1', 2), "
     "(x'31', 3); UPDATE t SET id = 1.0 WHERE typeof(id) = 'integer'"},
    {"Types",
     "CREATE TABLE t (k REAL PRIMARY KEY NOT NULL, i INT, x ANY) STRICT; SELECT crsql_as_crr('t'); INSERT INTO t "
     "VALUES "
     "(1, 1, 1), (0.5, 2, 'x'), (-0.0, 3, NULL); CREATE TABLE n (k NUMERIC PRIMARY KEY NOT NULL, g AS (k || 'g')); "
     "SELECT crsql_as_crr('n'); INSERT INTO n VALUES ('1e3'), (2.0), ('x')"},
    {"OddNames",
     R"(CREATE TABLE "it's ""a"" t" ("the k" TEXT PRIMARY KEY NOT NULL, [group], "fault", "quo""te's"); )"
     R"(SELECT crsql_as_crr('it''s "a" t'); INSERT INTO "it's ""a"" t" VALUES ('a', 1, 2, 3), ('b', 1, 2, 3); )"
     R"(DELETE FROM "it's ""a"" t" WHERE "the k" = 'a'; )"
     R"(CREATE TABLE k (t PRIMARY KEY NOT NULL, c, s, ""); SELECT crsql_as_crr('k'); )"
     R"(INSERT INTO k VALUES (1, 1, 1, 1); CREATE TABLE c ("fault" PRIMARY KEY NOT NULL, "key", pk, "number"); )"
     R"(SELECT crsql_as_crr('c'); INSERT INTO c VALUES (1, 1, 1, 1), ('2', NULL, 3, 4); )"
     R"(DELETE FROM c WHERE "fault" = 1)"},
    {"Alters",
     "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1, "
     "1), "
     "(2, 2, 2); DELETE FROM t WHERE id = 2; SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c DEFAULT 5; "
     "INSERT INTO t VALUES (3, 3, 3, 3); DELETE FROM t WHERE id = 1; SELECT crsql_commit_alter('t'); ALTER TABLE t ADD "
     "COLUMN d; UPDATE t SET d = 1; SELECT crsql_begin_alter('t'); ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME "
     "COLUMN id TO n; ALTER TABLE u RENAME COLUMN a TO e; ALTER TABLE u DROP COLUMN b; SELECT crsql_commit_alter('u'); "
     "INSERT INTO u VALUES (7, 7, 7, 7); SELECT crsql_begin_alter('u'); CREATE TABLE v (e PRIMARY KEY NOT NULL); "
     "INSERT "
     "INTO v SELECT e FROM u; DROP TABLE u; ALTER TABLE v RENAME TO u; SELECT crsql_commit_alter('u')"},
    {"BeforeAnyVersion",
     "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); SELECT crsql_begin_alter('t'); "
     "INSERT INTO t VALUES (1, 1); SELECT crsql_commit_alter('t')"},
    {"DroppedBehindTheEngine",
     "CREATE TABLE t (id PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1); DROP TABLE "
     "t; "
     "CREATE TABLE u (id PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('u'); INSERT INTO u VALUES (1, 1); SELECT "
     "crsql_as_table('u')"},
    {"Clset",
     "CREATE VIRTUAL TABLE t_schema USING clset (id INTEGER PRIMARY KEY NOT NULL, v); INSERT INTO t VALUES (1, 1), (2, "
     "2); DELETE FROM t WHERE id = 1"},
    {"OrderedLists",
     "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, list, ord TEXT); SELECT crsql_as_crr('t'); SELECT "
     "crsql_fract_as_ordered('t', 'ord', 'list'); INSERT INTO t VALUES (1, 1, 1), (2, 1, -1); INSERT INTO t_fractindex "
     "(id, list, after_id) VALUES (3, 1, 2); UPDATE t_fractindex SET after_id = 1 WHERE id = 2"},
    {"NewSite",
     "CREATE TABLE t (id PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1); SELECT "
     "crsql_new_site_id(); UPDATE t SET a = 2"},
};

INSTANTIATE_TEST_SUITE_P(Check, SoundDatabase, testing::ValuesIn(kSound),
                         [](const auto& sound) { return sound.param.name; });

TEST_F(Check, MergesOfAllKindsLeaveNoFault) {
  for (const Change& change : {cell("a", std::int64_t{3}, 0), life(1), cell("b", "x", 4), life(4), cell("a", "y", 2, 5),
                               life(7), cell("b", {}, 1, 3), life(6), cell("a", {}, 0, 9)}) {
    merge(db, change);
    EXPECT_EQ(faults(db), Lines()) << describe(change);
  }
}

TEST_F(Check, SeesWhatTheOpenTransactionHasWritten) {
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); DELETE FROM t WHERE id = 2; UPDATE t SET id = 5");
  EXPECT_EQ(faults(db), Lines());
  db.exec("SELECT crsql_begin_alter('t'); ALTER TABLE t RENAME TO u; INSERT INTO u VALUES (6, 6, 6)");
  EXPECT_EQ(faults(db), Lines()) << "the alter is not done yet";
  db.exec("SELECT crsql_commit_alter('u')");
  EXPECT_EQ(faults(db), Lines());
  db.exec("COMMIT");
  EXPECT_EQ(faults(db), Lines());
}

TEST(CheckFile, IsLeftAlone) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  Database(file).exec(std::string(kTable) + "; INSERT INTO t VALUES (1, 1, 1); DELETE FROM t__crsql_clock");
  const auto written = std::filesystem::last_write_time(file);
  const Database db(file);
  EXPECT_EQ(faults(db).size(), 1U);
  EXPECT_EQ(sqlite3_total_changes(db.handle()), 0);
  EXPECT_EQ(faults(Database(file, Engine::kAttached, SQLITE_OPEN_READONLY)).size(), 1U);
  EXPECT_EQ(std::filesystem::last_write_time(file), written);
  const std::string plain = (directory.path() / "plain.db").string();
  Database(plain, Engine::kAbsent).exec("CREATE TABLE t (id)");
  EXPECT_EQ(faults(Database(plain, Engine::kAttached, SQLITE_OPEN_READONLY)), Lines());
}

TEST_F(Check, IsATableLikeAnyOther) {
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); DELETE FROM t__crsql_clock");
  EXPECT_EQ(db.lines("SELECT t.id FROM rejoin_check() AS c JOIN t ON c.pk = crsql_pack_columns(t.id) ORDER BY 1 DESC"),
            (Lines{"2", "1"}));
  EXPECT_EQ(db.integer("SELECT count(*) FROM rejoin_check WHERE \"table\" = 'u'"), 0);
  EXPECT_NE(error_of(db, "DELETE FROM rejoin_check"), "");
  EXPECT_NE(error_of(db, "CREATE VIRTUAL TABLE x USING rejoin_check"), "");
}

TEST_F(Check, IsTheSameFromCpp) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); DELETE FROM t__crsql_clock; DROP TRIGGER t__crsql_utrig");
  const Result<Replica> replica = Replica::on(db.handle());
  const Result<std::vector<Fault>> found = replica->check();
  ASSERT_EQ(found.status().message(), "");
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].pk, Blob());
  EXPECT_EQ((*found)[1].table, "t");
  EXPECT_EQ((*found)[1].pk, key(db, "1"));
  EXPECT_EQ((*found)[1].text, "the row has no clock rows");
}

}  // namespace
}  // namespace rejoin::test
