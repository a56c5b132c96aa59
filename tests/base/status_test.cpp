#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <rejoin/status.hpp>

namespace rejoin {
namespace {

TEST(StatusTest, AFineOneIsAPointer) {
  const Status fine;
  EXPECT_TRUE(fine.ok());
  EXPECT_EQ(fine.code(), ErrorCode::kOk);
  EXPECT_EQ(fine.sqlite_code(), 0);
  EXPECT_EQ(fine.message(), "");
  EXPECT_EQ(sizeof(fine), sizeof(void*));
  EXPECT_TRUE(Status(ErrorCode::kOk, "whatever").ok());
}

TEST(StatusTest, AFailureSaysWhatItWasMadeOf) {
  const Status failed(ErrorCode::kBusy, "the file is locked", 517);
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.code(), ErrorCode::kBusy);
  EXPECT_EQ(failed.sqlite_code(), 517);
  EXPECT_EQ(failed.message(), "the file is locked");
}

TEST(StatusTest, CopiesShareAndMovesTake) {
  Status first(ErrorCode::kCorrupt, "a message that is too long for a string to keep it in itself");
  Status second = first;
  EXPECT_EQ(&first.message(), &second.message());
  Status third = std::move(first);
  EXPECT_TRUE(first.ok());  // NOLINT: what a move leaves is said in the header
  EXPECT_EQ(&second.message(), &third.message());
  second = Status();
  EXPECT_TRUE(second.ok());
  third = *&third;
  EXPECT_EQ(third.code(), ErrorCode::kCorrupt);
}

TEST(StatusTest, CopiesMayGoInSeveralThreads) {
  const Status shared(ErrorCode::kSqlite, "shared");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      for (int j = 0; j < 1000; ++j) EXPECT_EQ(Status(shared).message(), "shared");
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace rejoin
