// Merging on a real database: against the merge rule on a row in memory, and everything that a peer can get wrong.
#include "crr/merger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>

#include "crr/fixture.hpp"
#include "crr/tiny_replica.hpp"
#include "support/temporary.hpp"

#include <rejoin/replica.hpp>

namespace rejoin::test {
namespace {

using internal::Decision;
using internal::TinyChange;
using internal::TinyRow;

// --- every short sequence of changes, each on a row of its own ---

std::vector<TinyChange> domain() {
  std::vector<TinyChange> all;
  for (const int writer : {1, 2}) {
    for (const int cl : {1, 2, 3}) all.push_back({cl, -1, cl, 0, writer});
    for (const int value : {1, 2}) {
      all.push_back({1, 0, 1, value, writer});
      all.push_back({3, 0, 1, value, writer});
    }
    all.push_back({1, 0, 2, 1, writer});
    all.push_back({1, 1, 1, 1, writer});
    all.push_back({3, 1, 0, 1, writer});
    all.push_back({2, 0, 5, 1, writer});
  }
  return all;
}

Change as_sent(const TinyChange& tiny, const Blob& pk) {
  Change change = cell(tiny.cell < 0 ? kSentinelColumn : tiny.cell == 0 ? "a" : "b", {}, tiny.version, tiny.cl);
  change.pk = pk;
  change.site_id = tiny.writer == 1 ? kPeer : kGreaterPeer;
  if (tiny.cell >= 0 && tiny.value != 0) change.value = std::int64_t{tiny.value};
  return change;
}

/// What the database holds of the row of each key.
std::map<std::int64_t, TinyRow> read_rows(const Database& db) {
  std::map<std::int64_t, TinyRow> rows;
  for (const Row& row :
       db.query("SELECT k.id, c.col_name, c.col_version, s.site_id FROM t__crsql_clock AS c JOIN "
                "t__crsql_pks AS k ON k.__crsql_key = c.key JOIN crsql_site_id AS s ON s.ordinal = c.site_id")) {
    TinyRow& tiny = rows[std::get<std::int64_t>(row[0])];
    const std::string& column = std::get<std::string>(row[1]);
    const int version = static_cast<int>(std::get<std::int64_t>(row[2]));
    const Blob& site = std::get<Blob>(row[3]);
    const int writer = site == kPeer ? 1 : site == kGreaterPeer ? 2 : 0;
    if (column == "-1") {
      tiny.cl = version;
      tiny.sentinel = true;
      tiny.sentinel_writer = writer;
    } else {
      tiny.cells[column == "a" ? 0 : 1] = {true, version, 0, writer};
      if (!tiny.sentinel) tiny.cl = 1;
    }
  }
  for (const Row& row : db.query("SELECT id, coalesce(a, 0), coalesce(b, 0) FROM t")) {
    for (std::size_t i = 0; i < 2; ++i) {
      rows[std::get<std::int64_t>(row[0])].cells[i].value = static_cast<int>(std::get<std::int64_t>(row[1 + i]));
    }
  }
  return rows;
}

void play_every_sequence(bool equal_values) {
  const Database db;
  db.exec(kTable);
  db.exec("UPDATE crsql_site_id SET site_id = zeroblob(16)");  // this site comes before its peers
  if (equal_values) db.exec("SELECT crsql_config_set('merge-equal-values', 1)");
  Replica replica = std::move(Replica::on(db.handle())).value();
  const std::vector<TinyChange> changes = domain();
  std::map<std::int64_t, TinyRow> expected;
  std::int64_t impacted = 0;
  std::int64_t id = 0;
  db.exec("BEGIN");
  Statement pack(db.handle(), "SELECT crsql_pack_columns(?1)");
  for (const TinyChange& first : changes) {
    for (const TinyChange& second : changes) {
      for (const TinyChange& third : changes) {
        pack.bind(1, ++id);
        pack.step();
        const Blob pk = std::get<Blob>(pack.column(0));
        pack.reset();
        TinyRow& row = expected[id];
        for (const TinyChange& change : {first, second, third}) {
          const Decision decision = merge_tiny(row, change, equal_values);
          const Result<MergeOutcome> outcome = replica.merge(as_sent(change, pk));
          ASSERT_EQ(outcome.status().message(), "");
          ASSERT_EQ(outcome->won, decision != Decision::kIgnore) << first << second << third;
          impacted += decision == Decision::kIgnore ? 0 : decision == Decision::kNewLifeCell ? 2 : 1;
        }
      }
    }
  }
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), impacted);
  db.exec("COMMIT");
  EXPECT_EQ(read_rows(db), expected);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"),
            std::ranges::count_if(expected, [](const auto& row) { return row.second.alive(); }));
}

TEST(Merger, DoesWhatTheRuleSaysForEverySequenceOfThree) { play_every_sequence(false); }
TEST(Merger, DoesWhatTheRuleSaysWithEqualValuesToo) { play_every_sequence(true); }

// --- what it writes ---

struct MergerTest : testing::Test {
  MergerTest() { db.exec(kTable); }
  [[nodiscard]] Lines rows() const { return db.lines("SELECT * FROM t"); }
  Database db;
};

TEST_F(MergerTest, TheWinnerIsStampedWithItsOwnSiteAndSeqAndAVersionOfOurs) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  Change change = cell("a", std::int64_t{5}, 4);
  change.db_version = 30;
  change.seq = 12;
  merge(db, change);
  EXPECT_EQ(clocks(db), (Lines{"1|'a'|4|30|1|12", "1|'b'|1|1|0|1"}));
  change.column_version = 5;
  change.db_version = 2;
  merge(db, change);
  EXPECT_EQ(clocks(db)[0], "1|'a'|5|31|1|12") << "never below what is here";
}

// docs/merge.md, remnants: else the filter by site would keep it from the one who wrote it, and has forgotten it.
TEST_F(MergerTest, WhatIsLeftOfAnEarlierLifeIsOurs) {
  merge(db, cell("a", std::int64_t{5}, 4));
  Change next = cell("b", std::int64_t{6}, 1, 3);
  next.site_id = kGreaterPeer;
  merge(db, next);
  EXPECT_EQ(db.lines("SELECT cid, val, col_version, site_id = crsql_site_id() FROM crsql_changes ORDER BY cid"),
            (Lines{"'-1'|NULL|3|0", "'a'|5|0|1", "'b'|6|1|0"}));
}

TEST_F(MergerTest, NoSiteIsOurs) {
  Change change = cell("a", std::int64_t{5}, 4);
  change.site_id = {};
  merge(db, change);
  change.column = "b";
  change.site_id = db.blob("SELECT crsql_site_id()");
  merge(db, change);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE site_id = crsql_site_id()"), 2);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_site_id"), 1);
}

TEST_F(MergerTest, AnOrdinalIsGivenOnlyToSitesThatWin) {
  db.exec("INSERT INTO t VALUES (1, 1, 1); UPDATE t SET a = 2");
  merge(db, cell("a", std::int64_t{9}, 1));
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_site_id"), 1);
  merge(db, cell("a", std::int64_t{9}, 2));
  EXPECT_EQ(db.lines("SELECT ordinal, site_id FROM crsql_site_id WHERE ordinal > 0"),
            Lines{"1|" + literal(Value(kPeer))});
}

TEST(MergerOnFile, ALosingChangeLeavesNotAByte) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.db").string();
  const Database db(file);
  db.exec(kTable);
  db.exec(
      "INSERT INTO t VALUES (1, 5, 5); UPDATE t SET a = 6; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (2, 2, 2)");
  const auto bytes = [&] {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string before = bytes();
  for (const std::int64_t cl : {1, 2}) {
    merge(db, cell("a", std::int64_t{100}, 100, cl));
    merge(db, life(cl));
  }
  EXPECT_TRUE(bytes() == before);
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 0);
}

TEST_F(MergerTest, ValuesAreWeighedAsTheyAreStored) {
  db.exec("CREATE TABLE n (id INTEGER PRIMARY KEY NOT NULL, i INTEGER, x TEXT, r REAL); SELECT crsql_as_crr('n')");
  db.exec("INSERT INTO n VALUES (1, 12, '7', 3)");
  const auto weigh = [&](const char* column, Value value) {
    Change change = cell(column, std::move(value), 1);
    change.table = "n";
    merge(db, change);
    return db.lines("SELECT * FROM n").front();
  };
  EXPECT_EQ(weigh("i", std::string("12")), "1|12|'7'|3.0") << "equal, not greater";
  EXPECT_EQ(weigh("i", std::string("13")), "1|13|'7'|3.0");
  EXPECT_EQ(weigh("i", 13.0), "1|13|'7'|3.0");
  EXPECT_EQ(weigh("i", std::string("zzz")), "1|13|'7'|3.0") << "a text is less than any number";
  EXPECT_EQ(weigh("x", std::int64_t{6}), "1|13|'7'|3.0");
  EXPECT_EQ(weigh("x", 8.5), "1|13|'8.5'|3.0");
  EXPECT_EQ(weigh("r", std::int64_t{4}), "1|13|'8.5'|4.0");
  EXPECT_EQ(weigh("r", std::string("4.0")), "1|13|'8.5'|4.0");
  EXPECT_EQ(db.integer("SELECT count(*) FROM n__crsql_clock WHERE site_id = 0"), 0);
}

TEST_F(MergerTest, KeysAreConvertedToo) {
  Change change = cell("a", std::int64_t{5}, 4);
  for (const char* id : {"1", "'1'", "1.0", "' 1 '"}) {
    change.pk = key(db, id);
    change.column_version += 1;
    merge(db, change);
  }
  EXPECT_EQ(rows(), Lines{"1|5|NULL"});
  EXPECT_EQ(db.lines("SELECT pk, col_version FROM crsql_changes"), Lines{"x'010901'|8"});
  EXPECT_EQ(db.integer("SELECT count(*) FROM t__crsql_pks"), 1);
}

TEST_F(MergerTest, ANewRowTakesItsDefaults) {
  db.exec(
      "CREATE TABLE d (id PRIMARY KEY NOT NULL, a NOT NULL DEFAULT 'none', b DEFAULT (1 + 1)); SELECT "
      "crsql_as_crr('d')");
  Change change = cell("b", std::int64_t{7}, 1);
  change.table = "d";
  merge(db, change);
  Change other = life(3);
  other.table = "d";
  other.pk = key(db, "2");
  merge(db, other);
  EXPECT_EQ(db.lines("SELECT * FROM d"), (Lines{"1|'none'|7", "2|'none'|2"}));
}

// The pseudo table of an UPSERT has a name that a table may have too.
TEST_F(MergerTest, ATableMayBeCalledExcluded) {
  db.exec("CREATE TABLE excluded (id INTEGER PRIMARY KEY NOT NULL, a, excluded); SELECT crsql_as_crr('excluded')");
  db.exec(
      "SELECT crsql_internal_sync_bit(1); INSERT INTO excluded VALUES (1, 'old', 'old'); SELECT "
      "crsql_internal_sync_bit(0)");
  for (const char* column : {"a", "excluded"}) {
    Change change = cell(column, std::string("new"), 1);
    change.table = "excluded";
    change.causal_length = column[0] == 'a' ? 1 : 3;
    merge(db, change);
  }
  EXPECT_EQ(db.lines("SELECT * FROM excluded"), Lines{"1|'new'|'new'"});
}

TEST_F(MergerTest, ARowIdOfTheApplicationsStays) {
  db.exec("INSERT INTO t VALUES (77, 1, 1)");
  merge(db, cell("a", std::int64_t{5}, 4));
  merge(db, life(4));
  EXPECT_EQ(sqlite3_last_insert_rowid(db.handle()), 77);
}

// A peer on another schema: what it says of a life that is over needs no column.
TEST_F(MergerTest, AColumnThatIsNotHereIsNotMissedWhereTheRowsLifeIsOver) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  merge(db, life(3));
  const Lines before = everything(db);
  merge(db, cell("unknown", std::int64_t{5}, 9, 1));
  EXPECT_EQ(everything(db), before);
  EXPECT_THROW(merge(db, cell("unknown", std::int64_t{5}, 9, 3)), SqlError);
  EXPECT_THROW(merge(db, cell("unknown", std::int64_t{5}, 9, 5)), SqlError);
  EXPECT_EQ(everything(db), before);
  merge(db, cell("unknown", std::int64_t{5}, 4, 4));
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
  EXPECT_EQ(changes(db), Lines{"'-1'|NULL|4|3|4|0"});
}

// --- what a peer can get wrong: an error that says so, and not a byte changed ---

TEST_F(MergerTest, EveryBadChangeIsRefusedAndLeavesNothing) {
  db.exec(
      "INSERT INTO t VALUES (1, 1, 1); CREATE TABLE p (x NOT NULL, y NOT NULL, v, PRIMARY KEY (x, y)); SELECT "
      "crsql_as_crr('p')");
  db.exec("CREATE TABLE plain (id PRIMARY KEY, a)");
  const auto with = [](auto&& edit) {
    Change change = cell("a", std::int64_t{5}, 4);
    edit(change);
    return change;
  };
  constexpr std::int64_t kTooMuch = std::int64_t{1} << 62;
  const std::pair<Change, const char*> bad[] = {
      {with([](Change& c) { c.table = "nowhere"; }), "crsql_changes: table \"nowhere\" is not a CRR in this database"},
      {with([](Change& c) { c.table = "plain"; }), "crsql_changes: table \"plain\" is not a CRR in this database"},
      {with([](Change& c) { c.table = "T"; }), "crsql_changes: table \"T\" is not a CRR in this database"},
      {with([](Change& c) { c.table = "t__crsql_clock"; }),
       "crsql_changes: table \"t__crsql_clock\" is not a CRR in this database"},
      {with([](Change& c) { c.column = "nothing"; }), "crsql_changes: table \"t\" has no column \"nothing\""},
      {with([](Change& c) { c.column = "id"; }), "crsql_changes: table \"t\" has no column \"id\""},
      {with([](Change& c) { c.column = "A"; }), "crsql_changes: table \"t\" has no column \"A\""},
      {with([](Change& c) { c.column_version = -1; }), "crsql_changes: table \"t\": col_version -1 is out of bounds"},
      {with([](Change& c) { c.column_version = kTooMuch; }),
       "crsql_changes: table \"t\": col_version 4611686018427387904 is out of bounds"},
      {with([](Change& c) { c.db_version = -1; }), "crsql_changes: table \"t\": db_version -1 is out of bounds"},
      {with([](Change& c) { c.db_version = kTooMuch; }),
       "crsql_changes: table \"t\": db_version 4611686018427387904 is out of bounds"},
      {with([](Change& c) { c.causal_length = 0; }), "crsql_changes: table \"t\": cl 0 is out of bounds"},
      {with([](Change& c) { c.causal_length = -3; }), "crsql_changes: table \"t\": cl -3 is out of bounds"},
      {with([](Change& c) { c.causal_length = kTooMuch; }),
       "crsql_changes: table \"t\": cl 4611686018427387904 is out of bounds"},
      {with([](Change& c) { c.seq = -1; }), "crsql_changes: table \"t\": seq -1 is out of bounds"},
      {with([](Change& c) { c.seq = std::int64_t{1} << 31; }),
       "crsql_changes: table \"t\": seq 2147483648 is out of bounds"},
      {with([](Change& c) { c.site_id = Blob(17, 1); }),
       "crsql_changes: table \"t\": site_id has 17 bytes, at most 16 are allowed"},
      {with([](Change& c) { c.pk = {}; }), "crsql_changes: table \"t\": pk: packed values are empty"},
      {with([](Change& c) { c.pk = {0}; }), "crsql_changes: table \"t\": pk: 0 values for 1 key columns"},
      {with([](Change& c) {
         c.pk = {2, 9, 1, 9, 2};
       }),
       "crsql_changes: table \"t\": pk: 2 values for 1 key columns"},
      {with([](Change& c) {
         c.pk = {1, 9, 1, 0};
       }),
       "crsql_changes: table \"t\": pk: 1 bytes follow the last packed value"},
      {with([](Change& c) {
         c.pk = {1, 5};
       }),
       "crsql_changes: table \"t\": pk: key column \"id\" is NULL"},
      {with([](Change& c) {
         c.table = "p";
         c.column = "v";
         c.pk = {2, 9, 1, 2, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0};
       }),
       "crsql_changes: table \"p\": pk: key column \"y\" is NULL"},
  };
  const Lines before = everything(db);
  for (const auto& [change, message] : bad) {
    EXPECT_EQ(merge_error(db, change), message);
    EXPECT_EQ(everything(db), before);
  }
}

TEST_F(MergerTest, TheLargestNumbersThatAreAllowedAreTaken) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 62) - 1;
  constexpr std::int64_t kReach = std::int64_t{1} << 61;  // what is left below 2^62 can't be used up
  Change change = cell("a", std::int64_t{5}, kMost, kMost);
  change.db_version = kMost;
  change.seq = (std::int64_t{1} << 31) - 1;
  merge(db, change);
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), kReach);
  db.exec("UPDATE t SET b = 6; INSERT INTO t VALUES (2, 7, 7); DELETE FROM t WHERE id = 2");
  EXPECT_EQ(db.integer("SELECT crsql_db_version()"), kReach + 3) << "our own counters go on";
  EXPECT_EQ(db.integer("SELECT max(cl) FROM crsql_changes"), kMost);
}

TEST_F(MergerTest, AnIntegerKeyTakesIntegersAlone) {
  Change change = cell("a", std::int64_t{5}, 1);
  change.pk = key(db, "'word'");
  const Lines before = everything(db);
  EXPECT_EQ(merge_error(db, change), "merging into table \"t\": datatype mismatch (row ('word'), column \"a\")");
  EXPECT_EQ(everything(db), before);
}

TEST_F(MergerTest, AStrictColumnRefusesWhatItDoesNotKeep) {
  db.exec("CREATE TABLE s (id INT PRIMARY KEY NOT NULL, i INTEGER, any ANY) STRICT; SELECT crsql_as_crr('s')");
  Change change = cell("i", std::string("word"), 1);
  change.table = "s";
  const Lines before = everything(db);
  EXPECT_EQ(merge_error(db, change),
            "merging into table \"s\": cannot store TEXT value in INTEGER column s.i (row (1), column \"i\")");
  EXPECT_EQ(everything(db), before);
  change.value = std::string("12");
  merge(db, change);
  change.column = "any";
  merge(db, change);
  EXPECT_EQ(db.lines("SELECT * FROM s"), Lines{"1|12|'12'"});
}

// --- constraints and triggers of the application ---

TEST_F(MergerTest, AConstraintThatRefusesLeavesNothingAndCaptureGoesOn) {
  db.exec(
      "CREATE TABLE c (id INTEGER PRIMARY KEY NOT NULL, v NOT NULL DEFAULT 0 CHECK (v < 10)); SELECT "
      "crsql_as_crr('c')");
  Change change = cell("v", std::int64_t{50}, 1);
  change.table = "c";
  Lines before = everything(db);
  EXPECT_EQ(merge_error(db, change),
            "merging into table \"c\": CHECK constraint failed: v < 10 (row (1), column \"v\")");
  EXPECT_EQ(everything(db), before);
  change.value = {};
  EXPECT_EQ(merge_error(db, change),
            "merging into table \"c\": NOT NULL constraint failed: c.v (row (1), column \"v\")");
  EXPECT_EQ(everything(db), before);
  EXPECT_EQ(db.integer("SELECT crsql_internal_sync_bit()"), 0);
  db.exec("INSERT INTO c VALUES (5, 5)");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
  db.exec("BEGIN; INSERT INTO c VALUES (6, 6)");
  EXPECT_NE(merge_error(db, change), "");
  db.exec("COMMIT");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 2) << "only the merge was undone";
}

TEST_F(MergerTest, TriggersOfTheApplicationRunAndWhatTheyWriteIsNotRecorded) {
  db.exec("CREATE TABLE log (n INTEGER PRIMARY KEY NOT NULL, note); SELECT crsql_as_crr('log')");
  db.exec("CREATE TRIGGER note AFTER UPDATE ON t BEGIN INSERT INTO log (note) VALUES (NEW.a); END");
  db.exec(
      "CREATE TRIGGER own AFTER UPDATE ON t WHEN crsql_internal_sync_bit() = 0 BEGIN "
      "INSERT INTO log (note) VALUES ('by hand'); END; INSERT INTO t VALUES (1, 1, 1)");
  merge(db, cell("a", std::string("merged"), 9));
  EXPECT_EQ(db.lines("SELECT note FROM log"), Lines{"'merged'"});
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE [table] = 'log'"), 0);
  db.exec("UPDATE t SET a = 'x'");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE [table] = 'log'"), 2);
}

TEST_F(MergerTest, ATriggerThatRefusesMakesTheMergeAnError) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  db.exec("CREATE TRIGGER refuse BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'not this one'); END");
  const Lines before = everything(db);
  EXPECT_EQ(merge_error(db, life(2)), "merging into table \"t\": not this one (row (1), column \"-1\")");
  EXPECT_EQ(everything(db), before);
}

// What fails after the base table was written, which only a broken database can do, must not be committed.
TEST_F(MergerTest, AHalfWrittenMergeKeepsItsTransactionFromCommitting) {
  db.exec("CREATE TRIGGER broken BEFORE INSERT ON t__crsql_clock BEGIN SELECT RAISE(ABORT, 'broken'); END");
  db.exec("BEGIN");
  merge(db, cell("a", std::int64_t{5}, 1));  // its clock waits
  EXPECT_EQ(error_of(db, "SELECT * FROM crsql_changes"), "writing the clocks: broken");
  EXPECT_EQ(merge_error(db, cell("a", std::int64_t{6}, 2)), "writing the clocks: broken");
  EXPECT_EQ(error_of(db, "COMMIT"), "writing the clocks: broken");
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(rows(), Lines{});
  EXPECT_NE(merge_error(db, cell("a", std::int64_t{5}, 1)), "");
  EXPECT_EQ(rows(), Lines{}) << "a transaction of its own";
  db.exec("DROP TRIGGER broken");
  merge(db, cell("a", std::int64_t{5}, 1));
  EXPECT_EQ(rows(), Lines{"1|5|NULL"});
}

TEST_F(MergerTest, AMergeThatIsRolledBackToASavepointIsForgotten) {
  db.exec("BEGIN; INSERT INTO t VALUES (5, 5, 5); SAVEPOINT s");
  merge(db, cell("a", std::int64_t{5}, 4));
  EXPECT_EQ(db.integer("SELECT crsql_rows_impacted()"), 1);
  db.exec("ROLLBACK TO s");
  Change change = cell("b", std::int64_t{6}, 2);
  change.site_id = kGreaterPeer;
  merge(db, change);
  db.exec("COMMIT");
  EXPECT_EQ(db.lines("SELECT pk, cid, site_id = crsql_site_id() FROM crsql_changes WHERE cid <> 'a'"),
            (Lines{"x'010901'|'b'|0", "x'010905'|'b'|1"}));
  EXPECT_EQ(db.lines("SELECT ordinal, site_id FROM crsql_site_id WHERE ordinal > 0"),
            Lines{"1|" + literal(Value(kGreaterPeer))});
}

// --- the columns that older clients leave out (contract, section 9) ---

TEST_F(MergerTest, WithoutClAChangeIsAboutThePresentLife) {
  const auto insert = [&](const char* cid, int version) {
    db.exec(
        "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id) VALUES "
        "('t', x'010901', '" +
        std::string(cid) + "', 'v', " + std::to_string(version) + ", 1, x'0a')");
  };
  insert("a", 1);
  EXPECT_EQ(rows(), Lines{"1|'v'|NULL"});
  insert("-1", 2);
  EXPECT_EQ(rows(), Lines{});
  insert("a", 9);
  EXPECT_EQ(rows(), Lines{}) << "the row is dead here";
  insert("-1", 3);
  insert("b", 1);
  EXPECT_EQ(rows(), Lines{"1|NULL|'v'"});
  EXPECT_EQ(db.lines("SELECT cid, col_version, cl, seq FROM crsql_changes ORDER BY cid"),
            (Lines{"'-1'|3|3|0", "'b'|1|3|0"}));
  EXPECT_EQ(error_of(db,
                     "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id) VALUES "
                     "('t', x'010901', '-1', NULL, 0, 1, x'0a')"),
            "crsql_changes: a sentinel without cl has col_version 0");
}

TEST_F(MergerTest, ATieWithAChangeThatNamesNoSiteIsBetweenThisSiteAndTheWriter) {
  db.exec("SELECT crsql_config_set('merge-equal-values', 1)");
  merge(db, cell("a", std::int64_t{5}, 2));
  Change ours = cell("a", std::int64_t{5}, 2);
  ours.site_id.clear();
  merge(db, ours);
  const Blob own = db.blob("SELECT crsql_site_id()");
  EXPECT_EQ(db.blob("SELECT site_id FROM crsql_changes"), std::max(own, kPeer));
}

}  // namespace
}  // namespace rejoin::test
