// The test tools themselves: a tool that is wrong hides what is wrong elsewhere.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <array>
#include <cmath>

#include "support/choices.hpp"
#include "support/database.hpp"
#include "support/link.hpp"
#include "support/merge_model.hpp"
#include "support/shapes.hpp"
#include "support/site.hpp"
#include "support/writes.hpp"

namespace rejoin::test {
namespace {

TEST(Choices, SameSeedGivesTheSameChoices) {
  Choices one = Choices::seeded(7);
  Choices other = Choices::seeded(7);
  Choices third = Choices::seeded(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t choice = one.below(1000);
    EXPECT_EQ(choice, other.below(1000));
    EXPECT_LT(choice, 1000U);
    differs = differs || choice != third.below(1000);
  }
  EXPECT_TRUE(differs);
}

TEST(Choices, BytesAreUsedUpAndThenTheFirstChoiceIsMade) {
  const std::array<std::uint8_t, 3> data{5, 1, 2};
  std::span<const std::uint8_t> bytes(data);
  Choices choices = Choices::from_bytes(&bytes);
  EXPECT_EQ(choices.below(1), 0U);
  EXPECT_EQ(bytes.size(), 3U) << "a choice of one takes no byte";
  EXPECT_EQ(choices.below(10), 5U);
  EXPECT_EQ(choices.below(1000), 0x0102U);
  EXPECT_TRUE(choices.exhausted());
  EXPECT_EQ(choices.below(1000), 0U);
}

TEST(Link, KeepsWholeVersionsOnly) {
  std::vector<Change> changes(5);
  const std::array<std::int64_t, 5> versions{1, 1, 2, 2, 3};
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].db_version = versions[i];
  EXPECT_EQ(whole_versions(changes, 0).size(), 0U);
  EXPECT_EQ(whole_versions(changes, 1).size(), 0U);
  EXPECT_EQ(whole_versions(changes, 2).size(), 2U);
  EXPECT_EQ(whole_versions(changes, 3).size(), 2U);
  EXPECT_EQ(whole_versions(changes, 4).size(), 4U);
  EXPECT_EQ(whole_versions(changes, 9).size(), 5U);
}

TEST(Database, LiteralsGiveTheirValuesBack) {
  const Database db(":memory:", Engine::kAbsent);
  const std::vector<Value> values = {Value(),
                                     Value(std::int64_t{0}),
                                     Value(INT64_MAX),
                                     Value(INT64_MIN),
                                     Value(0.1),
                                     Value(1e300),
                                     Value(5e-324),
                                     Value(3.0),
                                     Value(HUGE_VAL),
                                     Value(-HUGE_VAL),
                                     Value(std::string("it's")),
                                     Value(std::string("a\0b", 3)),
                                     Value(std::string()),
                                     Value(Blob()),
                                     Value(Blob{0, 0xff, 0x27})};
  for (const Value& value : values) EXPECT_EQ(db.value("SELECT " + literal(value)), value) << literal(value);
  EXPECT_EQ(db.value("SELECT 1 AS " + quoted("a\"b' ]")), Value(std::int64_t{1}));
}

TEST(Writes, MostlyRunOnPlainTablesAndFailOnlyInConstraints) {
  for (const Shape& shape : all_shapes()) {
    const Database db(":memory:", Engine::kAbsent);
    const std::string create = shape.create.substr(0, shape.create.find(";CREATE TRIGGER"));
    db.exec(create);
    Choices choices = Choices::seeded(1);
    int good = 0;
    for (int i = 0; i < 300; ++i) {
      const Write write = WriteMaker(shape, choices).any();
      const auto error = db.error_of(write.sql);
      good += error ? 0 : 1;
      if (!error) continue;
      EXPECT_THAT(error->code(), testing::AnyOf(SQLITE_CONSTRAINT, SQLITE_MISMATCH)) << write.sql;
    }
    EXPECT_GT(good, 150) << shape.name;
    EXPECT_GT(sqlite3_total_changes(db.handle()), 100) << shape.name;
  }
}

Change cell(std::int64_t value, std::int64_t column_version, std::int64_t causal_length, std::uint8_t site) {
  return {"t", Blob{1, 9, 1}, "v", Value(value), column_version, 1, Blob{site}, causal_length, 0};
}

Change sentinel(std::int64_t causal_length, std::uint8_t site) {
  return {"t", Blob{1, 9, 1}, "-1", Value(), causal_length, 1, Blob{site}, causal_length, 0};
}

std::vector<std::string> state(const MergeModel& model) {
  std::vector<std::string> lines;
  for (Change change : model.changes()) {
    change.db_version = change.seq = 0;
    if (change.causal_length % 2 == 1 && change.column == "-1") change.site_id = Blob();  // lives have no one winner
    if (change.column_version == 0) continue;  // of an older life, until its own value comes
    lines.push_back(describe(change));
  }
  return lines;
}

// Whatever can be written about one row in three lives, merged in any order and twice, gives one state.
TEST(MergeModel, OrderAndRepetitionDoNotMatter) {
  std::vector<Change> pool;
  for (const std::int64_t life : {1, 3}) {
    for (const std::int64_t value : {1, 2}) {
      for (const std::int64_t version : {1, 2})
        pool.push_back(cell(value, version, life, static_cast<std::uint8_t>(value)));
    }
  }
  pool.push_back(cell(2, 2, 3, 9));
  for (const std::int64_t life : {2, 3, 4}) pool.push_back(sentinel(life, static_cast<std::uint8_t>(life)));
  Choices choices = Choices::seeded(3);
  for (int i = 0; i < 2000; ++i) {
    std::vector<Change> some;
    for (const Change& change : pool) {
      if (choices.chance(40)) some.push_back(change);
    }
    const auto merged = [&](const std::vector<Change>& changes) {
      MergeModel model({}, Blob{7}, 0, true);
      model.begin();
      for (const Change& change : changes) model.merge(change);
      return state(model);
    };
    std::vector<Change> again = some;
    again.insert(again.end(), some.begin(), some.end());
    const auto once = merged(some);
    choices.shuffle(again);
    ASSERT_EQ(once, merged(again));
  }
}

}  // namespace
}  // namespace rejoin::test
