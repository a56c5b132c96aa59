// Packed keys: the bytes are those of the contract, there is exactly one way to write a key, and all else is refused.
#include "crr/packed_key.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "support/choices.hpp"

namespace rejoin::internal {
namespace {

ValueView integer(std::int64_t number) {
  ValueView value;
  value.type = SQLITE_INTEGER;
  value.integer = number;
  return value;
}

ValueView real(double number) {
  ValueView value;
  value.type = SQLITE_FLOAT;
  value.real = number;
  return value;
}

ValueView bytes(int type, std::string_view text) {
  ValueView value;
  value.type = type;
  value.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  return value;
}

ValueView text(std::string_view content) { return bytes(SQLITE_TEXT, content); }
ValueView blob(std::string_view content) { return bytes(SQLITE_BLOB, content); }

Bytes packed(const std::vector<ValueView>& values) {
  Bytes out = {static_cast<std::uint8_t>(values.size())};
  for (const ValueView& value : values) append_packed_value(out, value);
  return out;
}

std::string hex(const Bytes& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

Bytes from_hex(std::string_view digits) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

std::string error_of(const Bytes& key) {
  std::vector<ValueView> values;
  const Status status = unpack({key.data(), key.size()}, values);
  EXPECT_EQ(status.code(), status.ok() ? ErrorCode::kOk : ErrorCode::kInvalidArgument);
  return status.message();
}

// Section 3 of the contract, value for value.
TEST(PackedKey, BytesOfTheContract) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const std::pair<ValueView, const char*> vectors[] = {
      {integer(0), "0101"},
      {integer(1), "010901"},
      {integer(127), "01097f"},
      {integer(128), "010980"},
      {integer(255), "0109ff"},
      {integer(256), "01110100"},
      {integer(65535), "0111ffff"},
      {integer(65536), "0119010000"},
      {integer(std::int64_t{1} << 24), "012101000000"},
      {integer(std::int64_t{1} << 32), "01290100000000"},
      {integer(std::int64_t{1} << 40), "0131010000000000"},
      {integer(std::int64_t{1} << 48), "013901000000000000"},
      {integer(std::int64_t{1} << 56), "01410100000000000000"},
      {integer(kMost), "01417fffffffffffffff"},
      {integer(-1), "0141ffffffffffffffff"},
      {integer(kLeast), "01418000000000000000"},
      {real(0), "01020000000000000000"},
      {real(-0.0), "01028000000000000000"},
      {real(1.5), "01023ff8000000000000"},
      {real(-std::numeric_limits<double>::infinity()), "0102fff0000000000000"},
      {text("a"), "010b0161"},
      {text(""), "0103"},
      {text(std::string_view("\0", 1)), "010b0100"},
      {text("ä"), "010b02c3a4"},
      {blob(""), "0104"},
      {blob("\xff"), "010c01ff"},
      {ValueView(), "0105"}};
  for (const auto& [value, expected] : vectors) EXPECT_EQ(hex(packed({value})), expected);
  EXPECT_EQ(hex(packed({integer(1), text("a"), ValueView()})), "0309010b016105");
  EXPECT_EQ(hex(packed({})), "00");
}

TEST(PackedKey, SizesTakeAsFewBytesAsHoldThem) {
  for (const auto& [size, head] : {std::pair<std::size_t, const char*>{255, "010bff"},
                                   {256, "01130100"},
                                   {65535, "0113ffff"},
                                   {65536, "011b010000"}}) {
    const std::string content(size, 'x');
    const Bytes key = packed({text(content)});
    EXPECT_EQ(hex(key).substr(0, std::string(head).size()), head);
    std::vector<ValueView> values;
    ASSERT_TRUE(unpack({key.data(), key.size()}, values).ok());
    EXPECT_EQ(values[0].bytes.size, size);
    EXPECT_EQ(values[0].bytes.data + size, key.data() + key.size());
  }
}

TEST(PackedKey, EveryMalformedFormIsRefusedWithAWord) {
  const std::pair<const char*, const char*> forms[] = {
      {"", "packed values are empty"},
      {"01", "packed value 1 is missing"},
      {"0209010301", "1 bytes follow the last packed value"},
      {"020901", "packed value 2 is missing"},
      {"0901", "packed value 2 is missing"},
      {"0109", "packed value 1 is an integer of a bad length"},
      {"011101", "packed value 1 is an integer of a bad length"},
      {"010900", "packed value 1 is an integer of a bad length"},    // zero takes no byte
      {"01110001", "packed value 1 is an integer of a bad length"},  // one takes one
      {"0141007fffffffffffff", "packed value 1 is an integer of a bad length"},
      {"0149010203040506070809", "packed value 1 is an integer of a bad length"},
      {"01f9", "packed value 1 is an integer of a bad length"},
      {"0102", "packed value 1 is a float of a bad length"},
      {"010200000000000000", "packed value 1 is a float of a bad length"},
      {"01420000000000000000", "packed value 1 is a float of a bad length"},
      {"010b", "packed value 1 has a size of a bad length"},
      {"010b00", "packed value 1 has a size of a bad length"},
      {"0113000161", "packed value 1 has a size of a bad length"},
      {"014b010203040506070809", "packed value 1 has a size of a bad length"},
      {"010b01", "packed value 1 is longer than the key that holds it"},
      {"010c0261", "packed value 1 is longer than the key that holds it"},
      {"0144ffffffffffffffff", "packed value 1 is longer than the key that holds it"},
      {"010d", "packed value 1 is a NULL with a length"},
      {"0100", "packed value 1 is of an unknown type"},
      {"0106", "packed value 1 is of an unknown type"},
      {"0107", "packed value 1 is of an unknown type"},
      {"02090107", "packed value 2 is of an unknown type"},
      {"0101ff", "1 bytes follow the last packed value"},
      {"00ffff", "2 bytes follow the last packed value"}};
  for (const auto& [key, message] : forms) EXPECT_EQ(error_of(from_hex(key)), message) << key;
}

// There is exactly one way to write a key: whatever is accepted is what packing its values gives.
TEST(PackedKey, WhatIsAcceptedIsWhatPackingGives) {
  int accepted = 0;
  const auto check = [&](const Bytes& key) {
    std::vector<ValueView> values;
    if (!unpack({key.data(), key.size()}, values).ok()) return;
    ++accepted;
    ASSERT_EQ(hex(packed(values)), hex(key));
  };
  const auto byte = [](int number) { return static_cast<std::uint8_t>(number); };
  for (int a = 0; a < 256; ++a) {
    check({byte(a)});
    for (int b = 0; b < 256; ++b) {
      check({byte(a), byte(b)});
      for (int c = 0; c < 256 && a < 4; ++c) check({byte(a), byte(b), byte(c)});
    }
  }
  EXPECT_EQ(accepted, 1 + 4 + 255 + 16) << "no value; one of no bytes; one of one byte; two of no bytes";
}

TEST(PackedKey, BytesAtRandomAreReadWithinTheirBounds) {
  test::Choices choices = test::Choices::seeded(20240601);
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    // Copied to the heap with nothing around it, for the sanitizer to see a step outside.
    Bytes key(choices.index(14));
    for (std::uint8_t& byte : key) {
      byte = static_cast<std::uint8_t>(choices.chance(50) ? choices.below(14) : choices.below(256));
    }
    key.shrink_to_fit();
    std::vector<ValueView> values;
    if (!unpack({key.data(), key.size()}, values).ok()) continue;
    ++accepted;
    ASSERT_EQ(hex(packed(values)), hex(key));
    for (const ValueView& value : values) {
      if (value.bytes.size == 0) continue;
      ASSERT_GE(value.bytes.data, key.data());
      ASSERT_LE(value.bytes.data + value.bytes.size, key.data() + key.size());
    }
  }
  EXPECT_GT(accepted, 500);
}

TEST(PackedKey, IntegersAndFloatsComeBackBitForBit) {
  test::Choices choices = test::Choices::seeded(7);
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t bits = choices.below(~std::uint64_t{0}) >> choices.below(64);
    const Bytes key = packed({integer(static_cast<std::int64_t>(bits)), real(std::bit_cast<double>(bits))});
    std::vector<ValueView> values;
    ASSERT_TRUE(unpack({key.data(), key.size()}, values).ok());
    ASSERT_EQ(values[0].integer, static_cast<std::int64_t>(bits));
    ASSERT_EQ(std::bit_cast<std::uint64_t>(values[1].real), bits);
  }
}

TEST(PackedKey, HoldsUpTo255Values) {
  const std::vector<ValueView> values(kMaxPackedValues, integer(3));
  const Bytes key = packed(values);
  EXPECT_EQ(key[0], 255);
  std::vector<ValueView> read;
  ASSERT_TRUE(unpack({key.data(), key.size()}, read).ok());
  EXPECT_EQ(read.size(), kMaxPackedValues);
}

TEST(PackedKey, AFailureLeavesNothingOfTheLastKey) {
  const Bytes good = packed({integer(1), integer(2), integer(3)});
  std::vector<ValueView> values;
  ASSERT_TRUE(unpack({good.data(), good.size()}, values).ok());
  EXPECT_FALSE(unpack({}, values).ok());
  EXPECT_TRUE(values.empty());
}

TEST(DescribePacked, WritesAKeyAsAPersonWould) {
  const auto describe = [](const std::vector<ValueView>& values) {
    const Bytes key = packed(values);
    return describe_packed({key.data(), key.size()});
  };
  EXPECT_EQ(describe({integer(-7), text("a'b"), blob(std::string_view("\0\xff", 2)), ValueView(), real(0.5)}),
            "(-7, 'a'b', x'00ff', NULL, 0.5)");
  EXPECT_EQ(describe({}), "()");
  EXPECT_EQ(describe({text(std::string(61, 'x'))}), "('" + std::string(60, 'x') + "…')");
  EXPECT_EQ(describe({blob(std::string(1000, '\x11'))}).size(), std::string("(x'…')").size() + 120);
  EXPECT_EQ(describe_packed({}), "(not a packed key)");
}

}  // namespace
}  // namespace rejoin::internal
