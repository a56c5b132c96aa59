// What is remembered of a row from one change to the next.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

// What the merger remembers of the row that it was on last must not outlive what happens to the row in between.
TEST(RowCache, AChangeMeetsTheRowAsItIsWhateverHappenedSinceTheOneBefore) {
  struct Case {
    const char* between;
    const char* row;
    const char* clock_of_a;
  };
  const std::vector<Case> cases = {
      {"", "1|'three'|NULL", "3"},
      {"UPDATE t SET a = 'local'", "1|'three'|NULL", "3"},
      {"UPDATE t SET a = 1; UPDATE t SET a = 'local'", "1|'local'|NULL", "4"},
      {"DELETE FROM t", "", ""},
      {"DELETE FROM t; INSERT INTO t VALUES (1, 'again', 0)", "1|'again'|0", "1"},
      {"UPDATE t__crsql_clock SET col_version = 9", "1|'two'|NULL", "9"},
      {"SAVEPOINT s; UPDATE t SET a = 1; UPDATE t SET a = 2; SELECT count(*) FROM crsql_changes; ROLLBACK TO s",
       "1|'three'|NULL", "3"},
      {"INSERT INTO crsql_changes VALUES ('t', x'010901', '-1', NULL, 3, 1, x'cc', 3, 0)", "1|'two'|NULL", "0"},
      {"INSERT INTO crsql_changes VALUES ('t', x'010901', '-1', NULL, 2, 1, x'cc', 2, 0)", "", ""},
      {"INSERT INTO crsql_changes SELECT 't', x'010901', 'a', 'many', value, 1, x'cc', 1, 0 FROM (SELECT 5 AS value "
       "UNION ALL SELECT 6 UNION ALL SELECT 4)",
       "1|'many'|NULL", "6"},
      {"SELECT crsql_as_table('t'); SELECT crsql_as_crr('t')", "1|'three'|NULL", "3"},
      {"ALTER TABLE t RENAME COLUMN b TO c; CREATE TABLE aa (id INTEGER PRIMARY KEY); SELECT crsql_as_crr('aa')",
       "1|'three'|NULL", "3"},
  };
  for (const Case& one : cases) {
    const Database here;
    here.exec(kTable);
    here.exec("BEGIN");
    merge(here, cell("a", "two", 2));
    here.exec(one.between);
    merge(here, cell("a", "three", 3));
    here.exec("COMMIT");
    EXPECT_EQ(here.lines("SELECT * FROM t"), (*one.row == 0 ? Lines{} : Lines{one.row})) << one.between;
    EXPECT_EQ(here.lines("SELECT col_version FROM t__crsql_clock WHERE col_name = 'a'"),
              (*one.clock_of_a == 0 ? Lines{} : Lines{one.clock_of_a}))
        << one.between;
  }
}

TEST(RowCache, AChangeMeetsTheRowAsAnotherConnectionHasLeftIt) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "two.db").string();
  const Database one(path);
  one.exec(kTable);
  const Database other(path);
  merge(one, cell("a", "two", 2));
  merge(other, cell("a", "five", 5));
  merge(one, cell("a", "three", 3));
  EXPECT_EQ(one.lines("SELECT a FROM t"), Lines{"'five'"});
  merge(one, cell("a", "six", 6));
  other.exec("DELETE FROM t");
  merge(one, cell("a", "seven", 7));
  EXPECT_EQ(one.lines("SELECT a FROM t"), Lines{});
}

}  // namespace
}  // namespace rejoin::test
