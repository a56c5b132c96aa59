// Alters by odd ways: of tables whose names need quotes, that were renamed or rebuilt behind the engine's back.
#include "crr/alterer.hpp"

#include <gmock/gmock.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

void expect_captured(const Database& db, const std::string& write, const std::string& column) {
  const std::int64_t before = db.integer("SELECT crsql_db_version()");
  db.exec(write);
  EXPECT_THAT(db.lines("SELECT cid FROM crsql_changes WHERE db_version > " + std::to_string(before)),
              Contains(literal(Value(column))));
  EXPECT_EQ(db.lines("SELECT * FROM rejoin_check").size(), 0U);
}

TEST(Alterer, NamesWithQuotesAndCommasKeepTheirClocks) {
  const Database db;
  db.exec(R"(CREATE TABLE "a""b" (id INTEGER PRIMARY KEY NOT NULL, "c""d, e"); SELECT crsql_as_crr('a"b');)"
          R"(INSERT INTO "a""b" VALUES (1, 'x'); UPDATE "a""b" SET "c""d, e" = 'y';)"
          R"(SELECT crsql_begin_alter('a"b'); ALTER TABLE "a""b" RENAME COLUMN "c""d, e" TO "f""";)"
          R"(SELECT crsql_commit_alter('a"b'))");
  EXPECT_THAT(db.lines("SELECT cid, val, col_version FROM crsql_changes"), ElementsAre(R"('f"'|'y'|2)"));
  expect_captured(db, R"(UPDATE "a""b" SET "f""" = 'z')", "f\"");
}

// Its triggers, which SQLite moved along with it, still say what it was called.
TEST(Alterer, ATableThatWasRenamedWithoutAnAlterIsTakenInByACommit) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'a', 'b'); UPDATE t SET a = 'c'");
  db.exec("ALTER TABLE t RENAME TO renamed; SELECT crsql_commit_alter('renamed')");
  EXPECT_THAT(db.lines("SELECT \"table\", cid, val, col_version FROM crsql_changes WHERE cid = 'a'"),
              ElementsAre("'renamed'|'a'|'c'|2"));
  expect_captured(db, "UPDATE renamed SET b = 'd'", "b");
}

TEST(Alterer, ACommitForATableThatIsNoCrrIsRefused) {
  const Database db;
  db.exec("CREATE TABLE plain (id INTEGER PRIMARY KEY NOT NULL)");
  EXPECT_THAT(error_of(db, "SELECT crsql_commit_alter('plain')"),
              HasSubstr("is not a CRR, and no alter of it was begun"));
}

TEST(Alterer, ATableThatIsRebuiltWithinAnAlterAndNeverCommittedIsCapturedAfterwards) {
  const Database db;
  db.exec(kTable);
  db.exec("INSERT INTO t VALUES (1, 'a', 'b')");
  db.exec(
      "BEGIN; SELECT crsql_begin_alter('t'); DROP TABLE t;"
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, c); INSERT INTO t VALUES (1, 'a', 'b', 'c'); COMMIT");
  expect_captured(db, "UPDATE t SET c = 'd'", "c");
}

}  // namespace
}  // namespace rejoin::test
