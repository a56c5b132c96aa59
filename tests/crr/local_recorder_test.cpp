// What the application's own writes leave in the clocks, whatever savepoints and failures they go through.
#include "crr/local_recorder.hpp"

#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/choices.hpp"

namespace rejoin::test {
namespace {

/// All that a transaction left behind: rows and changes.
Lines outcome(const Database& db) {
  Lines all = db.lines("SELECT * FROM t ORDER BY 1");
  for (std::string& line : db.lines("SELECT * FROM u ORDER BY 1, 2")) all.push_back(std::move(line));
  for (std::string& line :
       db.lines("SELECT \"table\", pk, cid, val, col_version, db_version, cl, seq FROM crsql_changes")) {
    all.push_back(std::move(line));
  }
  all.push_back(db.lines("SELECT crsql_db_version(), crsql_get_seq()").front());
  return all;
}

void prepare(const Database& db) {
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a CHECK (a < 90), b)");
  db.exec("CREATE TABLE u (x NOT NULL, y NOT NULL, v, PRIMARY KEY (x, y)) WITHOUT ROWID");
  db.exec("SELECT crsql_as_crr('t'); SELECT crsql_as_crr('u')");
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3); INSERT INTO u VALUES (1, 1, 1), (2, 2, 2)");
}

std::string random_write(Choices& choices) {
  const auto number = [&](std::uint64_t below) { return std::to_string(1 + choices.below(below)); };
  switch (choices.below(10)) {
    case 0:
      return "INSERT OR IGNORE INTO t VALUES (" + number(5) + ", " + number(3) + ", 0)";
    case 1:
      return "INSERT INTO t VALUES (" + number(5) + ", 7, 7) ON CONFLICT DO UPDATE SET b = b + 1";
    case 2:
      return "INSERT OR REPLACE INTO t VALUES (" + number(5) + ", 8, " + number(9) + ")";
    case 3:
      return "UPDATE t SET a = " + number(3) + " WHERE id <= " + number(5);
    case 4:
      return "UPDATE t SET b = a, a = b % 80 WHERE id = " + number(5);
    case 5:
      return "DELETE FROM t WHERE id = " + number(5);
    case 6:
      return "UPDATE OR IGNORE t SET id = " + number(6) + " WHERE id = " + number(6);
    case 7:
      return "INSERT OR REPLACE INTO u VALUES (" + number(2) + ", " + number(2) + ", " + number(4) + ")";
    case 8:
      return "UPDATE OR REPLACE u SET y = " + number(3) + " WHERE x = " + number(2);
    default:
      return "DELETE FROM u WHERE y = " + number(3);
  }
}

/// A transaction with savepoints in every nesting, played on a database; what survives is noted.
class Player {
 public:
  Player(const Database& db, Choices& choices) : db_(db), choices_(choices) {}

  void play() {
    const bool by_savepoint = choices_.chance(30);
    db_.exec(by_savepoint ? "SAVEPOINT outermost" : "BEGIN");
    const std::size_t steps = 3 + choices_.index(25);
    for (std::size_t i = 0; i < steps; ++i) step();
    if (by_savepoint && choices_.chance(30)) {
      run("ROLLBACK TO outermost");
      surviving_.clear();
      marks_.clear();
      write();
    }
    db_.exec(by_savepoint ? "RELEASE outermost" : "COMMIT");
  }

  [[nodiscard]] const Lines& surviving() const { return surviving_; }
  std::string log;  ///< everything that was run, for a failure's report

 private:
  void run(const std::string& sql) {
    log += sql + ";\n";
    db_.exec(sql);
  }
  void write() {
    surviving_.push_back(random_write(choices_));
    run(surviving_.back());
  }
  void savepoint() {
    run("SAVEPOINT s" + std::to_string(marks_.size()));
    marks_.push_back(surviving_.size());
  }
  void rollback_to() {
    if (marks_.empty()) return;
    const std::size_t level = choices_.index(marks_.size());
    run("ROLLBACK TO s" + std::to_string(level));
    surviving_.resize(marks_[level]);
    marks_.resize(level + 1);
  }
  void release() {
    if (marks_.empty()) return;
    const std::size_t level = choices_.index(marks_.size());
    run("RELEASE s" + std::to_string(level));
    marks_.resize(level);
  }
  /// A statement that writes rows and then fails, which undoes it.
  void fail() {
    const std::string sql = "UPDATE t SET b = b + 1, a = CASE id WHEN 3 THEN 99 ELSE a END";
    log += sql + "; -- may fail\n";
    if (!db_.error_of(sql)) surviving_.push_back(sql);
  }
  /// A statement that fails and keeps what it did until then.
  void fail_half_way() {
    log += "INSERT OR FAIL half way\n";
    if (db_.integer("SELECT count(*) FROM t WHERE id = 40") == 0) {
      EXPECT_TRUE(db_.error_of("INSERT OR FAIL INTO t VALUES (40, 0, 0), (41, 99, 0)"));
      surviving_.emplace_back("INSERT INTO t VALUES (40, 0, 0)");
    }
  }
  void step() {
    switch (choices_.below(12)) {
      case 0:
      case 1:
        return savepoint();
      case 2:
        return rollback_to();
      case 3:
        return release();
      case 4:
        return fail();
      case 5:
        return fail_half_way();
      case 6:
        return run("SELECT count(*) FROM crsql_changes");
      case 7:
        return run("SELECT crsql_db_version(), crsql_get_seq()");
      default:
        return write();
    }
  }

  const Database& db_;
  Choices& choices_;
  Lines surviving_;
  std::vector<std::size_t> marks_;
};

// Whatever was undone on the way, the clocks are as if only what survived had ever been run.
TEST(LocalRecorder, KeepsExactlyWhatSurvivesSavepoints) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Choices choices = Choices::seeded(seed);
    const Database db;
    const Database twin;
    prepare(db);
    prepare(twin);
    for (int transaction = 0; transaction < 3; ++transaction) {
      Player player(db, choices);
      player.play();
      twin.exec("BEGIN");
      for (const std::string& sql : player.surviving()) twin.exec(sql);
      twin.exec("COMMIT");
      ASSERT_EQ(outcome(db), outcome(twin)) << "seed " << seed << ", transaction " << transaction << "\n" << player.log;
    }
  }
}

TEST(LocalRecorder, ALogWrittenInsideASavepointIsWrittenAgainWhenThatIsUndone) {
  const Database db;
  db.exec(kTable);
  db.exec("BEGIN; INSERT INTO t VALUES (1, 'before', 0); SAVEPOINT s; INSERT INTO t VALUES (2, 'within', 0)");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 4) << "reading writes the log";
  db.exec("ROLLBACK TO s");
  EXPECT_EQ(changes(db), (Lines{"'a'|'before'|1|1|1|0", "'b'|0|1|1|1|1"}));
  db.exec("INSERT INTO t VALUES (3, 'after', 0); COMMIT");
  EXPECT_EQ(changes(db), (Lines{"'a'|'before'|1|1|1|0", "'b'|0|1|1|1|1", "'a'|'after'|1|1|1|2", "'b'|0|1|1|1|3"}));
}

// 32 MiB of keys: the log is written in the middle of a statement, inside its trigger.
TEST(LocalRecorder, AFullLogIsWrittenEarlyAndStillUndone) {
  const Database db;
  db.exec("CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t')");
  const std::string fill =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45) "
      "INSERT INTO t SELECT CAST(i AS TEXT) || zeroblob(1000000), i FROM n";
  db.exec("BEGIN; INSERT INTO t VALUES ('first', 0); SAVEPOINT s; " + fill);
  EXPECT_EQ(db.integer("SELECT changes()"), 45);
  EXPECT_GT(db.integer("SELECT count(*) FROM t__crsql_clock"), 0) << "some of it is in the clocks already";
  db.exec("ROLLBACK TO s; INSERT INTO t VALUES ('second', 0); COMMIT");
  EXPECT_EQ(db.lines("SELECT substr(pk, 4), seq FROM crsql_changes"), (Lines{"x'6669727374'|0", "x'7365636f6e64'|1"}));
  db.exec(fill);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE db_version = 2"), 45);
  EXPECT_EQ(db.integer("SELECT max(seq) FROM crsql_changes WHERE db_version = 2"), 44);
  // A statement that fails after its log was written leaves nothing in the clocks.
  db.exec("CREATE TRIGGER refuse BEFORE UPDATE ON t WHEN NEW.a = 46 BEGIN SELECT RAISE(ABORT, 'no'); END");
  const Lines before = clocks(db);
  EXPECT_EQ(error_of(db, "UPDATE t SET a = a + 1"), "no");
  EXPECT_EQ(clocks(db), before);
}

struct Counts {
  std::int64_t changes, rowid;
  friend bool operator==(const Counts&, const Counts&) = default;
};
Counts counts(const Database& db) { return {sqlite3_changes64(db.handle()), sqlite3_last_insert_rowid(db.handle())}; }
void PrintTo(const Counts& counts, std::ostream* out) { *out << counts.changes << " changes, rowid " << counts.rowid; }

// The log is written inside COMMIT; what the application asks for afterwards is about its own statements.
TEST(LocalRecorder, ChangesAndLastInsertRowidAreTheApplications) {
  for (const bool read_between : {false, true}) {
    const Database db;
    const Database plain(":memory:", Engine::kAbsent);
    const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b);";
    db.exec(table + "SELECT crsql_as_crr('t'); CREATE TABLE other (id INTEGER PRIMARY KEY, v)");
    plain.exec(table + "CREATE TABLE other (id INTEGER PRIMARY KEY, v)");
    for (const char* sql : {"INSERT INTO t VALUES (10, 0, 0)",
                            "BEGIN",
                            "INSERT INTO t VALUES (20, 0, 0)",
                            "COMMIT",
                            "BEGIN",
                            "UPDATE t SET a = 1 WHERE id = 99",
                            "COMMIT",
                            "BEGIN",
                            "INSERT INTO t VALUES (30, 0, 0), (31, 0, 0), (32, 0, 0)",
                            "COMMIT",
                            "BEGIN",
                            "INSERT INTO t VALUES (40, 0, 0)",
                            "INSERT INTO other VALUES (77, 0), (78, 0)",
                            "COMMIT",
                            "INSERT INTO other VALUES (79, 0)",
                            "UPDATE t SET a = a + 1",
                            "DELETE FROM t WHERE id > 20",
                            "BEGIN",
                            "DELETE FROM t WHERE id = 20",
                            "UPDATE t SET b = 5 WHERE id = 99",
                            "COMMIT",
                            "BEGIN",
                            "COMMIT",
                            "SAVEPOINT s",
                            "INSERT INTO t VALUES (50, 0, 0)",
                            "INSERT INTO t VALUES (51, 0, 0)",
                            "ROLLBACK TO s",
                            "RELEASE s",
                            "INSERT OR REPLACE INTO t VALUES (10, 7, 7)",
                            "INSERT INTO t VALUES (10, 0, 0) ON CONFLICT DO UPDATE SET b = 8",
                            "UPDATE t SET id = 60 WHERE id = 10",
                            "INSERT INTO t SELECT id + 100, 0, 0 FROM t"}) {
      db.exec(sql);
      plain.exec(sql);
      EXPECT_EQ(counts(db), counts(plain)) << sql;
      if (!read_between) continue;
      db.exec("SELECT count(*) FROM crsql_changes");
      EXPECT_EQ(counts(db), counts(plain)) << "reading changes after " << sql;
    }
  }
}

TEST(LocalRecorder, CommitOfManyChangesKeepsTheirCount) {
  const Database db;
  db.exec(kTable);
  db.exec(
      "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
      "INSERT INTO t SELECT i, i, i FROM n; COMMIT");
  EXPECT_EQ(counts(db), (Counts{5000, 5000}));
  EXPECT_EQ(clocks(db).size(), 10000U);
}

TEST(LocalRecorder, TriggersOfTheApplicationAreRecordedAndSeeTheirOwnRowids) {
  const Database db;
  db.exec(kTable);
  db.exec("CREATE TABLE log (n INTEGER PRIMARY KEY NOT NULL, note); SELECT crsql_as_crr('log')");
  db.exec(
      "CREATE TRIGGER note AFTER INSERT ON t BEGIN INSERT INTO log (note) VALUES (NEW.a); "
      "UPDATE t SET b = last_insert_rowid() WHERE id = NEW.id; END");
  db.exec("INSERT INTO log VALUES (700, 'x'); INSERT INTO t VALUES (1, 'new', NULL)");
  EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|'new'|701"});
  EXPECT_EQ(db.lines("SELECT \"table\", cid, val FROM crsql_changes WHERE db_version = 2 ORDER BY 1, 2"),
            (Lines{"'log'|'note'|'new'", "'t'|'a'|'new'", "'t'|'b'|701"}));
}

TEST(LocalRecorder, AKeyIsNeverNull) {
  const Database db;
  db.exec(
      "CREATE TABLE t (x, y TEXT, a, PRIMARY KEY (x, y)); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 'k', 0)");
  EXPECT_EQ(error_of(db, "INSERT INTO t VALUES (2, NULL, 0)"), "NULL in key column \"y\" of CRR \"t\"");
  EXPECT_EQ(error_of(db, "UPDATE t SET x = NULL"), "NULL in key column \"x\" of CRR \"t\"");
  EXPECT_EQ(db.error_of("INSERT INTO t VALUES (NULL, NULL, 0)")->code(), SQLITE_CONSTRAINT);
  EXPECT_EQ(db.lines("SELECT * FROM t"), Lines{"1|'k'|0"});
  EXPECT_EQ(clocks(db), Lines{"1|'a'|1|1|0|0"});
}

TEST(LocalRecorder, OnlyWhatChangedIsRecorded) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 5, 'x')");
  for (const char* sql : {"UPDATE t SET a = 5, b = 'x'", "UPDATE t SET a = a", "UPDATE t SET id = 1"}) db.exec(sql);
  EXPECT_EQ(clocks(db), (Lines{"1|'a'|1|1|0|0", "1|'b'|1|1|0|1"}));
  db.exec("UPDATE t SET a = 5.0, b = 'x'");
  EXPECT_EQ(clocks(db), (Lines{"1|'a'|2|2|0|0", "1|'b'|1|1|0|1"})) << "another type is another value";
  db.exec("UPDATE t SET b = x'78'; UPDATE t SET b = NULL; UPDATE t SET b = NULL");
  EXPECT_EQ(clocks(db), (Lines{"1|'a'|2|2|0|0", "1|'b'|3|4|0|0"}));
}

TEST(LocalRecorder, AKeyThatKeepsItsValueButNotItsTypeIsAnotherKey) {
  const Database db;
  db.exec("CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); INSERT INTO t VALUES ('1', 0)");
  db.exec("UPDATE t SET id = x'31'");
  EXPECT_EQ(db.lines("SELECT pk, cid, cl, seq FROM crsql_changes"),
            (Lines{"x'010b0131'|'-1'|2|0", "x'010c0131'|'a'|1|1"}));
}

// A bare ALTER TABLE ADD COLUMN leaves triggers that do not know the column: the next write takes it in.
TEST(LocalRecorder, AColumnAddedBehindTheEnginesBackIsTakenIn) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); ALTER TABLE t ADD COLUMN c DEFAULT 'd'");
  db.exec("UPDATE t SET c = 'new' WHERE id = 1");
  EXPECT_EQ(db.lines("SELECT pk, cid, val, col_version, seq FROM crsql_changes WHERE db_version = 2"),
            Lines{"x'010901'|'c'|'new'|1|0"});
  db.exec("UPDATE t SET a = 5, c = 'newer'");
  EXPECT_EQ(db.lines("SELECT pk, cid, val, col_version FROM crsql_changes WHERE db_version = 3 ORDER BY 1, 2"),
            (Lines{"x'010901'|'a'|5|2", "x'010901'|'c'|'newer'|2", "x'010902'|'a'|5|2", "x'010902'|'c'|'newer'|1"}));
  db.exec("INSERT INTO t VALUES (3, 0, 0, 0)");
  EXPECT_EQ(db.lines("SELECT cid FROM crsql_changes WHERE db_version = 4"), (Lines{"'a'", "'b'", "'c'"}));
}

TEST(LocalRecorder, AColumnAddedInTheSameTransactionIsTakenIn) {
  const Database db;
  db.exec(kTable);
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1); ALTER TABLE t ADD COLUMN c; UPDATE t SET c = 'x'; COMMIT");
  EXPECT_EQ(db.lines("SELECT cid, val FROM crsql_changes ORDER BY cid"), (Lines{"'a'|1", "'b'|1", "'c'|'x'"}));
}

// Whatever the statement before came to: one that fails leaves the connection's total of changes as it was.
TEST(LocalRecorder, AColumnAddedRightAfterAStatementIsTakenIn) {
  for (const char* before : {"UPDATE t SET a = 1", "UPDATE t SET a = a + 1", "UPDATE t SET a = 8 / (id <> 2)",
                             "UPDATE t SET a = iif(id = 2, 99, 5)", "UPDATE OR FAIL t SET a = iif(id = 2, 99, 6)",
                             "UPDATE OR ROLLBACK t SET a = iif(id = 2, 99, 6)", "UPDATE t SET a = abs(id - 2 << 63)",
                             "INSERT INTO t VALUES (1, 1, 1) ON CONFLICT DO UPDATE SET a = 7"}) {
    const Database db;
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a CHECK (a < 90), b); SELECT crsql_as_crr('t')");
    db.exec("CREATE TRIGGER refuse AFTER UPDATE ON t WHEN NEW.a IS NULL BEGIN SELECT RAISE(ABORT, 'no'); END");
    db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); BEGIN; UPDATE t SET b = 0 WHERE id = 1");
    static_cast<void>(db.error_of(before));
    if (!db.in_transaction()) db.exec("BEGIN");
    static_cast<void>(db.error_of(before));
    if (!db.in_transaction()) db.exec("BEGIN");
    db.exec("ALTER TABLE t ADD COLUMN c; UPDATE t SET c = 'x' WHERE id = 1; COMMIT");
    EXPECT_EQ(db.lines("SELECT val FROM crsql_changes WHERE cid = 'c'"), Lines{"'x'"}) << before;
  }
}

// What a merge has put into a column that the triggers do not show is what an update is held against.
TEST(LocalRecorder, AnAddedColumnThatWasMergedAndThenSetToItsDefaultIsCaptured) {
  for (const char* between : {"", "COMMIT; BEGIN"}) {
    const Database db;
    db.exec(kTable);
    db.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); ALTER TABLE t ADD COLUMN c DEFAULT 'd'; BEGIN");
    db.exec("INSERT INTO crsql_changes VALUES ('t', crsql_pack_columns(1), 'c', 'remote', 3, 7, x'aa', 1, 0)");
    db.exec("INSERT INTO crsql_changes VALUES ('t', crsql_pack_columns(2), 'c', 'remote', 3, 7, x'aa', 1, 1)");
    db.exec(between);
    db.exec("UPDATE t SET c = 'd' WHERE id = 1; UPDATE t SET a = 0 WHERE id = 2; COMMIT");
    EXPECT_EQ(db.lines("SELECT pk, cid, val, col_version FROM crsql_changes WHERE cid = 'c' OR val = 0 ORDER BY "
                       "pk, cid"),
              (Lines{"x'010901'|'c'|'d'|4", "x'010902'|'a'|0|2", "x'010902'|'c'|'remote'|3"}))
        << between;
    EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

TEST(LocalRecorder, ATableDroppedAfterItWasWrittenLeavesNothingToRecord) {
  const Database db;
  db.exec(kTable);
  db.exec("CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('u')");
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1); INSERT INTO u VALUES (1, 1); DROP TABLE t; COMMIT");
  EXPECT_EQ(db.lines("SELECT \"table\", cid FROM crsql_changes"), Lines{"'u'|'v'"});
}

// Many writes of one kind are written to the clocks together: with what they would leave one by one.
TEST(LocalRecorder, ManyWritesLeaveWhatEachLeavesByItself) {
  const std::string table =
      "CREATE TABLE t (x BLOB, y TEXT, \"!\", b, \"Z\", \"-0\", PRIMARY KEY (y, x)); SELECT crsql_as_crr('t');";
  const std::vector<std::string> writes = {
      "INSERT INTO t SELECT value % 3, 'k' || value, value, 1, 2, 3 FROM generate_series",
      "INSERT INTO t SELECT zeroblob(value), value / 2.0, value, NULL, 2, 'x' FROM generate_series",
      "UPDATE t SET b = y, \"!\" = iif(rowid % 3 = 0, 7, \"!\"), \"Z\" = \"Z\" + rowid % 2",
      "DELETE FROM t WHERE rowid % 5 = 1",
      "INSERT OR REPLACE INTO t SELECT value % 3, 'k' || value, 9, 9, 9, 9 FROM generate_series",
      "UPDATE t SET y = y || '+' WHERE rowid % 7 = 0",
  };
  const std::string series =
      "CREATE TEMP VIEW generate_series AS WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s "
      "WHERE "
      "value < 40) SELECT value FROM s;";
  const Database together;
  const Database one_by_one;
  for (const Database* db : {&together, &one_by_one}) db->exec(table + series);
  // A row of another table after each write to this one: no two writes are of one kind on one table.
  one_by_one.exec(
      "CREATE TABLE other (id INTEGER PRIMARY KEY); SELECT crsql_as_crr('other');"
      "CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO other VALUES (NULL); END;"
      "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO other VALUES (NULL); END;"
      "CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO other VALUES (NULL); END;");
  const std::string clocks =
      "SELECT pk, cid, val, col_version, db_version, cl, rank() OVER (PARTITION BY db_version ORDER BY seq) "
      "FROM crsql_changes WHERE \"table\" = 't' ORDER BY 1, 2";
  for (const std::string& write : writes) {
    for (const Database* db : {&together, &one_by_one}) db->exec("BEGIN; " + write + "; COMMIT");
    ASSERT_EQ(together.lines(clocks), one_by_one.lines(clocks)) << write;
    ASSERT_EQ(together.lines("SELECT * FROM t__crsql_pks"), one_by_one.lines("SELECT * FROM t__crsql_pks")) << write;
    ASSERT_EQ(together.lines("SELECT * FROM rejoin_check"), Lines{}) << write;
    ASSERT_EQ(together.integer("SELECT changes()"), one_by_one.integer("SELECT changes()")) << write;
    ASSERT_EQ(together.lines("SELECT * FROM crsql_internal_rows"), Lines{});
    ASSERT_EQ(
        together.integer("SELECT max(seq) + 1 = count(*) FROM crsql_changes WHERE db_version = crsql_db_version()"), 1)
        << write;
  }
}

TEST(LocalRecorder, AKeyOfManyColumnsIsWrittenToo) {
  std::string columns;
  std::string values;
  for (int i = 0; i < 20; ++i) {
    columns += (i == 0 ? "k" : ", k") + std::to_string(i);
    values += (i == 0 ? "value + " : ", value + ") + std::to_string(i);
  }
  const Database db;
  db.exec("CREATE TABLE t (v, " + columns + ", PRIMARY KEY (" + columns + ")); SELECT crsql_as_crr('t')");
  db.exec(
      "WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 9) INSERT INTO t SELECT "
      "value, " +
      values + " FROM s; UPDATE t SET v = 0; DELETE FROM t WHERE k0 > 5");
  EXPECT_EQ(db.lines("SELECT cid, col_version, count(*) FROM crsql_changes GROUP BY 1, 2"),
            (Lines{"'-1'|2|4", "'v'|2|5"}));
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
}

// The insert gives the column something else than its default; then an UPDATE to the default must not be taken for
// none.
TEST(LocalRecorder, AnInsertAfterABareAddColumnTakesTheColumnIn) {
  for (const char* write : {"UPDATE t SET c = 'd'",
                            "INSERT INTO t VALUES (1, 1, 1, 'd') ON CONFLICT DO UPDATE SET c = "
                            "excluded.c"}) {
    const Database db;
    db.exec(kTable);
    db.exec("ALTER TABLE t ADD COLUMN c DEFAULT 'd'; INSERT INTO t VALUES (1, 1, 1, NULL)");
    const std::int64_t version = db.integer("SELECT crsql_db_version()");
    db.exec(write);
    EXPECT_EQ(db.lines("SELECT cid, val, db_version FROM crsql_changes WHERE cid = 'c'"),
              Lines{"'c'|'d'|" + std::to_string(version + 1)})
        << write;
  }
}

// As a script does it that makes a table anew from a dump, triggers included.
TEST(LocalRecorder, ATableThatComesBackWithAnotherKeyInTheSameTransactionCannotBeCommitted) {
  const Database db;
  db.exec(kTable);
  db.exec(
      "BEGIN; INSERT INTO t VALUES (1, 2, 3); DROP TABLE t;"
      "CREATE TABLE t (x NOT NULL, y NOT NULL, v, PRIMARY KEY (x, y));"
      "CREATE TRIGGER t__crsql_itrig AFTER INSERT ON t BEGIN SELECT 1; END");
  EXPECT_EQ(error_of(db, "COMMIT"),
            "the key of \"t\" was changed in the middle of a transaction that has written to it");
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check"), Lines{});
}

}  // namespace
}  // namespace rejoin::test
