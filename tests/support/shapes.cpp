#include "support/shapes.hpp"

#include <algorithm>

namespace rejoin::test {

namespace {

using enum Kind;

std::vector<Shape> make_shapes() {
  return {
      {.name = "items",
       .create = "CREATE TABLE items (id INTEGER PRIMARY KEY NOT NULL, a, b TEXT, c INTEGER DEFAULT 7)",
       .keys = {{"id", kInteger}},
       .cells = {{"a", kAny}, {"b", kText}, {"c", kInteger}},
       .later = {{"z", kInteger, "z INTEGER DEFAULT 5"}, {"more", kAny, "more"}}},
      {.name = "notes",
       .create = "CREATE TABLE notes (id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL DEFAULT '', body)",
       .keys = {{"id", kText}},
       .cells = {{"title", kText}, {"body", kAny}},
       .later = {{"done", kInteger, "done INTEGER NOT NULL DEFAULT 0"}}},
      {.name = "pairs",
       .create = "CREATE TABLE pairs (x INTEGER NOT NULL, y TEXT NOT NULL, v, w REAL, PRIMARY KEY (y, x))",
       .keys = {{"y", kText}, {"x", kInteger}},
       .cells = {{"v", kAny}, {"w", kReal}},
       .later = {{"note", kText, "note TEXT DEFAULT '-'"}, {"r", kReal, "r REAL"}}},
      {.name = "blobs",
       .create = "CREATE TABLE blobs (k BLOB PRIMARY KEY NOT NULL, v BLOB, n NUMERIC)",
       .keys = {{"k", kBlob}},
       .cells = {{"v", kBlob}, {"n", kAny}},
       .later = {{"late", kBlob, "late BLOB DEFAULT x'00'"}}},
      {.name = "flat",
       .create = "CREATE TABLE flat (p TEXT NOT NULL, q INTEGER NOT NULL, v, PRIMARY KEY (p, q)) WITHOUT ROWID",
       .keys = {{"p", kText}, {"q", kInteger}},
       .cells = {{"v", kAny}},
       .later = {{"w", kAny, "w DEFAULT 1.5"}, {"x", kText, "x TEXT"}}},
      {.name = "typed",
       .create = "CREATE TABLE typed (id INTEGER PRIMARY KEY NOT NULL, i INT, r REAL, t TEXT, b BLOB, x ANY) STRICT",
       .keys = {{"id", kInteger}},
       .cells = {{"i", kInteger}, {"r", kReal}, {"t", kText}, {"b", kBlob}, {"x", kAny}},
       .strict = true,
       .later = {{"j", kInteger, "j INT NOT NULL DEFAULT 3"}, {"y", kAny, "y ANY"}}},
      {.name = "tags",
       .create = "CREATE TABLE tags (a TEXT NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b))",
       .keys = {{"a", kText}, {"b", kInteger}},
       .cells = {},
       .later = {{"colour", kText, "colour TEXT DEFAULT 'red'"}}},
      {.name = "members",
       .create = "CREATE TABLE members (id BLOB PRIMARY KEY NOT NULL) WITHOUT ROWID",
       .keys = {{"id", kBlob}},
       .cells = {},
       .later = {{"since", kInteger, "since INTEGER"}}},
      {.name = "checked",
       .create = "CREATE TABLE checked (id INTEGER PRIMARY KEY NOT NULL, q INTEGER NOT NULL DEFAULT 1 "
                 "CHECK (q <> 13), s TEXT DEFAULT 'none', d DEFAULT (1 + 2))",
       .keys = {{"id", kInteger}},
       .cells = {{"q", kChecked}, {"s", kText}, {"d", kAny}},
       .later = {{"u", kChecked, "u INTEGER DEFAULT 2 CHECK (u <> 13)"}}},
      {.name = "derived",
       .create = "CREATE TABLE derived (id TEXT PRIMARY KEY NOT NULL, a INTEGER, up TEXT AS (b || '!'), b TEXT, "
                 "next INTEGER AS (a + 1) STORED)",
       .keys = {{"id", kText}},
       .cells = {{"a", kInteger}, {"b", kText}},
       .later = {{"c", kInteger, "c INTEGER DEFAULT 1"}}},
      {.name = "select \"from\" it's.a b",
       .create = R"(CREATE TABLE "select ""from"" it's.a b" ("the key" TEXT PRIMARY KEY NOT NULL, "quo""te's" , )"
                 R"([group] , "NEW.x;--" , "ünï" ))",
       .keys = {{"the key", kText}},
       .cells = {{"quo\"te's", kAny}, {"group", kAny}, {"NEW.x;--", kAny}, {"ünï", kAny}},
       .later = {{"a.b \"c\"", kText, R"("a.b ""c""" TEXT)"}}},
      {.name = "loose",
       .create = "CREATE TABLE loose (id PRIMARY KEY, v)",
       .keys = {{"id", kAny}},
       .cells = {{"v", kAny}},
       .null_key = true,
       .later = {{"w", kAny, "w"}}},
      {.name = "reals",
       .create = "CREATE TABLE reals (k REAL NOT NULL, v, PRIMARY KEY (k))",
       .keys = {{"k", kReal}},
       .cells = {{"v", kAny}},
       .later = {{"s", kText, "s TEXT DEFAULT ''"}}},
      {.name = "counted",
       .create = "CREATE TABLE counted (id INTEGER PRIMARY KEY NOT NULL, a, n INTEGER NOT NULL DEFAULT 0);"
                 "CREATE TRIGGER count_writes AFTER UPDATE OF id, a ON counted WHEN crsql_internal_sync_bit() = 0 "
                 "BEGIN UPDATE counted SET n = n + 1 WHERE id = NEW.id; END",
       .keys = {{"id", kInteger}},
       .cells = {{"a", kAny}, {"n", kInteger}},
       .later = {{"b", kAny, "b"}}},
  };
}

const std::vector<std::string> kIntegers = {"0",
                                            "1",
                                            "2",
                                            "-1",
                                            "7",
                                            "3",
                                            "128",
                                            "256",
                                            "2147483648",
                                            "9007199254740993",
                                            "9223372036854775807",
                                            "-9223372036854775808"};
const std::vector<std::string> kReals = {"0.5",   "1.0",    "-2.25", "1e300",        "5e-324", "9007199254740992.0",
                                         "9e999", "-9e999", "0.1",   "123456789.125"};
const std::vector<std::string> kTexts = {"''",
                                         "'a'",
                                         "'b'",
                                         "'A'",
                                         "'é'",
                                         "'1'",
                                         "'1e3'",
                                         "' 12 '",
                                         "'0x10'",
                                         "CAST(x'610062' AS TEXT)",
                                         "'it''s'",
                                         "'-1'",
                                         "'a text that does not fit into a small buffer, with 日本語 in it'"};
const std::vector<std::string> kBlobs = {"x''", "x'00'", "x'61'", "x'ff00ff'", "zeroblob(300)", "x'31'"};
// No integer beside an equal real: as keys they are the same row, but not the same bytes.
const std::vector<std::string> kAnyKeys = {"1", "'a'", "x'61'", "2", "'1'", "1.5", "-3", "'b'", "x''", "''"};
const std::vector<std::string> kRealKeys = {"0.5", "1", "-2.25", "1e300", "3.0", "'4'"};

const std::vector<std::string>& pool_of(Kind kind) {
  switch (kind) {
    case kText:
      return kTexts;
    case kReal:
      return kReals;
    case kBlob:
      return kBlobs;
    default:
      return kIntegers;
  }
}

// Mostly one of the first few, so that equal values and equal keys are common.
const std::string& pick_low(const std::vector<std::string>& pool, std::size_t low, Choices& choices) {
  return choices.chance(85) ? pool[choices.index(std::min(low, pool.size()))] : choices.pick(pool);
}

}  // namespace

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> shapes = make_shapes();
  return shapes;
}

std::string any_value(Kind kind, bool strict, Choices& choices) {
  if (kind == kChecked) return choices.chance(10) ? "13" : std::to_string(choices.below(5));
  if (choices.chance(8)) return "NULL";
  if (kind == kAny || (!strict && choices.chance(6))) {
    static const std::vector<Kind> kinds = {kInteger, kText, kReal, kBlob};
    kind = choices.pick(kinds);
  }
  return pick_low(pool_of(kind), 4, choices);
}

std::string any_key_value(Kind kind, Choices& choices) {
  if (kind == kAny) return pick_low(kAnyKeys, 5, choices);
  if (kind == kReal) return pick_low(kRealKeys, 4, choices);
  return pick_low(pool_of(kind), 5, choices);
}

}  // namespace rejoin::test
