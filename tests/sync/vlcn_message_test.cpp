// The bytes of vlcn messages: what lib0 writes, read and written.
#include "sync/vlcn_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sync/vlcn_lib0.hpp"
#include "sync/vlcn_schema.hpp"
#include "sync/vlcn_utf8.hpp"

namespace rejoin::sync::vlcn {
namespace {

using testing::HasSubstr;

Blob from_hex(std::string_view text) {
  Blob bytes;
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

const std::string kS = "000102030405060708090a0b0c0d0e0f";
const Blob kSite = from_hex(kS);

// Two rows as lib0 writes them, and what tells the two forms apart: the last byte of a row.
const std::string kChangesHead = "02" + kS + "000000000000012c8001 02";
const std::string kFirstRow =
    "0174 03010901 0161 02bff8000000000000 0000000000000001 0000000000000002 00 0000000000000001";
const std::string kSecondRow = "0174 03010901 0163 0401 0000000000000001 0000000000000002 05" + kS + "0000000000000001";

Result<Message> decoded(const Blob& bytes, RowForm likely = RowForm::kNineFields) {
  Message message;
  const Status status = decode({bytes.data(), bytes.size()}, likely, message);
  return status.ok() ? Result<Message>(message) : Result<Message>(status);
}

Blob encoded(const Message& message) {
  Blob bytes;
  encode(message, bytes);
  return bytes;
}

std::string error_of(const std::string& hex) { return decoded(from_hex(hex)).status().message(); }

void expect_vector(const std::string& hex, const Message& message) {
  SCOPED_TRACE(hex);
  EXPECT_EQ(encoded(message), from_hex(hex));
  const Result<Message> read = decoded(from_hex(hex));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == message);
}

TEST(VlcnMessage, IsWhatLib0Writes) {
  expect_vector("01" + kS + "01" + kS + "0000000000000005 00 08 6d61696e2e73716c fffffffffffffffe",
                AnnouncePresence{kSite, {{kSite, {5, 0}}}, "main.sql", -2});
  expect_vector("03" + kS + "0000000000000001 3f", RejectChanges{kSite, {1, 63}});
  expect_vector("04 0000000000000001 8002 01" + kS + "01", StartStreaming{{1, 128}, {kSite}, true});
  expect_vector("0a 41 02 c3a9", Err{-1, "é"});
  expect_vector("07", Ping());
  expect_vector("08", Pong());
  expect_vector("05 05 01 72 01 73 0000000000000007", CreateDbOnPrimary{5, "r", "s", 7});
  expect_vector("06 05" + kS + "00 01 72 0000000000000007 02", ApplyChangesOnPrimary{5, kSite, {}, "r", {7, 2}});
  expect_vector("09 05 0000000000000007", CreateDbOnPrimaryResponse{5, 7});
  expect_vector("0b 8001", ApplyChangesOnPrimaryResponse{64});
}

TEST(VlcnMessage, ReadsRowsOfBothForms) {
  const Blob key = from_hex("010901");
  const Change first{"t", key, "a", -1.5, 1, 2, {}, 1, -8191};
  const Change second{"t", key, "c", std::int64_t{1}, 1, 2, kSite, 1, 0};
  const auto read = decoded(from_hex(kChangesHead + kFirstRow + "ff7f" + kSecondRow + "00"));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == Message(Changes{kSite, {300, 64}, {first, second}, RowForm::kNineFields}));

  Change without = first;
  without.seq = 0;
  const Blob legacy = from_hex(kChangesHead + kFirstRow + kSecondRow);
  for (const RowForm likely : {RowForm::kNineFields, RowForm::kEightFields}) {
    const auto told = decoded(legacy, likely);
    ASSERT_TRUE(told.ok()) << told.status().message();
    EXPECT_TRUE(*told == Message(Changes{kSite, {300, 64}, {without, second}, RowForm::kEightFields}));
  }
  EXPECT_TRUE(
      std::get<Changes>(*decoded(from_hex(kChangesHead + kFirstRow + "00" + kSecondRow + "00"), RowForm::kEightFields))
          .form == RowForm::kNineFields);
}

TEST(VlcnMessage, IsTheVectorOfTwoRowsByteForByte) {
  // The published vector, in which the first row has the seq 8191 and the second one a BOOL.
  const Blob vector = from_hex(
      "02000102030405060708090a0b0c0d0e0f000000000000012c800102017403010901016302bff80000000000000000000000000001000000"
      "0"
      "000000002000000000000000001bf7f017403010901016304010000000000000001000000000000000205000102030405060708090a0b0c0"
      "d"
      "0e0f000000000000000100");
  const auto read = decoded(vector);
  ASSERT_TRUE(read.ok()) << read.status().message();
  const auto& rows = std::get<Changes>(*read).rows;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], (Change{"t", from_hex("010901"), "c", -1.5, 1, 2, {}, 1, 8191}));
  EXPECT_EQ(rows[1], (Change{"t", from_hex("010901"), "c", std::int64_t{1}, 1, 2, kSite, 1, 0}));
  // A BOOL is never written: the same again but for that value.
  Blob expected = vector;
  const Blob boolean = from_hex("0401");
  const auto at = std::search(expected.begin() + 80, expected.end(), boolean.begin(), boolean.end());
  const auto place = expected.erase(at, at + 2);
  const Blob integer = from_hex("010000000000000001");
  expected.insert(place, integer.begin(), integer.end());
  EXPECT_EQ(encoded(*read), expected);
}

TEST(VlcnMessage, CarriesEveryKindOfValue) {
  Changes changes{kSite, {0, 0}, {}, RowForm::kNineFields};
  for (const Value& value : std::vector<Value>{{},
                                               std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::int64_t>::max(),
                                               -0.0,
                                               std::numeric_limits<double>::infinity(),
                                               std::string(),
                                               std::string("a\0é😀", 8),
                                               Blob(),
                                               Blob(300, 0xff)}) {
    changes.rows.push_back({"t", {1, 5}, "c", value, 1, 2, {}, 1, 70000});
  }
  const auto read = decoded(encoded(changes));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == Message(changes));
  EXPECT_TRUE(std::signbit(std::get<double>(std::get<Changes>(*read).rows[3].value)));

  changes.form = RowForm::kEightFields;
  for (Change& row : changes.rows) row.seq = 0;
  EXPECT_TRUE(*decoded(encoded(changes)) == Message(changes));
}

TEST(VlcnMessage, WritesNoTextThatIsNoUtf8) {
  const auto read = decoded(encoded(Err{0, "a\xff\xe2\x82z\xed\xa0\x80"}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::get<Err>(*read).text, "a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(VlcnMessage, RowsCanBeGivenAnotherVersion) {
  internal::Bytes rows;
  append_row({"t", {1, 5}, "c", {}, 1, 2, kSite, 1, 70000}, RowForm::kNineFields, rows);
  const Change last{"u", {1, 5}, "c", {}, 1, 2, {}, 1, 70000};
  const std::size_t place = append_row(last, RowForm::kNineFields, rows);
  set_db_version(9, place, rows);
  internal::Bytes message;
  encode_changes(kSite, {4, 0}, 2, internal::view_of(rows), message);
  const auto read = decoded(message);
  ASSERT_TRUE(read.ok()) << read.status().message();
  Change expected = last;
  expected.db_version = 9;
  EXPECT_EQ(std::get<Changes>(*read).rows[1], expected);
  EXPECT_EQ(std::get<Changes>(*read).rows[0].db_version, 2);
}

TEST(VlcnMessage, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of(""), "vlcn message, byte 0: its number is missing");
  EXPECT_EQ(error_of("00"), "vlcn message, byte 1: its number 0 is unknown");
  EXPECT_EQ(error_of("0c"), "vlcn message, byte 1: its number 12 is unknown");
  EXPECT_EQ(error_of("0700"), "vlcn message, byte 1: behind the message are 1 bytes more");
  EXPECT_EQ(error_of("010203"), "vlcn message, byte 1: the sender is cut off");
  EXPECT_THAT(error_of("01" + kS + "ffffffffffffff0f"), HasSubstr("the number of cursors is "));
  EXPECT_THAT(error_of("01" + kS + "ffffffffffffff7f"), HasSubstr("is too large"));
  EXPECT_THAT(error_of("01" + kS + "808080808080808000"), HasSubstr("is too long a number"));
  EXPECT_THAT(error_of("03" + kS + "0000000000000001 ffffffffffffffffff"), HasSubstr("is too long a number"));
  EXPECT_EQ(error_of("0a 00 05 6161"), "vlcn message, byte 3: the error claims 5 bytes, 2 are left");
  EXPECT_EQ(error_of("0a 00 01 ff"), "vlcn message, byte 4: the error is no UTF-8");
  EXPECT_THAT(error_of(kChangesHead + kFirstRow), HasSubstr("the number of rows is 2, for which 4"));
  const std::string bad_type = "0174 03010901 0161 06";
  EXPECT_EQ(error_of("02" + kS + "0000000000000000 00 01" + bad_type + std::string(60, '0')),
            "vlcn message, byte 36: a value has the unknown type 6 (row 1 of 1)");
}

/// Every message cut anywhere, and with any of its bits turned, is read or refused.
TEST(VlcnMessage, SurvivesEveryCutAndEveryTurnedBit) {
  const Blob whole = from_hex(kChangesHead + kFirstRow + "ff7f" + kSecondRow + "00");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decoded(Blob(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).ok()) << size;
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Blob other = whole;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << (bit % 8)));
    const auto read = decoded(other);
    EXPECT_TRUE(!read.ok() || decoded(encoded(*read)).ok()) << bit;
  }
}

TEST(VlcnNumbers, AreLib0s) {
  const auto signed_bytes = [](std::int64_t value) {
    internal::Bytes out;
    append_varint(value, out);
    return out;
  };
  EXPECT_EQ(signed_bytes(63), from_hex("3f"));
  EXPECT_EQ(signed_bytes(64), from_hex("8001"));
  EXPECT_EQ(signed_bytes(128), from_hex("8002"));
  EXPECT_EQ(signed_bytes(8191), from_hex("bf7f"));
  EXPECT_EQ(signed_bytes(-1), from_hex("41"));
  constexpr std::int64_t kLargest = (std::int64_t{1} << 53) - 1;
  for (const std::int64_t value : {kLargest, -kLargest, std::int64_t{0}, std::int64_t{1} << 31, std::int64_t{-64}}) {
    const internal::Bytes bytes = signed_bytes(value);
    std::int64_t read = 1;
    EXPECT_TRUE(Lib0Reader(internal::view_of(bytes)).varint("it", read).ok());
    EXPECT_EQ(read, value);
    if (value < 0) continue;
    internal::Bytes out;
    append_varuint(static_cast<std::uint64_t>(value), out);
    std::uint64_t read_unsigned = 1;
    EXPECT_TRUE(Lib0Reader(internal::view_of(out)).varuint("it", read_unsigned).ok());
    EXPECT_EQ(read_unsigned, static_cast<std::uint64_t>(value));
  }
}

TEST(VlcnSchema, VersionIsCryb64OfTheText) {
  EXPECT_EQ(cryb64(""), 5227514475777527171);
  EXPECT_EQ(cryb64("a"), 5772536816540940545);
  EXPECT_EQ(cryb64("hello"), -4634081719991045594);
  EXPECT_EQ(cryb64("é"), -2738472778642938155);
  EXPECT_EQ(cryb64("😀"), -8083739215034469202);
  // What Expo's example announces.
  EXPECT_EQ(
      cryb64("CREATE TABLE IF NOT EXISTS \"todo\" (\"id\" PRIMARY KEY, \"text\", \"completed\" INTEGER DEFAULT 0);\n"
             "SELECT crsql_as_crr('todo');"),
      8195582753598436914);
  EXPECT_NE(cryb64("a\n"), cryb64("a"));
  EXPECT_EQ(cryb64("\xff"), cryb64("\xef\xbf\xbd"));
}

TEST(VlcnUtf8, KnowsWhatIsNone) {
  for (const char* good : {"", "a", "é", "€", "😀", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xe2\x82", "\xff", "\xc3"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
  EXPECT_EQ(mended_utf8("\xf0\x9f\x98!"), "\xef\xbf\xbd!") << "one for what could have begun a character";
}

}  // namespace
}  // namespace rejoin::sync::vlcn
