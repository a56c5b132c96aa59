// Changes that wait for their table or column: how many there are, and those that are refused when it has come.
#include "crr/held_changes.hpp"

#include <gmock/gmock.h>

#include <rejoin/replica.hpp>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HeldChangesTest : public testing::Test {
 protected:
  HeldChangesTest() { db.exec("SELECT crsql_config_set('unknown-schema', 'hold')"); }

  std::int64_t held() const { return *Replica::on(db.handle())->held_changes(); }

  const Database db;
};

TEST_F(HeldChangesTest, AreCounted) {
  EXPECT_EQ(held(), 0);
  merge(db, cell("a", "early", 1));
  merge(db, cell("b", "early", 1));
  EXPECT_EQ(held(), 2);
  db.exec(kTable);
  merge(db, life(1));
  EXPECT_EQ(held(), 0);
  EXPECT_THAT(db.lines("SELECT * FROM t"), ElementsAre("1|'early'|'early'"));
}

TEST(HeldChanges, AreNoneWhereNothingIsHeld) {
  const Database db;
  EXPECT_EQ(*Replica::on(db.handle())->held_changes(), 0);
}

TEST_F(HeldChangesTest, StayWhereAConstraintRefusesThem) {
  merge(db, cell("a", std::int64_t{5}, 1));
  merge(db, cell("b", "fine", 1));
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a CHECK (a < 3), b); SELECT crsql_as_crr('t')");
  merge(db, life(1));
  EXPECT_EQ(held(), 1);
  EXPECT_THAT(db.lines("SELECT * FROM t"), ElementsAre("1|NULL|'fine'"));
}

// A key of two values was fine as long as nobody knew how many the table has.
TEST_F(HeldChangesTest, StayWhereTheirKeyIsNoneOfTheTable) {
  Change change = cell("a", "odd", 1);
  change.pk = key(db, "1, 2");
  merge(db, change);
  db.exec(kTable);
  merge(db, cell("a", "fine", 1));
  EXPECT_EQ(held(), 1);
  EXPECT_THAT(db.lines("SELECT * FROM t"), ElementsAre("1|'fine'|NULL"));
}

TEST_F(HeldChangesTest, StayWhereATriggerRefusesThem) {
  merge(db, cell("a", "early", 1));
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b);"
      "CREATE TRIGGER no BEFORE INSERT ON t WHEN NEW.a = 'early' BEGIN SELECT raise(FAIL, 'not this one'); END;"
      "SELECT crsql_as_crr('t')");
  merge(db, cell("b", "fine", 1));
  EXPECT_EQ(held(), 1);
  EXPECT_THAT(db.lines("SELECT * FROM t"), ElementsAre("1|NULL|'fine'"));
}

TEST_F(HeldChangesTest, ThatATriggerTakesAwayMeanwhileAreAnError) {
  merge(db, cell("a", "early", 1));
  merge(db, cell("b", "early", 1));
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b);"
      "CREATE TRIGGER thief AFTER INSERT ON t BEGIN DELETE FROM crsql_held__crsql_changes; END");
  EXPECT_THAT(error_of(db, "SELECT crsql_as_crr('t')") + merge_error(db, life(1)),
              HasSubstr("a held change has vanished"));
}

}  // namespace
}  // namespace rejoin::test
