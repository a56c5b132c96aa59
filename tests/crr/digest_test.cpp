// The digest is what docs/merge.md says: computed here again from crsql_changes and from nothing else.
#include "crr/digest.hpp"

#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>
#include <set>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

Replica replica_of(const Database& db) { return std::move(Replica::on(db.handle())).value(); }

Digest digest(const Database& db, const std::string& table = "") {
  const Result<Digest> result = replica_of(db).digest(table);
  EXPECT_EQ(result.status().message(), "");
  return *result;
}

void add(Digest& sum, const Blob& item) {
  const XXH128_hash_t hash = XXH3_128bits(item.data(), item.size());
  const std::uint64_t before = sum.low;
  sum.low += hash.low64;
  sum.high += hash.high64 + (sum.low < before ? 1 : 0);
}

/// The page's definition, in SQL: packed values without the byte that counts them.
Digest by_definition(const Database& db) {
  Digest sum;
  std::set<Blob> rows;
  for (const Row& row :
       db.query("SELECT substr(crsql_pack_columns(\"table\"), 2) || substr(pk, 2) || "
                "substr(crsql_pack_columns(cl), 2), cid, substr(crsql_pack_columns(cid, col_version, val), 2) "
                "FROM crsql_changes")) {
    // Joined blobs come out as texts of the same bytes.
    const auto bytes = [](const Value& value) {
      if (const auto* blob = std::get_if<Blob>(&value)) return *blob;
      const auto& text = std::get<std::string>(value);
      return Blob(text.begin(), text.end());
    };
    Blob item = bytes(row[0]);
    if (rows.insert(item).second) add(sum, item);
    if (std::get<std::string>(row[1]) == "-1") continue;
    const Blob rest = bytes(row[2]);
    item.insert(item.end(), rest.begin(), rest.end());
    add(sum, item);
  }
  return sum;
}

struct DigestTest : testing::Test {
  DigestTest() {
    db.exec(kTable);
    db.exec("CREATE TABLE u (x NOT NULL, y NOT NULL, PRIMARY KEY (y, x)); SELECT crsql_as_crr('u')");
  }
  Database db;
};

TEST_F(DigestTest, IsZeroForNothing) {
  EXPECT_EQ(digest(db), Digest());
  EXPECT_EQ(digest(Database()), Digest());
}

TEST_F(DigestTest, IsItsDefinition) {
  db.exec("INSERT INTO t VALUES (1, 'x', NULL), (-2, 1.5, x'00ff'), (3000000, '', x''), (0, 0, 0)");
  EXPECT_EQ(digest(db), by_definition(db));
  db.exec(
      "INSERT INTO u VALUES ('k', 2), (x'6b', 2); DELETE FROM t WHERE id = 1; UPDATE t SET a = 7; INSERT INTO t VALUES "
      "(1, 5, 5)");
  db.exec("DELETE FROM t WHERE id = 0; UPDATE u SET x = 'moved' WHERE x = 'k'");
  merge(db, cell("a", std::int64_t{3}, 0, 7));
  EXPECT_EQ(digest(db), by_definition(db));
  EXPECT_NE(digest(db), Digest());
}

TEST_F(DigestTest, OfOneTableIsItsShare) {
  db.exec("INSERT INTO t VALUES (1, 1, 1)");
  const Digest t = digest(db);
  EXPECT_EQ(digest(db, "u"), Digest());
  db.exec("INSERT INTO u VALUES (1, 1)");
  EXPECT_EQ(digest(db, "t"), t);
  const Digest u = digest(db, "u");
  const Digest all = digest(db);
  EXPECT_EQ(all.low, t.low + u.low);
  EXPECT_EQ(all.high, t.high + u.high + (all.low < t.low ? 1 : 0));
  EXPECT_EQ(digest(db, "nowhere"), Digest());
}

TEST_F(DigestTest, DoesNotSeeWhoWroteWhatWhen) {
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); COMMIT");
  const Database other;
  other.exec("SELECT 1");
  other.exec(kTable);
  other.exec("INSERT INTO t VALUES (2, 2, 9); UPDATE t SET b = 0");
  Change change = cell("a", std::int64_t{1}, 1);
  merge(other, change);
  change.column = "b";
  change.seq = 44;
  merge(other, change);
  EXPECT_NE(digest(other), digest(db)) << "b of row 2 is at version 2";
  db.exec("UPDATE t SET b = 0 WHERE id = 2");
  EXPECT_EQ(digest(other), digest(db));
}

TEST_F(DigestTest, SeesEveryDifferenceThatCounts) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  const auto is_new = [&] {
    const Digest now = digest(db);
    return seen.insert({now.high, now.low}).second;
  };
  EXPECT_TRUE(is_new());
  for (const char* sql :
       {"INSERT INTO t VALUES (1, 1, 1)", "UPDATE t SET a = 2", "UPDATE t SET a = 1", "UPDATE t SET a = 1.0",
        "UPDATE t SET a = '1'", "UPDATE t SET a = x'31'", "UPDATE t SET a = NULL", "INSERT INTO t VALUES (2, NULL, 1)",
        "DELETE FROM t WHERE id = 2", "DELETE FROM t", "INSERT INTO t VALUES (1, 1, 1)", "INSERT INTO u VALUES (1, 2)",
        "INSERT INTO u VALUES (2, 1)", "DELETE FROM u", "INSERT INTO t VALUES (5, 'ab', 'c'), (6, 'a', 'bc')"}) {
    db.exec(sql);
    EXPECT_TRUE(is_new()) << sql;
  }
}

TEST_F(DigestTest, BothZerosAreOne) {
  db.exec(
      "CREATE TABLE r (id REAL PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('r'); INSERT INTO r VALUES (0.0, 0.0)");
  const Database other;
  other.exec(kTable);
  other.exec(
      "CREATE TABLE r (id REAL PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('r'); INSERT INTO r VALUES (-0.0, -0.0)");
  EXPECT_EQ(digest(other), digest(db));
  EXPECT_NE(digest(db), Digest());
}

TEST_F(DigestTest, CountsWhatThisTransactionHasWritten) {
  db.exec("BEGIN; INSERT INTO t VALUES (1, 1, 1)");
  const Digest inside = digest(db);
  EXPECT_EQ(inside, by_definition(db));
  EXPECT_NE(inside, Digest());
  db.exec("ROLLBACK");
  EXPECT_EQ(digest(db), Digest());
}

TEST_F(DigestTest, IsATextInSql) {
  EXPECT_EQ(db.lines("SELECT rejoin_digest(), rejoin_digest('t')"),
            (Lines{"'00000000000000000000000000000000'|'00000000000000000000000000000000'"}));
  db.exec("INSERT INTO t VALUES (1, 1, 1); INSERT INTO u VALUES (1, 1)");
  for (const std::string table : {"", "t", "u"}) {
    const Digest expected = digest(db, table);
    char hex[33];
    std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(expected.high),
                  static_cast<unsigned long long>(expected.low));
    EXPECT_EQ(db.text("SELECT rejoin_digest(" + (table.empty() ? "" : literal(Value(table))) + ")"), hex);
  }
  EXPECT_EQ(db.integer("SELECT rejoin_digest('T') = rejoin_digest('t')"), 1) << "as SQLite matches names";
}

TEST_F(DigestTest, OfNoCrrIsAnErrorInSql) {
  db.exec("CREATE TABLE plain (id)");
  EXPECT_EQ(error_of(db, "SELECT rejoin_digest(NULL)"), "rejoin_digest: the table's name is NULL");
  EXPECT_EQ(error_of(db, "SELECT rejoin_digest('plain')"), "rejoin_digest: table \"plain\" is not a CRR");
  EXPECT_EQ(error_of(db, "SELECT rejoin_digest('nowhere')"), "there is no table \"nowhere\"");
  EXPECT_EQ(error_of(db, "SELECT rejoin_digest('')"), "there is no table \"\"");
  EXPECT_NE(error_of(db, "SELECT rejoin_digest('t', 'u')").find("arguments"), std::string::npos);
}

}  // namespace
}  // namespace rejoin::test
