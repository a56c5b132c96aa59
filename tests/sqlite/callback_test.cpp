// What SQLite hears of a failure inside one of the engine's callbacks, and what it never sees.
#include "sqlite/callback.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "support/database.hpp"

namespace rejoin::internal {
namespace {

using test::Database;

Status next_outcome;
bool next_throws = false;

void fail_as_told(sqlite3_context* context, int, sqlite3_value**) {
  function_callback(context, [&]() -> Status {
    if (next_throws) throw std::bad_alloc();
    sqlite3_result_int(context, 42);
    return next_outcome;
  });
}

struct CallbackTest : testing::Test {
  CallbackTest() : db(":memory:", test::Engine::kAbsent) {
    sqlite3_create_function_v2(db.handle(), "f", 0, SQLITE_UTF8, nullptr, fail_as_told, nullptr, nullptr, nullptr);
    next_outcome = {};
    next_throws = false;
  }
  /// The extended code of a call, and its message.
  int call() {
    const int code = sqlite3_exec(db.handle(), "SELECT f()", nullptr, nullptr, nullptr);
    message = sqlite3_errmsg(db.handle());
    return code == SQLITE_OK ? code : sqlite3_extended_errcode(db.handle());
  }
  Database db;
  std::string message;
};

TEST_F(CallbackTest, AFineStatusLeavesTheResult) {
  EXPECT_EQ(call(), SQLITE_OK);
  EXPECT_EQ(db.integer("SELECT f()"), 42);
}

TEST_F(CallbackTest, AFailureIsAnErrorWithTheMessageAsItStands) {
  next_outcome = invalid("100% 'odd' \"message\"");
  EXPECT_EQ(call(), SQLITE_ERROR);
  EXPECT_EQ(message, "100% 'odd' \"message\"");
}

TEST_F(CallbackTest, ACodeOfSqlitesIsPassedOnWithItsExtension) {
  next_outcome = {ErrorCode::kBusy, "someone writes", SQLITE_BUSY_SNAPSHOT};
  EXPECT_EQ(call(), SQLITE_BUSY_SNAPSHOT);
  EXPECT_EQ(message, "someone writes");
}

TEST_F(CallbackTest, NoMemoryIsSqlitesOwn) {
  next_outcome = no_memory();
  EXPECT_EQ(call(), SQLITE_NOMEM);
}

TEST_F(CallbackTest, NothingThrownGetsPast) {
  next_throws = true;
  EXPECT_EQ(call(), SQLITE_NOMEM);
}

TEST(Guarded, MakesAStatusOfWhatIsThrown) {
  const Status status = guarded([]() -> Status { throw std::length_error("too long"); });
  EXPECT_EQ(status.code(), ErrorCode::kNoMemory);
  EXPECT_EQ(status.sqlite_code(), SQLITE_NOMEM);
  const Result<int> result = guarded([]() -> Result<int> { throw std::bad_alloc(); });
  EXPECT_EQ(result.status().code(), ErrorCode::kNoMemory);
  EXPECT_EQ(*guarded([]() -> Result<int> { return 5; }), 5);
}

TEST(TableCallback, GivesTheCodeAndReplacesTheMessage) {
  sqlite3_vtab table{};
  EXPECT_EQ(table_callback(&table, [] { return Status(); }), SQLITE_OK);
  EXPECT_EQ(table.zErrMsg, nullptr);
  EXPECT_EQ(table_callback(&table, [] { return invalid("first %s"); }), SQLITE_ERROR);
  EXPECT_STREQ(table.zErrMsg, "first %s");
  EXPECT_EQ(table_callback(&table, [] { return Status(ErrorCode::kSqlite, "second", SQLITE_FULL); }), SQLITE_FULL);
  EXPECT_STREQ(table.zErrMsg, "second");
  EXPECT_EQ(table_callback(&table, []() -> Status { throw std::bad_alloc(); }), SQLITE_NOMEM);
  EXPECT_EQ(table_callback(nullptr, [] { return invalid("nowhere to put it"); }), SQLITE_ERROR);
  sqlite3_free(table.zErrMsg);
}

TEST(SqliteError, TakesTheConnectionsMessageOnlyWhereItIsOfThisError) {
  const Database db(":memory:", test::Engine::kAbsent);
  ASSERT_EQ(sqlite3_exec(db.handle(), "SELECT * FROM nowhere", nullptr, nullptr, nullptr), SQLITE_ERROR);
  EXPECT_EQ(sqlite_error(db.handle(), SQLITE_ERROR, "looking").message(), "looking: no such table: nowhere");
  EXPECT_EQ(sqlite_error(db.handle(), SQLITE_FULL, "looking").message(), "looking: database or disk is full");
  EXPECT_EQ(sqlite_error(nullptr, SQLITE_FULL, "looking").message(), "looking: database or disk is full");
}

TEST(SqliteError, SortsCodesAndGivesThemBack) {
  const std::pair<int, ErrorCode> kinds[] = {{SQLITE_BUSY_SNAPSHOT, ErrorCode::kBusy},
                                             {SQLITE_LOCKED, ErrorCode::kBusy},
                                             {SQLITE_READONLY_DBMOVED, ErrorCode::kReadOnly},
                                             {SQLITE_NOMEM, ErrorCode::kNoMemory},
                                             {SQLITE_CORRUPT_INDEX, ErrorCode::kCorrupt},
                                             {SQLITE_NOTADB, ErrorCode::kCorrupt},
                                             {SQLITE_FULL, ErrorCode::kSqlite},
                                             {SQLITE_IOERR_WRITE, ErrorCode::kSqlite}};
  for (const auto& [code, kind] : kinds) {
    const Status status = sqlite_error(nullptr, code, "x");
    EXPECT_EQ(status.code(), kind) << code;
    EXPECT_EQ(result_code(status), code);
  }
}

TEST(ResultCode, OfAStatusWithoutOneFollowsItsKind) {
  EXPECT_EQ(result_code(Status()), SQLITE_OK);
  EXPECT_EQ(result_code({ErrorCode::kBusy, "x"}), SQLITE_BUSY);
  EXPECT_EQ(result_code({ErrorCode::kReadOnly, "x"}), SQLITE_READONLY);
  EXPECT_EQ(result_code({ErrorCode::kCorrupt, "x"}), SQLITE_CORRUPT);
  EXPECT_EQ(result_code({ErrorCode::kNoMemory, "x"}), SQLITE_NOMEM);
  EXPECT_EQ(result_code({ErrorCode::kUnknownSchema, "x"}), SQLITE_ERROR);
}

}  // namespace
}  // namespace rejoin::internal
