// Batches: every change comes back as it was, and nothing that a peer can send does harm.
#include "sync/batch.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/choices.hpp"

namespace rejoin::sync {
namespace {

using test::Choices;

Bytes encoded(const std::vector<Change>& changes) {
  BatchEncoder encoder;
  for (const Change& change : changes) encoder.add(change);
  EXPECT_EQ(encoder.changes(), changes.size());
  return encoder.take();
}

Status decode_all(const Bytes& bytes, std::vector<Change>& changes) {
  BatchDecoder decoder(internal::view_of(bytes));
  Change change;
  while (true) {
    const Result<bool> more = decoder.next(change);
    if (!more.ok()) return more.status();
    if (!*more) return {};
    changes.push_back(change);
  }
}

std::vector<Change> decoded(const Bytes& bytes) {
  std::vector<Change> changes;
  const Status status = decode_all(bytes, changes);
  EXPECT_EQ(status.message(), "");
  return changes;
}

Change change(const char* column, Value value, std::int64_t version = 1, std::int64_t seq = 0) {
  return {"t", {1, 9, 1}, column, std::move(value), 1, version, Blob(16, 7), 1, seq};
}

Value any_value(Choices& choices) {
  constexpr std::int64_t kNumbers[] = {0,
                                       1,
                                       -1,
                                       14,
                                       15,
                                       16,
                                       31,
                                       32,
                                       -16,
                                       1 << 20,
                                       std::numeric_limits<std::int64_t>::max(),
                                       std::numeric_limits<std::int64_t>::min()};
  switch (choices.below(5)) {
    case 0:
      return std::monostate();
    case 1:
      return kNumbers[choices.index(std::size(kNumbers))];
    case 2:
      return static_cast<double>(choices.below(1000)) / 8 - 60;
    case 3:
      return std::string(choices.index(70), static_cast<char>('a' + choices.below(3)));
    default:
      return Blob(choices.index(70), static_cast<std::uint8_t>(choices.below(3)));
  }
}

// As a replica tells them, more or less, and with every jump that the format has a way of saying.
std::vector<Change> any_changes(Choices& choices) {
  std::vector<Change> changes;
  const std::size_t count = choices.index(60);
  Change now = change("a", std::monostate());
  for (std::size_t i = 0; i < count; ++i) {
    if (choices.chance(30)) now.table = choices.chance(50) ? "t" : "other";
    if (choices.chance(40)) now.pk = Blob(choices.index(4), static_cast<std::uint8_t>(choices.below(2)));
    if (choices.chance(20))
      now.site_id = Blob(choices.chance(80) ? 16 : choices.index(17), static_cast<std::uint8_t>(i % 3));
    if (choices.chance(30)) now.db_version = static_cast<std::int64_t>(choices.below(5));
    if (choices.chance(5)) now.db_version = std::numeric_limits<std::int64_t>::min();
    if (choices.chance(20)) now.causal_length = static_cast<std::int64_t>(choices.below(4));
    now.seq = choices.chance(80) ? now.seq + 1 : static_cast<std::int64_t>(choices.below(9)) - 3;
    now.column = choices.chance(10) ? "-1" : std::string(1, static_cast<char>('a' + i % 3));
    now.column_version = choices.chance(80) ? 1 : static_cast<std::int64_t>(choices.below(1000)) - 10;
    now.value = any_value(choices);
    changes.push_back(now);
  }
  return changes;
}

TEST(Batch, OfNothingIsNothing) {
  EXPECT_TRUE(encoded({}).empty());
  EXPECT_TRUE(decoded({}).empty());
}

// The bytes themselves: peers and files hold them.
TEST(Batch, IsWhatThePageSays) {
  const Bytes bytes = encoded({change("a", std::int64_t{5}, 3), change("b", std::string("x"), 3, 1)});
  Bytes expected = {8 | 16, 0, 1, 't', 0, 16};
  expected.insert(expected.end(), 16, 7);
  for (const int byte :
       std::initializer_list<int>{6, 3, 1, 9, 1, 2, 0, 1, 'a', 1, 1 | (10 << 3), 0, 1, 'b', 1, 11, 'x'}) {
    expected.push_back(static_cast<std::uint8_t>(byte));
  }
  EXPECT_EQ(bytes, expected);
}

TEST(Batch, SaysColumnsOnceForRowsAlike) {
  std::vector<Change> changes;
  for (int row = 0; row < 3; ++row) {
    for (const char* column : {"a", "b"}) {
      changes.push_back(change(column, std::monostate(), 1, static_cast<std::int64_t>(changes.size())));
      changes.back().pk = {1, 9, static_cast<std::uint8_t>(row)};
    }
  }
  const std::vector<Change> two(changes.begin(), changes.begin() + 4);
  EXPECT_EQ(decoded(encoded(changes)), changes);
  EXPECT_EQ(encoded(changes).size() - encoded(two).size(), 1U + 4U + 2U) << "flags, key, and a byte a cell";
}

TEST(Batch, GivesBackWhateverWasPutIn) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Choices choices = Choices::seeded(seed);
    const std::vector<Change> changes = any_changes(choices);
    ASSERT_EQ(decoded(encoded(changes)), changes) << "seed " << seed;
  }
}

TEST(Batch, CutOffAnywhereIsAnErrorOrAFront) {
  Choices choices = Choices::seeded(7);
  std::vector<Change> changes;
  while (changes.size() < 20) changes = any_changes(choices);
  const Bytes whole = encoded(changes);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<Change> front;
    const Status status = decode_all(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), front);
    ASSERT_LE(front.size(), changes.size());
    ASSERT_TRUE(std::equal(front.begin(), front.end(), changes.begin()));
    if (!status.ok()) ++refused;
    EXPECT_TRUE(status.ok() || status.message().find("of a batch of changes: ") != std::string::npos);
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST(Batch, SurvivesAnyDamage) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Choices choices = Choices::seeded(seed);
    Bytes bytes = encoded(any_changes(choices));
    for (int i = 0; i < 3 && !bytes.empty(); ++i)
      bytes[choices.index(bytes.size())] = static_cast<std::uint8_t>(choices.below(256));
    std::vector<Change> changes;
    (void)decode_all(bytes, changes);
  }
}

TEST(Batch, NamesWhatIsWrong) {
  const auto message = [](const Bytes& bytes) {
    std::vector<Change> changes;
    return decode_all(bytes, changes).message();
  };
  EXPECT_EQ(message({64}), "byte 1 of a batch of changes: unknown flags");
  EXPECT_EQ(message({1}), "byte 1 of a batch of changes: there is no group before this one");
  EXPECT_EQ(message({28, 2}), "byte 2 of a batch of changes: no table that was named");
  EXPECT_EQ(message({28, 0, 200, 1, 'x'}), "byte 4 of a batch of changes: a table's name is cut off");
  EXPECT_EQ(message({28, 0, 1, 't', 0, 0, 0, 0}), "byte 8 of a batch of changes: a row without a cell");
  EXPECT_EQ(message({28, 0, 1, 't', 0, 0, 0, 9, 0}),
            "byte 8 of a batch of changes: a count of cells is beyond the bytes that are there");
  EXPECT_EQ(message({28, 0, 1, 't', 0, 0, 0, 1, 0, 1, 'a', 1, 7}),
            "byte 13 of a batch of changes: a value of no known type");
  EXPECT_EQ(message({28, 0, 1, 't', 0, 0, 0, 2, 0, 1, 'a', 1, 0, 1, 1, 0}),
            "byte 14 of a batch of changes: a column twice in a row");
}

TEST(Varint, HasOneFormForEachNumber) {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
    Bytes bytes;
    append_varint(bytes, number);
    ByteReader reader(internal::view_of(bytes));
    std::uint64_t read = 0;
    EXPECT_TRUE(read_varint(reader, read));
    EXPECT_EQ(read, number);
    EXPECT_EQ(reader.left(), 0U);
  }
  for (const Bytes& bytes :
       {Bytes{0x80}, Bytes{0x80, 0}, Bytes(9, 0xff), Bytes{255, 255, 255, 255, 255, 255, 255, 255, 255, 2}}) {
    ByteReader reader(internal::view_of(bytes));
    std::uint64_t read = 0;
    EXPECT_FALSE(read_varint(reader, read));
  }
}

}  // namespace
}  // namespace rejoin::sync
