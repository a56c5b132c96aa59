// Files of changes: whole or refused.
#include "sync/change_file.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "support/database.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')";

struct ChangeFileTest : testing::Test {
  ChangeFileTest() {
    a.exec(kTable);
    b.exec(kTable);
    a.exec("INSERT INTO t VALUES (1, 'one', NULL), (2, x'0102', 2.5); DELETE FROM t WHERE id = 2");
  }

  std::string exported(std::int64_t since = 0) {
    std::ostringstream out;
    const auto count = sync::write_changes(from, since, out);
    EXPECT_EQ(count.status().message(), "");
    return out.str();
  }
  Result<sync::ChangeFileCount> import(const std::string& bytes) {
    std::istringstream in(bytes);
    return sync::merge_changes(to, in);
  }

  Database a;
  Database b;
  Replica from = *Replica::on(a.handle());
  Replica to = *Replica::on(b.handle());
};

TEST_F(ChangeFileTest, CarriesAllThereIs) {
  const auto merged = import(exported());
  ASSERT_TRUE(merged.ok()) << merged.status().message();
  EXPECT_EQ(merged->changes, 3);
  EXPECT_EQ(merged->won, 3);
  EXPECT_TRUE(*from.digest() == *to.digest());
  EXPECT_EQ(import(exported())->won, 0);
}

TEST_F(ChangeFileTest, MovesTheCursorWhereItFollows) {
  const Blob site = *from.site_id();
  ASSERT_TRUE(import(exported()).ok());
  EXPECT_EQ(*to.cursor(site), 2);
  a.exec("INSERT INTO t VALUES (3, 1, 1)");
  a.exec("INSERT INTO t VALUES (4, 1, 1)");
  ASSERT_TRUE(import(exported(3)).ok());
  EXPECT_EQ(*to.cursor(site), 2) << "version 3 was not in it";
  ASSERT_TRUE(import(exported(1)).ok());
  EXPECT_EQ(*to.cursor(site), 4);
  EXPECT_TRUE(*from.digest() == *to.digest());
}

TEST_F(ChangeFileTest, CarriesMuch) {
  a.exec(
      "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
      "INSERT INTO t SELECT i, hex(randomblob(30)), zeroblob(40) FROM n");
  a.exec("INSERT INTO t VALUES (5, randomblob(3000000), zeroblob(5000000))");
  const std::string file = exported();
  EXPECT_GT(file.size(), std::size_t{3000000});
  EXPECT_LT(file.size(), std::size_t{7000000});
  const auto merged = import(file);
  ASSERT_TRUE(merged.ok()) << merged.status().message();
  EXPECT_TRUE(*from.digest() == *to.digest());
}

TEST_F(ChangeFileTest, RefusesAVersionThatIsNotThere) {
  std::ostringstream out;
  EXPECT_EQ(sync::write_changes(from, 99, out).status().message(), "there is no version 99 yet: the newest is 2");
  EXPECT_EQ(out.str(), "");
}

TEST_F(ChangeFileTest, IsAllOrNothing) {
  const std::string whole = exported();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_FALSE(import(whole.substr(0, size)).ok()) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    ASSERT_FALSE(import(damaged).ok()) << at;
  }
  EXPECT_FALSE(import(whole + "x").ok());
  EXPECT_EQ(b.integer("SELECT count(*) FROM t"), 0);
  EXPECT_EQ(*to.db_version(), 0);
}

TEST_F(ChangeFileTest, SaysWhatIsWrong) {
  const std::string whole = exported();
  EXPECT_EQ(import("SQLite format 3").status().message(), "the file of changes is none: it does not begin as one");
  EXPECT_EQ(import(std::string("rejoin changes\n\x02")).status().message(),
            "the file of changes is of version 2, which is not known");
  EXPECT_EQ(import(whole.substr(0, whole.size() - 1)).status().message(),
            "the file of changes is malformed: block 3 is cut off");
  EXPECT_EQ(import(whole.substr(0, 16)).status().message(),
            "the file of changes is malformed: block 1 is missing: the file was cut off");
  EXPECT_EQ(import(whole + "x").status().message(), "the file of changes goes on after its end");
}

}  // namespace
}  // namespace rejoin::test
