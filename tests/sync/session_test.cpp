// A conversation of two replicas in Rejoin's own protocol.
#include <rejoin/sync/session.hpp>

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "sync/comparison.hpp"
#include "sync/simulation.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')";

Device device(const std::string& sql = "") {
  Device made{Database()};
  made.db.exec(kTable);
  if (!sql.empty()) made.db.exec(sql);
  return made;
}

void expect_equal(const Device& a, const Device& b) {
  EXPECT_EQ(a.db.lines("SELECT * FROM t ORDER BY id"), b.db.lines("SELECT * FROM t ORDER BY id"));
  EXPECT_TRUE(*a.replica.digest() == *b.replica.digest());
  EXPECT_EQ(a.replica.check()->size(), 0U);
  EXPECT_EQ(b.replica.check()->size(), 0U);
}

struct SessionTest : testing::Test {
  // All that the two have reaches the other.
  void meet(Line& line) {
    line.join();
    settle(line, choices);
    line.cut();
  }

  Choices choices = Choices::seeded(1);
  Device a = device("INSERT INTO t VALUES (1, 'one', NULL), (2, 'two', 2.5)");
  Device b = device("INSERT INTO t VALUES (2, 'zwei', x'00'), (3, 'drei', 3)");
};

TEST_F(SessionTest, BringsBothUpToDate) {
  Line line(a, b);
  line.join();
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_EQ(a.db.integer("SELECT count(*) FROM t"), 3);
  EXPECT_EQ(line.session(0).traffic().changes_in, 4);
  EXPECT_EQ(line.session(0).traffic().changes_out, 4);
  EXPECT_EQ(line.session(1).peer_site(), *a.replica.site_id());
}

TEST_F(SessionTest, KeepsThemSoWhileItLasts) {
  Line line(a, b);
  line.join();
  settle(line, choices);
  a.db.exec("UPDATE t SET a = 'uno' WHERE id = 1");
  b.db.exec("DELETE FROM t WHERE id = 3");
  EXPECT_FALSE(line.settled());
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_EQ(b.db.text("SELECT a FROM t WHERE id = 1"), "uno");
  EXPECT_EQ(line.session(0).traffic().changes_in, 5) << "what it sent itself does not come back";
}

TEST_F(SessionTest, GoesOnWhereTheLastOneEnded) {
  Line line(a, b);
  meet(line);
  a.db.exec("INSERT INTO t VALUES (4, 'vier', 4)");
  line.join();
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_EQ(line.session(1).traffic().changes_in, 2);
  EXPECT_EQ(line.session(0).traffic().changes_in, 0);
  EXPECT_EQ(*b.replica.cursor(*a.replica.site_id()), *a.replica.db_version()) << "other code sees it too";
}

TEST_F(SessionTest, GoesOnInTheMiddleOfAVersion) {
  a.db.exec(
      "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
      "INSERT INTO t SELECT i, hex(randomblob(20)), i FROM n");
  sync::SessionOptions options;
  options.message_bytes = 16 << 10;
  options.window = 16 << 10;
  Line line(a, b, {}, options);
  std::int64_t merged = 0;
  for (int cuts = 0; cuts < 50 && !line.settled(); ++cuts) {
    line.join();
    for (int i = 0; i < 12; ++i) line.step(choices);
    merged += line.session(1).traffic().changes_in;
    if (cuts < 40 || line.settled()) continue;
    settle(line, choices);
  }
  EXPECT_TRUE(line.settled());
  expect_equal(a, b);
  EXPECT_LT(merged, 9000) << "what had arrived was not sent again each time";
}

TEST_F(SessionTest, CarriesAChangeThatIsLargerThanAMessage) {
  a.db.exec("UPDATE t SET a = randomblob(3000000) WHERE id = 1");
  sync::SessionOptions options;
  options.message_bytes = 64 << 10;
  options.window = 256 << 10;
  Line line(a, b, {}, options);
  line.join();
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_GT(line.messages(), 45U);
}

TEST_F(SessionTest, RefusesAMessageThatIsTooLarge) {
  a.db.exec("UPDATE t SET a = randomblob(300000) WHERE id = 1");
  sync::SessionOptions options;
  options.largest = 100 << 10;
  Line line(a, b, {}, options);
  line.join();
  while (line.up() && line.step(choices)) {
  }
  EXPECT_EQ(line.failure().find("a message of the peer: it has "), 0U);
  EXPECT_NE(line.failure().find("at most 102400 are taken"), std::string::npos);
}

TEST_F(SessionTest, RelaysWhatCameFromOthers) {
  Device c = device();
  Line ab(a, b);
  Line bc(b, c);
  ab.join();
  bc.join();
  for (int i = 0; i < 3; ++i) {
    settle(ab, choices);
    settle(bc, choices);
  }
  expect_equal(a, b);
  expect_equal(b, c);
  EXPECT_EQ(ab.session(0).traffic().changes_in, 4) << "its own did not come back";
}

TEST_F(SessionTest, NoticesAPeerThatWasRestoredFromABackup) {
  Line line(a, b);
  meet(line);
  Device old{Database::copy_of(a.db)};  // the backup
  a.db.exec("INSERT INTO t VALUES (5, 'lost?', 5); UPDATE t SET a = 'lost too?' WHERE id = 1");
  meet(line);
  old.db.exec("INSERT INTO t VALUES (6, 'new', 6)");  // under versions that a has used otherwise
  old.db.exec("INSERT INTO t VALUES (7, 'new', 7)");
  old.db.exec("INSERT INTO t VALUES (8, 'new', 8)");
  Line restored(old, b);
  restored.join();
  settle(restored, choices);
  expect_equal(old, b);
  EXPECT_EQ(b.db.lines("SELECT id FROM t ORDER BY id"), (std::vector<std::string>{"1", "2", "3", "5", "6", "7", "8"}));
}

TEST_F(SessionTest, NoticesCopiesThatAreBothWrittenTo) {
  Line line(a, b);
  meet(line);
  Device copy{Database::copy_of(a.db)};
  copy.db.exec("INSERT INTO t VALUES (10, 'of the copy', 0)");
  a.db.exec("INSERT INTO t VALUES (11, 'of the first', 0)");
  Line other(copy, b);
  meet(other);
  meet(line);
  other.join();
  settle(other, choices);
  expect_equal(a, b);
  expect_equal(copy, b);
  EXPECT_EQ(b.db.integer("SELECT count(*) FROM t"), 5);
}

TEST_F(SessionTest, RefusesToSpeakWithItsOwnCopy) {
  Device copy{Database::copy_of(a.db)};
  Line line(a, copy);
  line.join();
  while (line.up() && line.step(choices)) {
  }
  EXPECT_EQ(line.failure(),
            "both databases have the same site id: one is a copy of the other, and needs a site id of its own (rejoin "
            "status --new-site-id)");
}

TEST_F(SessionTest, RepairsWhatTheCursorsDoNotTell) {
  Line line(a, b);
  meet(line);
  // Gone from b without a trace, as a damaged file may be.
  b.db.exec("DROP TABLE t; DROP TABLE t__crsql_clock; DROP TABLE t__crsql_pks");
  b.db.exec(kTable);
  b.db.exec("INSERT INTO t VALUES (9, 'neu', 9)");
  line.join();
  settle(line, choices);
  EXPECT_EQ(b.db.integer("SELECT count(*) FROM t"), 1) << "the cursor says that b has the rest";
  line.cut();
  sync::SessionOptions options;
  options.repair = true;
  Line mending(a, b, {}, options);
  mending.join();
  settle(mending, choices);
  expect_equal(a, b);
  EXPECT_EQ(b.db.integer("SELECT count(*) FROM t"), 4);
}

TEST_F(SessionTest, RepairCostsWhatDiffers) {
  const char* rows =
      "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 20010) "
      "INSERT INTO t SELECT i, 'row ' || i, i FROM n";
  a.db.exec(rows);
  Line line(a, b);
  meet(line);
  sync::SessionOptions options;
  options.repair = true;
  const auto repair = [&] {
    Line mending(a, b, {}, options);
    mending.join();
    settle(mending, choices);
    expect_equal(a, b);
    return mending.bytes();
  };
  const std::size_t none = repair();
  EXPECT_LT(none, 6000U) << "one digest each of 256 parts";
  b.db.exec(
      "BEGIN; SELECT crsql_internal_sync_bit(1); UPDATE t SET a = 'damaged' WHERE id = 777; "
      "SELECT crsql_internal_sync_bit(0); COMMIT");
  EXPECT_FALSE(*a.replica.digest() == *b.replica.digest());
  const std::size_t one = repair();
  EXPECT_LT(one, none + 12000);
}

TEST_F(SessionTest, SaysWhichTableItDoesNotHave) {
  a.db.exec(
      "CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, x); SELECT crsql_as_crr('u'); INSERT INTO u VALUES (1, 2)");
  Line line(a, b);
  line.join();
  while (line.up() && line.step(choices)) {
  }
  EXPECT_NE(line.failure().find("table \"u\""), std::string::npos) << line.failure();
  b.db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  line.join();
  settle(line, choices);
  b.db.exec("CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, x); SELECT crsql_as_crr('u')");
  EXPECT_EQ(b.db.integer("SELECT x FROM u"), 2) << "held until the table was there";
}

TEST_F(SessionTest, AsksToAdoptTheTablesOfThePeer) {
  sync::SessionOptions options;
  std::vector<sync::TableSpec> told;
  const sync::TableSpec spec{"u", true, false, {{"id", "TEXT", true, 1, ""}, {"x", "", false, 0, "'it''s'"}}};
  options.describe = [&]() -> Result<std::vector<sync::TableSpec>> { return std::vector{spec}; };
  options.adopt = [&](const std::vector<sync::TableSpec>& tables) {
    told = tables;
    return Status();
  };
  Line line(a, b, {}, options);
  line.join();
  settle(line, choices);
  EXPECT_EQ(told, std::vector{spec});
}

// A walk that is under way when others write on the same connection ends before what they wrote: that comes next.
TEST_F(SessionTest, TellsWhatWasStoredDuringAWalk) {
  a.db.exec(
      "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO t SELECT i, hex(randomblob(20)), i FROM n");
  sync::SessionOptions options;
  options.message_bytes = 4 << 10;
  Line line(a, b, {}, options);
  line.join();
  for (int i = 0; i < 20; ++i) line.step(choices);
  a.db.exec("INSERT INTO t VALUES (9999, 'late', 0)");
  settle(line, choices);
  expect_equal(a, b);
}

TEST_F(SessionTest, RelaysToTwoWhileAWalkIsUnderWay) {
  a.db.exec(
      "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO t SELECT i, hex(randomblob(20)), i FROM n");
  Device c = device("INSERT INTO t VALUES (7777, 'of c', 0)");
  sync::SessionOptions options;
  options.message_bytes = 4 << 10;
  Line ab(a, b, {}, options);
  Line ac(a, c, {}, options);
  ab.join();
  for (int i = 0; i < 20; ++i) ab.step(choices);
  ac.join();
  settle(ac, choices);
  settle(ab, choices);
  expect_equal(a, b);
  expect_equal(a, c);
}

TEST_F(SessionTest, WaitsForATransactionOfTheApplication) {
  Line line(a, b);
  line.join();
  settle(line, choices);
  auto& session = line.session(0);
  a.db.exec("BEGIN; INSERT INTO t VALUES (20, 'not yet', 0)");
  sync::Message message;
  EXPECT_FALSE(*session.next(message)) << "what is not committed is not told";
  b.db.exec("INSERT INTO t VALUES (21, 'meanwhile', 0)");
  ASSERT_TRUE(*line.session(1).next(message));
  EXPECT_EQ(session.receive(message.bytes, false).code(), ErrorCode::kBusy);
  a.db.exec("ROLLBACK");
  EXPECT_TRUE(session.receive(message.bytes, false).ok()) << "given again, it is taken";
  a.db.exec("INSERT INTO t VALUES (22, 'now', 0)");
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_EQ(a.db.integer("SELECT count(*) FROM t WHERE id IN (20, 21, 22)"), 2);
}

TEST_F(SessionTest, TellsEveryoneWhatWasHeldForASchema) {
  Device c = device();
  a.db.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
  b.db.exec(
      "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c; SELECT crsql_commit_alter('t'); UPDATE t SET c = 7");
  Line ab(a, b);
  ab.join();
  settle(ab, choices);
  EXPECT_GT(*a.replica.held_changes(), 0);
  const char* alter = "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c; SELECT crsql_commit_alter('t')";
  c.db.exec(alter);
  a.db.exec("ALTER TABLE t ADD COLUMN c");
  c.db.exec("INSERT INTO t (id, a) VALUES (30, 'of c')");
  Line ac(a, c);
  ac.join();
  settle(ac, choices);
  settle(ab, choices);
  settle(ac, choices);
  expect_equal(a, c);
  expect_equal(a, b);
  EXPECT_EQ(c.db.integer("SELECT count(*) FROM t WHERE c = 7"), 2);
}

TEST_F(SessionTest, NoticesAFileThatIsPutBackUnderIt) {
  Line line(a, b);
  line.join();
  settle(line, choices);
  const Database backup = Database::copy_of(a.db);
  for (int i = 40; i < 50; ++i) a.db.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", 'later', 0)");
  settle(line, choices);
  sqlite3_backup* restore = sqlite3_backup_init(a.db.handle(), "main", backup.handle(), "main");
  ASSERT_EQ(sqlite3_backup_step(restore, -1), SQLITE_DONE);
  sqlite3_backup_finish(restore);
  for (int i = 60; i < 75; ++i) a.db.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", 'anew', 0)");
  line.join();  // with the timeline that the device had
  settle(line, choices);
  expect_equal(a, b);
  EXPECT_EQ(b.db.integer("SELECT count(*) FROM t WHERE id >= 40"), 25);
}

// A peer that compares for comparing's sake.
TEST_F(SessionTest, EndsAComparisonWithoutEnd) {
  sync::Compare compare;
  compare.leaves.resize(1024);
  auto index = sync::RowIndex::of(a.replica);
  sync::Comparison comparison(std::move(index).value());
  Status status;
  for (int i = 0; status.ok() && i < 1000; ++i) status = comparison.take(compare);
  EXPECT_EQ(status.message(), "a message of the peer: it compares without end");
}

// A bit turned, under a checksum that fits.
void damage(Blob& frame, Choices& random) {
  frame.erase(frame.end() - 8, frame.end());
  frame[random.index(frame.size())] ^= static_cast<std::uint8_t>(1 << random.below(8));
  const std::uint64_t checksum = internal::hash_of(internal::view_of(frame)).low;
  internal::append_unsigned(frame, checksum, 8);
}

// Bytes of whatever kind: an error, never more.
TEST_F(SessionTest, SurvivesNonsense) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Choices random = Choices::seeded(seed);
    auto x = std::move(sync::Session::begin(a.replica, {})).value();
    auto y = std::move(sync::Session::begin(b.replica, {})).value();
    sync::Message message;
    bool fine = true;
    for (int i = 0; fine && i < 30; ++i) {
      const Result<bool> more = (random.chance(50) ? x : y)->next(message);
      if (!more.ok() || !*more) continue;
      if (random.chance(30)) damage(message.bytes, random);
      fine = (random.chance(50) ? x : y)->receive(message.bytes, random.chance(2)).ok();
    }
  }
  EXPECT_EQ(a.replica.check()->size(), 0U);
  EXPECT_EQ(b.replica.check()->size(), 0U);
}

}  // namespace
}  // namespace rejoin::test
