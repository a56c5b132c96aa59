// A query that is read once.
#include "sqlite/query.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"

namespace rejoin::internal {
namespace {

using test::Database;

TEST(Query, GivesEachRowAndThenNone) {
  const Database db(":memory:", test::Engine::kAbsent);
  Query query(db.handle(), "SELECT 1, 'a' UNION ALL SELECT 2, NULL", "counting");
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.integer(0), 1);
  EXPECT_EQ(query.text(1), "a");
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.text(1), "") << "NULL";
  EXPECT_FALSE(query.step());
  EXPECT_FALSE(query.step()) << "it does not begin anew";
  EXPECT_TRUE(query.status().ok());
}

TEST(Query, SaysWhatFailed) {
  const Database db(":memory:", test::Engine::kAbsent);
  Query unknown(db.handle(), "SELECT * FROM nowhere", "looking");
  EXPECT_FALSE(unknown.step());
  EXPECT_EQ(unknown.status().message(), "looking: no such table: nowhere");
  Query late(db.handle(), "SELECT 1 UNION ALL SELECT abs(-9223372036854775807 - 1)", "looking");
  while (late.step()) {
  }
  EXPECT_EQ(late.status().message(), "looking: integer overflow");
}

}  // namespace
}  // namespace rejoin::internal
