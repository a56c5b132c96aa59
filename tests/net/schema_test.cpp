// What a peer is told of tables, and what is made of what a stranger tells.
#include <gtest/gtest.h>

#include <net/schema.hpp>

#include <string>
#include <vector>

#include "support/database.hpp"

namespace rejoin::net {
namespace {

using sync::ColumnSpec;
using sync::TableSpec;
using test::Database;

std::vector<TableSpec> described(const Database& db) {
  auto tables = describe_schema(*Replica::on(db.handle()));
  EXPECT_TRUE(tables.ok()) << tables.status().message();
  return std::move(tables).value();
}

Status adopted(const Database& db, const std::vector<TableSpec>& tables) {
  auto replica = Replica::on(db.handle());
  return adopt_schema(*replica, tables);
}

TableSpec simple(const std::string& name = "t") {
  return {name, false, false, {{"id", "INTEGER", true, 1, ""}, {"v", "TEXT", false, 0, ""}}};
}

std::string schema_of(const Database& db) {
  std::string all;
  for (const std::string& line : db.lines("SELECT name, sql FROM sqlite_schema ORDER BY name")) all += line + "\n";
  return all;
}

TEST(Schema, TellsWhatATableIs) {
  const Database db;
  db.exec(
      "CREATE TABLE a (y TEXT NOT NULL DEFAULT 'it''s', k2 BLOB NOT NULL, k1 VARCHAR(10, 2) NOT NULL, n REAL DEFAULT "
      "-1.5,"
      " g AS (n * 2), w DEFAULT (random()), q DEFAULT \"old\", PRIMARY KEY (k1, k2)) WITHOUT ROWID;"
      "CREATE TABLE b (id INTEGER PRIMARY KEY NOT NULL, v ANY, at INT NOT NULL DEFAULT (1 + 1)) STRICT;"
      "CREATE TABLE plain (x);"
      "SELECT crsql_as_crr('a'); SELECT crsql_as_crr('b')");
  const std::vector<TableSpec> expected = {
      {"a",
       true,
       false,
       {{"y", "TEXT", true, 0, "'it''s'"},
        {"k2", "BLOB", true, 2, ""},
        {"k1", "VARCHAR(10, 2)", true, 1, ""},
        {"n", "REAL", false, 0, "-1.5"},
        {"w", "", false, 0, ""},
        {"q", "", false, 0, "'old'"}}},
      {"b", false, true, {{"id", "INTEGER", true, 1, ""}, {"v", "ANY", false, 0, ""}, {"at", "INT", false, 0, ""}}}};
  EXPECT_EQ(described(db), expected);
}

TEST(Schema, MakesWhatAPeerTells) {
  const Database from;
  from.exec(
      "CREATE TABLE \"od\"\"d; t'able\" (\"a \"\"b\" TEXT NOT NULL PRIMARY KEY, \"select\" DOUBLE PRECISION DEFAULT "
      "1e3,"
      " x BLOB DEFAULT x'00ff', t TEXT NOT NULL DEFAULT 'a;--', c DEFAULT CURRENT_TIMESTAMP);"
      "CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;"
      "SELECT crsql_as_crr('od\"d; t''able'); SELECT crsql_as_crr('u')");
  const Database to;
  const Status status = adopted(to, described(from));
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(described(to), described(from));
  const std::string before = schema_of(to);
  ASSERT_TRUE(adopted(to, described(from)).ok());
  EXPECT_EQ(schema_of(to), before);
}

TEST(Schema, KeepsAnIntegerKeyTheRowid) {
  const Database db;
  ASSERT_TRUE(adopted(db, {simple()}).ok());
  db.exec("INSERT INTO t VALUES (7, 'x')");
  EXPECT_EQ(db.integer("SELECT rowid FROM t"), 7);
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
}

TEST(Schema, AddsColumnsThatAreMissing) {
  const Database db;
  ASSERT_TRUE(adopted(db, {simple()}).ok());
  db.exec("INSERT INTO t VALUES (1, 'x')");
  TableSpec more = simple();
  more.columns.insert(more.columns.begin(), {"first", "INT", true, 0, "5"});
  more.columns.push_back({"at", "TEXT", true, 0, "CURRENT_TIMESTAMP"});
  const Status status = adopted(db, {more});
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(db.lines("SELECT id, v, first, at FROM t"), std::vector<std::string>{"1|'x'|5|NULL"});
  db.exec("UPDATE t SET first = 6");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes WHERE cid = 'first'"), 1);
  // What is only here stays.
  ASSERT_TRUE(adopted(db, {simple()}).ok());
  EXPECT_EQ(db.integer("SELECT first FROM t"), 6);
}

TEST(Schema, ThePrivateStaysPrivate) {
  const Database db;
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, secret); INSERT INTO t VALUES (1, 'x');"
      "CREATE VIEW w AS SELECT 1; CREATE INDEX i ON t (secret)");
  for (const char* name : {"t", "T", "w", "i"}) {
    const Status status = adopted(db, {simple("other"), simple(name)});
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument) << name;
    EXPECT_NE(status.message().find(name), std::string::npos) << status.message();
  }
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'other%'"), 0);
}

TEST(Schema, RefusesWhatIsNoPlainDeclaration) {
  const Database db;
  const std::string before = schema_of(db);
  const std::vector<std::string> types = {"INTEGER, x TEXT",
                                          "TEXT PRIMARY KEY",
                                          "TEXT UNIQUE",
                                          "TEXT CHECK(1)",
                                          "INT DEFAULT 1",
                                          "TEXT COLLATE a",
                                          "TEXT NOT NULL",
                                          "\"x\"",
                                          "INT REFERENCES a(b)",
                                          "TEXT)",
                                          "(",
                                          "TEXT (1",
                                          "TEXT(1) AS (random())",
                                          "INT GENERATED ALWAYS",
                                          " TEXT",
                                          "TEXT ",
                                          "A  B",
                                          "TEXT;",
                                          "TEXT --",
                                          "INT/**/",
                                          "TEXT(x)",
                                          std::string("A\0B", 3),
                                          std::string(200, 'a')};
  for (const std::string& type : types) {
    TableSpec table = simple();
    table.columns[1].type = type;
    const Status status = adopted(db, {simple("fine"), table});
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument) << type;
    EXPECT_NE(status.message().find("\"v\""), std::string::npos) << status.message();
  }
  const std::vector<std::string> defaults = {"(1)",
                                             "random()",
                                             "1, x INT",
                                             "'a' 'b'",
                                             "'a",
                                             "a'",
                                             "''' OR 1",
                                             "\"a\"",
                                             "1)",
                                             "x'0'",
                                             "x'zz'",
                                             "-",
                                             "1e",
                                             "--1",
                                             "NULL, y",
                                             "1 CHECK(0)",
                                             "'a' --",
                                             "CURRENT_USER",
                                             "0x",
                                             "1;",
                                             std::string("'a\0b'", 5),
                                             "'" + std::string(70000, 'a') + "'"};
  for (const std::string& text : defaults) {
    TableSpec table = simple();
    table.columns[1].default_value = text;
    const Status status = adopted(db, {simple("fine"), table});
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(schema_of(db), before);
}

TEST(Schema, RefusesNamesThatAreNone) {
  const Database db;
  const std::string before = schema_of(db);
  for (const std::string& name :
       {std::string(), std::string("sqlite_x"), std::string("CRSQL_master"), std::string("t__crsql_clock"),
        std::string("a\0b", 3), std::string("\xff"), std::string(600, 'n')}) {
    EXPECT_EQ(adopted(db, {simple(name)}).code(), ErrorCode::kInvalidArgument) << name;
    if (name.starts_with("sqlite") || name.starts_with("CRSQL") || name.starts_with("t_")) continue;
    TableSpec table = simple();
    table.columns[1].name = name;
    EXPECT_EQ(adopted(db, {table}).code(), ErrorCode::kInvalidArgument) << name;
  }
  for (const char* name : {"-1", "__crsql_key", "__CRSQL_x"}) {
    TableSpec table = simple();
    table.columns[1].name = name;
    EXPECT_EQ(adopted(db, {table}).code(), ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(schema_of(db), before);
}

TEST(Schema, RefusesKeysThatAreNoneAndTooMuch) {
  const Database db;
  const std::string before = schema_of(db);
  TableSpec keyless = simple();
  keyless.columns[0].key = 0;
  TableSpec gap = simple();
  gap.columns[0].key = 2;
  TableSpec twice = simple();
  twice.columns[1].key = 1;
  TableSpec negative = simple();
  negative.columns[1].key = -1;
  TableSpec twins = simple();
  twins.columns.push_back({"V", "", false, 0, ""});
  TableSpec empty = simple();
  empty.columns.clear();
  TableSpec wide = simple();
  for (int i = 0; i < 1001; ++i) wide.columns.push_back({"c" + std::to_string(i), "", false, 0, ""});
  TableSpec not_null = simple();
  not_null.columns[1].not_null = true;
  TableSpec strict = simple();
  strict.strict = true;
  strict.columns[1].type = "DATE";
  for (const TableSpec& table : {keyless, gap, twice, negative, twins, empty, wide, not_null, strict}) {
    EXPECT_FALSE(adopted(db, {simple("fine"), table}).ok());
  }
  EXPECT_FALSE(adopted(db, std::vector<TableSpec>(1001, simple())).ok());
  EXPECT_EQ(schema_of(db), before);
}

TEST(Schema, AKeyColumnIsNotAdded) {
  const Database db;
  ASSERT_TRUE(adopted(db, {simple()}).ok());
  TableSpec other = simple();
  other.columns.push_back({"k", "INT", true, 2, ""});
  const Status status = adopted(db, {simple("fine"), other});
  EXPECT_NE(status.message().find("primary key"), std::string::npos) << status.message();
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'fine'"), 0);
  db.exec("INSERT INTO t VALUES (1, 'still captured')");
  EXPECT_EQ(db.integer("SELECT count(*) FROM crsql_changes"), 1);
}

}  // namespace
}  // namespace rejoin::net
