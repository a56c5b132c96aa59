// Reading and writing big-endian numbers within bounds.
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace rejoin::internal {
namespace {

ByteView view_of(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

TEST(UnsignedWidth, IsTheFewestBytesThatHoldTheValue) {
  EXPECT_EQ(unsigned_width(0), 0U);
  for (unsigned bytes = 1; bytes <= 8; ++bytes) {
    const std::uint64_t least = bytes == 1 ? 1 : std::uint64_t{1} << (8 * (bytes - 1));
    const std::uint64_t most = bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
    EXPECT_EQ(unsigned_width(least), bytes);
    EXPECT_EQ(unsigned_width(most), bytes);
  }
}

TEST(AppendUnsigned, WritesTheMostSignificantByteFirst) {
  Bytes out = {7};
  append_unsigned(out, 0x0102030405060708, 8);
  append_unsigned(out, 0xabcd, 2);
  append_unsigned(out, 0xabcd, 1);
  append_unsigned(out, 0xabcd, 0);
  EXPECT_EQ(out, (Bytes{7, 1, 2, 3, 4, 5, 6, 7, 8, 0xab, 0xcd, 0xcd}));
}

TEST(AppendBytes, TakesAnEmptyRunWithoutAnAddress) {
  Bytes out;
  append_bytes(out, {});
  EXPECT_TRUE(out.empty());
  const Bytes two = {1, 2};
  append_bytes(out, view_of(two));
  EXPECT_EQ(out, two);
}

TEST(ByteReader, GivesBackWhatWasWrittenAtEveryWidth) {
  for (std::size_t width = 0; width <= 8; ++width) {
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x80}, ~std::uint64_t{0}}) {
      const std::uint64_t kept = width == 0 ? 0 : width == 8 ? value : value & ((std::uint64_t{1} << (8 * width)) - 1);
      Bytes bytes;
      append_unsigned(bytes, value, width);
      ByteReader reader(view_of(bytes));
      std::uint64_t read = 99;
      ASSERT_TRUE(reader.read_unsigned(width, read));
      EXPECT_EQ(read, kept);
      EXPECT_EQ(reader.left(), 0U);
    }
  }
}

TEST(ByteReader, RefusesWhatIsNotThereAndConsumesNothing) {
  const Bytes bytes = {1, 2, 3};
  ByteReader reader(view_of(bytes));
  std::uint64_t number = 99;
  ByteView run;
  EXPECT_FALSE(reader.read_unsigned(4, number));
  EXPECT_FALSE(reader.read_bytes(4, run));
  EXPECT_FALSE(reader.read_bytes(~std::uint64_t{0}, run));
  EXPECT_EQ(number, 99U);
  EXPECT_EQ(run.data, nullptr);
  EXPECT_EQ(reader.left(), 3U);
  ASSERT_TRUE(reader.read_unsigned(3, number));
  EXPECT_EQ(number, 0x010203U);
  std::uint8_t byte = 99;
  EXPECT_FALSE(reader.read_u8(byte));
  EXPECT_EQ(byte, 99);
}

TEST(ByteReader, RefusesANumberOfMoreThanEightBytes) {
  const Bytes bytes(9, 1);
  ByteReader reader(view_of(bytes));
  std::uint64_t number = 0;
  EXPECT_FALSE(reader.read_unsigned(9, number));
  EXPECT_EQ(reader.left(), 9U);
}

TEST(ByteReader, OfNothingHoldsEmptyRunsOnly) {
  ByteReader reader({});
  std::uint8_t byte = 0;
  std::uint64_t number = 1;
  ByteView run;
  EXPECT_FALSE(reader.read_u8(byte));
  EXPECT_TRUE(reader.read_unsigned(0, number));
  EXPECT_EQ(number, 0U);
  EXPECT_TRUE(reader.read_bytes(0, run));
  EXPECT_EQ(run.size, 0U);
}

TEST(ByteReader, RunsAreBorrowedInOrder) {
  const Bytes bytes = {9, 1, 2, 3};
  ByteReader reader(view_of(bytes));
  std::uint8_t first = 0;
  ByteView run;
  ASSERT_TRUE(reader.read_u8(first));
  ASSERT_TRUE(reader.read_bytes(2, run));
  EXPECT_EQ(first, 9);
  EXPECT_EQ(run.data, bytes.data() + 1);
  EXPECT_EQ(run.size, 2U);
  EXPECT_EQ(reader.left(), 1U);
}

}  // namespace
}  // namespace rejoin::internal
