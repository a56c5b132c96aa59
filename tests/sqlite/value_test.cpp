// Borrowed values, and affinity: what we convert must be what a real column stores, type for type and bit for bit.
#include "sqlite/value.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"

namespace rejoin::internal {
namespace {

using test::Database;
using test::literal;
using test::Statement;

const std::vector<std::string> kTypes = {
    "",         "INTEGER",        "INT",     "int",   "BIGINT",     "UNSIGNED BIG INT", "TINYINT",
    "INT8",     "TEXT",           "text",    "CLOB",  "VARCHAR(9)", "NCHAR(5)",         "CHARACTER",
    "BLOB",     "blob",           "REAL",    "FLOAT", "DOUBLE",     "DOUBLE PRECISION", "NUMERIC",
    "NUM",      "DECIMAL(10,5)",  "BOOLEAN", "DATE",  "DATETIME",   "STRING",           "JSON",
    "ANY",      "FLOATING POINT", "CHARINT", "POINT", "BLOBTEXT",   "TEXTBLOB",         "REALBLOB",
    "BLOBREAL", "DOUBLECHAR"};
const std::vector<std::string> kStrictTypes = {"INT", "INTEGER", "TEXT", "BLOB", "REAL", "ANY"};

/// SQL literals of every class, with the numbers and texts at which conversion turns.
std::vector<std::string> values() {
  std::vector<std::string> all = {"NULL",
                                  "x''",
                                  "x'00'",
                                  "x'31'",
                                  "x'ff00'",
                                  "CAST(x'3100' AS TEXT)",
                                  "CAST(x'310032' AS TEXT)",
                                  "CAST(x'ff' AS TEXT)",
                                  "9e999",
                                  "-9e999",
                                  "-0.0"};
  for (const char* text : {"",
                           " ",
                           "0",
                           "1",
                           "-1",
                           "+1",
                           "007",
                           "1.0",
                           "1.",
                           ".5",
                           "-.5",
                           "1e3",
                           "1E3",
                           "1e+3",
                           "1e-3",
                           "1e",
                           "e1",
                           "1e400",
                           "-1e400",
                           "1e-400",
                           "0x10",
                           "1_000",
                           " 12",
                           "12 ",
                           "\t12\n",
                           "1 2",
                           "abc",
                           "1abc",
                           "NaN",
                           "inf",
                           "Infinity",
                           "true",
                           "-0",
                           "-0.0",
                           "0.0",
                           "00.00",
                           "--1",
                           "1.5.5",
                           "null",
                           "größe",
                           "1,5",
                           "9007199254740993",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "9223372036854775807.0",
                           "-9223372036854775808.0",
                           "123456789012345678901234567890",
                           "0.1",
                           "1e18",
                           "1e19",
                           "922337203685477580.70e1",
                           "4503599627370497.5",
                           "179769313486231580000e289"}) {
    all.push_back(literal(Value(std::string(text))));
  }
  for (const std::int64_t integer :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{255}, std::int64_t{1} << 53,
        (std::int64_t{1} << 53) + 1, -(std::int64_t{1} << 53) - 1, std::int64_t{9223372036854775807},
        std::int64_t{-9223372036854775807} - 1, std::int64_t{9223372036854774784}}) {
    all.push_back(literal(Value(integer)) == "-9223372036854775808" ? "(-9223372036854775807 - 1)"
                                                                    : literal(Value(integer)));
  }
  for (const double real : {0.0,
                            1.0,
                            -1.0,
                            0.5,
                            1e15,
                            1e16,
                            123456789.123,
                            0.1,
                            0.30000000000000004,
                            1e300,
                            5e-324,
                            2.5e-8,
                            9007199254740992.0,
                            9007199254740994.0,
                            9223372036854774784.0,
                            9223372036854775808.0,
                            -9223372036854775808.0,
                            -9223372036854774784.0,
                            1e19,
                            1.7976931348623157e308}) {
    all.push_back(literal(Value(real)));
  }
  return all;
}

/// What `value` becomes on its way into a column of `affinity`, as a literal.
std::string converted(const Database& db, const std::string& value, Affinity affinity) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db.handle(), ("SELECT " + value).c_str(), -1, &statement, nullptr);
  sqlite3_step(statement);
  ValueView view = ValueView::of_column(statement, 0);
  std::string storage;
  EXPECT_EQ(apply_affinity(db.handle(), affinity, view, storage), SQLITE_OK);
  const std::string out = literal(owned(view));
  sqlite3_finalize(statement);
  return out;
}

void compare_with_real_columns(const std::vector<std::string>& types, bool strict, std::size_t& compared) {
  const Database db(":memory:", test::Engine::kAbsent);
  for (const std::string& type : types) {
    db.exec("CREATE TABLE t (v " + type + ")" + (strict ? "STRICT" : ""));
    for (const std::string& value : values()) {
      if (db.error_of("INSERT INTO t VALUES (" + value + ")")) continue;  // a STRICT column refuses it
      ++compared;
      EXPECT_EQ(converted(db, value, affinity_of(type, strict)), literal(db.value("SELECT v FROM t")))
          << value << " in a column of type '" << type << "'";
      db.exec("DELETE FROM t");
    }
    db.exec("DROP TABLE t");
  }
}

TEST(Affinity, IsThatOfARealColumn) {
  std::size_t compared = 0;
  compare_with_real_columns(kTypes, false, compared);
  EXPECT_EQ(compared, kTypes.size() * values().size());
}

TEST(Affinity, IsThatOfARealStrictColumn) {
  std::size_t compared = 0;
  compare_with_real_columns(kStrictTypes, true, compared);
  EXPECT_GT(compared, kStrictTypes.size() * values().size() / 4);
}

TEST(Affinity, HoldsInDatabasesOfUtf16) {
  const Database db(":memory:", test::Engine::kAbsent);
  db.exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (v TEXT, n NUMERIC)");
  for (const char* value : {"'größe'", "1.5", "'12'", "x'31'", "-7"}) {
    db.exec("DELETE FROM t; INSERT INTO t VALUES (" + std::string(value) + ", " + value + ")");
    EXPECT_EQ(converted(db, value, Affinity::kText), literal(db.value("SELECT v FROM t")));
    EXPECT_EQ(converted(db, value, Affinity::kNumeric), literal(db.value("SELECT n FROM t")));
  }
}

TEST(ApplyAffinity, LeavesTheValueAloneWhereItFails) {
  ValueView view;
  view.type = SQLITE_TEXT;
  const std::uint8_t digits[] = {'1', '2'};
  view.bytes = {digits, 2};
  std::string storage;
  const Database db(":memory:", test::Engine::kAbsent);
  sqlite3_limit(db.handle(), SQLITE_LIMIT_SQL_LENGTH, 1);  // nothing can be prepared any more
  EXPECT_NE(apply_affinity(db.handle(), Affinity::kNumeric, view, storage), SQLITE_OK);
  EXPECT_EQ(owned(view), Value(std::string("12")));
}

TEST(ValueView, BindsBackWhatItWasReadFrom) {
  const Database db(":memory:", test::Engine::kAbsent);
  for (const std::string& value : values()) {
    Statement source(db.handle(), "SELECT " + value);
    ASSERT_TRUE(source.step());
    sqlite3_stmt* in = nullptr;
    sqlite3_prepare_v2(db.handle(), ("SELECT " + value).c_str(), -1, &in, nullptr);
    sqlite3_stmt* out = nullptr;
    sqlite3_prepare_v2(db.handle(), "SELECT ?1, typeof(?1)", -1, &out, nullptr);
    ASSERT_EQ(sqlite3_step(in), SQLITE_ROW);
    EXPECT_EQ(bind_view(out, 1, ValueView::of_column(in, 0)), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(out), SQLITE_ROW);
    EXPECT_EQ(literal(owned(ValueView::of_column(out, 0))), literal(source.column(0)));
    sqlite3_finalize(out);
    sqlite3_finalize(in);
  }
}

// A null address would bind NULL, and the empty text and the empty blob are values of their own.
TEST(ValueView, EmptyTextAndBlobWithoutAnAddressAreNotNull) {
  const Database db(":memory:", test::Engine::kAbsent);
  for (const auto& [type, name] : {std::pair{SQLITE_TEXT, "text"}, std::pair{SQLITE_BLOB, "blob"}}) {
    ValueView empty;
    empty.type = type;
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db.handle(), "SELECT typeof(?1)", -1, &statement, nullptr);
    EXPECT_EQ(bind_view(statement, 1, empty), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
    EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)), name);
    sqlite3_finalize(statement);
  }
}

}  // namespace
}  // namespace rejoin::internal
