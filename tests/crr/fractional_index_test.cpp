// Ordering keys: those of cr-sqlite for the same arguments, and the laws that they must obey.
#include "crr/fractional_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "crr/fixture.hpp"
#include "support/choices.hpp"

namespace rejoin::test {
namespace {

using internal::key_between;
using End = std::optional<std::string_view>;

constexpr End kOpen = std::nullopt;

std::string between(End before, End after) {
  const Result<std::string> key = key_between(before, after);
  return key.ok() ? *key : "error: " + key.status().message();
}

std::string error_between(End before, End after) {
  const Result<std::string> key = key_between(before, after);
  return key.ok() ? "" : key.status().message();
}

/// How long the integer part of a key is, by its head.
std::size_t integer_size(const std::string& key) {
  const char head = key.at(0);
  return static_cast<std::size_t>(head >= 'a' ? head - 'a' : 'Z' - head) + 2;
}

/// A key as the alphabet and the grammar have it.
testing::AssertionResult well_formed(const std::string& key) {
  const auto fail = [&] { return testing::AssertionFailure() << "'" << key << "' is no ordering key"; };
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (key.empty() || !printable || std::isalpha(static_cast<unsigned char>(key[0])) == 0) return fail();
  if (key.size() < integer_size(key)) return fail();
  if (key.size() > integer_size(key) && key.back() == ' ') return fail();
  return testing::AssertionSuccess();
}

// --- the reference ---

struct Answer {
  std::string before;  // SQL literals
  std::string after;
  std::string key;
};

std::vector<Answer> reference_answers() {
  std::ifstream in(REJOIN_SOURCE_DIR "/tests/crr/fractional_index_reference.tsv");
  std::vector<Answer> answers;
  std::string line;
  std::getline(in, line);  // what the columns are
  while (std::getline(in, line)) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    answers.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return answers;
}

TEST(FractionalIndex, IsThatOfTheReference) {
  const Database db;
  const std::vector<Answer> answers = reference_answers();
  ASSERT_EQ(answers.size(), 370U);
  for (const Answer& answer : answers) {
    const std::string sql = "SELECT crsql_fract_key_between(" + answer.before + ", " + answer.after + ")";
    if (answer.key == "error") {
      EXPECT_TRUE(db.error_of(sql)) << sql;
    } else {
      EXPECT_EQ(db.lines(sql), Lines{answer.key}) << sql;
    }
  }
}

TEST(FractionalIndex, GoesOnFromTheEnds) {
  EXPECT_EQ(between(kOpen, kOpen), "a ");
  EXPECT_EQ(between("a ", kOpen), "a!");
  EXPECT_EQ(between("a~", kOpen), "b  ");
  EXPECT_EQ(between(kOpen, "a "), "Z~");
  EXPECT_EQ(between(kOpen, "Z "), "Y~~");
  EXPECT_EQ(between("a ", "a!"), "a P");
}

// The reference ends the process for '' and for equal keys, and takes what is no key where it does not look at all of
// it.
TEST(FractionalIndex, RefusesWhatIsNoKeyAndSaysWhy) {
  EXPECT_NE(error_between("", kOpen).find("is empty"), std::string::npos);
  EXPECT_NE(error_between(kOpen, "").find("is empty"), std::string::npos);
  EXPECT_NE(error_between("a ", "a ").find("two equal"), std::string::npos);
  EXPECT_NE(error_between("a!", "a ").find("'a!' does not come before 'a '"), std::string::npos);
  EXPECT_NE(error_between("1", kOpen).find("'1' does not begin with a letter"), std::string::npos);
  EXPECT_NE(error_between("b ", kOpen).find("'b ' is too short"), std::string::npos);
  EXPECT_NE(error_between("a P ", kOpen).find("ends in a space"), std::string::npos);
  EXPECT_NE(error_between("a \xc3\xa9", kOpen).find("alphabet"), std::string::npos);
  EXPECT_NE(error_between("a \x7f", kOpen).find("alphabet"), std::string::npos);
  EXPECT_NE(error_between(std::string_view("a \0", 3), kOpen).find("alphabet"), std::string::npos);
  EXPECT_NE(error_between("A" + std::string(26, ' '), kOpen).find("smallest"), std::string::npos);
  EXPECT_LT(error_between("a" + std::string(10000, '\n'), kOpen).size(), 200U);
}

TEST(FractionalIndex, HasRoomBehindTheLastIntegerAndBeforeTheFirst) {
  const std::string last = "z" + std::string(26, '~');
  EXPECT_EQ(between(last, kOpen), last + "P");
  EXPECT_EQ(between(last + "P", kOpen), last + "h");
  const std::string first = "A" + std::string(26, ' ');
  EXPECT_EQ(between(kOpen, first + "P"), first + "8");
  EXPECT_EQ(between(kOpen, first + "!"), first + " P");
}

TEST(FractionalIndex, SqlFunctionTakesValuesAsTextAndNullAsOpen) {
  const Database db;
  EXPECT_EQ(db.text("SELECT crsql_fract_key_between(NULL, NULL)"), "a ");
  EXPECT_EQ(db.text("SELECT crsql_fract_key_between(x'6120', NULL)"), "a!");
  EXPECT_NE(error_of(db, "SELECT crsql_fract_key_between(5, NULL)").find("crsql_fract_key_between: ordering key '5'"),
            std::string::npos);
  EXPECT_TRUE(db.error_of("SELECT crsql_fract_key_between('a ')"));
  EXPECT_TRUE(db.error_of("SELECT crsql_fract_key_between('a ', NULL, NULL)"));
}

// --- laws ---

/// A random key, long and short, near the ends of its alphabet and not.
std::string random_key(Choices& choices) {
  const auto digit = [&] {
    return choices.chance(40) ? choices.pick(std::vector<char>{' ', '!', '}', '~'})
                              : static_cast<char>(' ' + choices.below(95));
  };
  static const std::string kHeads = "aaabbcZZYXAz";
  std::string key(1, kHeads[choices.index(kHeads.size())]);
  while (key.size() < integer_size(key)) key += digit();
  for (std::uint64_t more = choices.chance(5) ? choices.below(300) : choices.below(6); more > 0; --more) key += digit();
  while (key.size() > integer_size(key) && key.back() == ' ') key.pop_back();
  return key;
}

TEST(FractionalIndex, LiesStrictlyBetweenAndIsAKey) {
  Choices choices = Choices::seeded(1);
  const std::string least = "A" + std::string(26, ' ');
  for (int i = 0; i < 20000; ++i) {
    std::string low = random_key(choices);
    std::string high = choices.chance(50) ? random_key(choices) : low + random_key(choices).back() + "!";
    if (low == high || low == least || high == least) continue;
    if (low > high) std::swap(low, high);
    const std::string key = between(low, high);
    ASSERT_TRUE(well_formed(key)) << "between '" << low << "' and '" << high << "'";
    ASSERT_LT(low, key);
    ASSERT_LT(key, high);
    ASSERT_LE(key.size(), std::max(low.size(), high.size()) + 1);
    ASSERT_TRUE(well_formed(between(low, kOpen)));
    ASSERT_GT(between(low, kOpen), low);
    ASSERT_TRUE(well_formed(between(kOpen, low)));
    ASSERT_LT(between(kOpen, low), low);
  }
}

TEST(FractionalIndex, InsertionAtRandomPlacesKeepsAListInOrder) {
  Choices choices = Choices::seeded(2);
  std::vector<std::string> list;
  for (int i = 0; i < 10000; ++i) {
    const std::size_t place = choices.index(list.size() + 1);
    const End before = place == 0 ? kOpen : End(list[place - 1]);
    const End after = place == list.size() ? kOpen : End(list[place]);
    const std::string key = between(before, after);
    ASSERT_TRUE(well_formed(key));
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(place), key);
  }
  EXPECT_EQ(std::adjacent_find(list.begin(), list.end(), std::greater_equal<>()), list.end());
  const auto longest =
      std::max_element(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  EXPECT_LE(longest->size(), 12U);
}

constexpr int kMany = 10000;

TEST(FractionalIndex, TenThousandAtTheEndOrTheFrontStayShort) {
  std::string last = "a ";
  std::string first = "a ";
  for (int i = 0; i < kMany; ++i) {
    const std::string next = between(last, kOpen);
    const std::string previous = between(kOpen, first);
    ASSERT_GT(next, last);
    ASSERT_LT(previous, first);
    ASSERT_TRUE(well_formed(next) && well_formed(previous));
    last = next;
    first = previous;
  }
  EXPECT_LE(last.size(), 4U);
  EXPECT_LE(first.size(), 4U);
}

/// The worst there is: one digit holds 6.57 halvings, so 10,000 of them cannot stay below 1,522 digits.
constexpr std::size_t kSane = 1700;

TEST(FractionalIndex, TenThousandBehindOneElementStayBelowASaneLength) {
  const std::string before = "a ";
  std::string after = "a!";
  for (int i = 0; i < kMany; ++i) {
    const std::string key = between(before, after);
    ASSERT_TRUE(well_formed(key) && before < key && key < after);
    after = key;
  }
  EXPECT_LE(after.size(), kSane);
}

TEST(FractionalIndex, TenThousandBeforeOneElementStayBelowASaneLength) {
  std::string before = "a ";
  const std::string after = "a!";
  for (int i = 0; i < kMany; ++i) {
    const std::string key = between(before, after);
    ASSERT_TRUE(well_formed(key) && before < key && key < after);
    before = key;
  }
  EXPECT_LE(before.size(), kSane);
}

TEST(FractionalIndex, TenThousandInTheMiddleOfTheLastTwoStayBelowASaneLength) {
  std::string before = "a ";
  std::string after = "a!";
  for (int i = 0; i < kMany; ++i) {
    const std::string key = between(before, after);
    ASSERT_TRUE(well_formed(key) && before < key && key < after);
    (i % 2 == 0 ? before : after) = key;
  }
  EXPECT_LE(before.size(), kSane);
}

}  // namespace
}  // namespace rejoin::test
