// What hosts' listeners are told of local writes: of a CRR the same as of a plain table, in the same order.
//
// A CRR is a table with triggers, so that SQLite does without two short cuts which it may take on a table without any,
// as under cr-sqlite. Held against a plain table that has triggers of whatever kind, all is equal. Held against one
// without:
//  - DELETE without WHERE or RETURNING empties a plain table unheard (SQLite's truncate optimisation), and is told of a
//    CRR row by row. `DELETE … WHERE (true)`, which TinyBase sends, is told row by row by both.
//  - An UPDATE or DELETE of several rows that SQLite finds by an index other than the rowid goes through a plain table
//    in the order of that index, and through a CRR in the order of rowids. The events are the same ones.
//  - An UPDATE OR IGNORE or OR REPLACE that ends in an error (SQLITE_MISMATCH: a key that is no integer any more) tells
//    the same, but inside a transaction a plain table keeps the rows that it came to, while a CRR is as before.
#include <gmock/gmock.h>

#include <rejoin/attach.hpp>

#include "crr/host_listeners_fixture.hpp"
#include "support/choices.hpp"
#include "support/writes.hpp"

namespace rejoin::test {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;

constexpr const char* kTriggers =
    "CREATE TRIGGER i AFTER INSERT ON t BEGIN SELECT 1; END;"
    "CREATE TRIGGER u AFTER UPDATE ON t BEGIN SELECT 1; END;"
    "CREATE TRIGGER d AFTER DELETE ON t BEGIN SELECT 1; END";

struct Schema {
  const char* create;
  const char* key;  ///< its columns
};
constexpr Schema kIntegerKey = {"CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b)", "id"};
constexpr Schema kTextKey = {"CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a, b)", "id"};
constexpr Schema kRowidSchemas[] = {
    kIntegerKey,
    kTextKey,
    {"CREATE TABLE t (id PRIMARY KEY NOT NULL, a, b) /* as TinyBase makes them */", "id"},
    {"CREATE TABLE t (id INTEGER NOT NULL, a NOT NULL DEFAULT 0, b, PRIMARY KEY (a, id))", "a, id"},
};

enum class Told {
  kSame,
  kSameOnes,      ///< in the order of rowids
  kOnlyWithWhere  ///< by a plain table nothing
};

struct Act {
  std::string sql;
  Told told = Told::kSame;
};

/// Plays the acts on plain tables, without and with triggers, and on a CRR, and compares after each.
void expect_same(const Schema& schema, const std::vector<Act>& acts) {
  for (const HostKind kind : kHosts) {
    Stage plain(kind, Engine::kAbsent);
    Stage triggered(kind, Engine::kAbsent);
    Stage crr(kind, Engine::kAttached);
    for (Stage* stage : {&plain, &triggered, &crr}) stage->db.exec(schema.create);
    triggered.db.exec(kTriggers);
    crr.db.exec("SELECT crsql_as_crr('t')");
    crr.listening.take();
    std::size_t events = 0;
    for (const auto& [form, told] : acts) {
      const std::string sql = with_key(form, schema.key);
      SCOPED_TRACE(std::string(schema.create) + ": " + sql);
      const Lines of_plain = plain.play(sql);
      const Lines of_crr = crr.play(sql);
      events += of_crr.size();
      EXPECT_EQ(of_crr, triggered.play(sql));
      switch (told) {
        case Told::kSame:
          EXPECT_EQ(of_crr, of_plain);
          break;
        case Told::kSameOnes:
          EXPECT_EQ(sorted(of_crr), sorted(of_plain));
          break;
        case Told::kOnlyWithWhere:
          EXPECT_THAT(of_plain, IsEmpty());
      }
      EXPECT_EQ(crr.db.lines("SELECT rowid, * FROM t ORDER BY 1"), plain.db.lines("SELECT rowid, * FROM t ORDER BY 1"));
    }
    EXPECT_GT(events, acts.size() / 2);
    EXPECT_EQ(crr.db.lines("SELECT * FROM rejoin_check"), Lines{});
  }
}

void expect_same(const std::vector<Act>& acts) {
  for (const Schema& schema : kRowidSchemas) expect_same(schema, acts);
}

TEST(HostListeners, HearWhatSqliteTells) {
  for (const HostKind kind : kHosts) {
    Stage crr(kind, Engine::kAttached);
    crr.db.exec("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'), crsql_site_id()");
    crr.listening.take();
    EXPECT_EQ(crr.play("INSERT INTO t VALUES ('x', 1), ('y', 2)"), (Lines{"insert t 1", "insert t 2"}));
    EXPECT_EQ(crr.play("UPDATE t SET a = a"), (Lines{"update t 1", "update t 2"})) << "same value";
    EXPECT_EQ(crr.play("INSERT INTO t VALUES ('y', 3), ('z', 3) ON CONFLICT (id) DO UPDATE SET a = excluded.a"),
              (Lines{"update t 2", "insert t 3"}));
    EXPECT_EQ(crr.play("INSERT OR REPLACE INTO t VALUES ('x', 9)"), Lines{"insert t 4"}) << "the row moves, as ever";
    EXPECT_EQ(crr.play("UPDATE t SET id = 'w' WHERE id = 'x'"), Lines{"update t 4"});
    EXPECT_EQ(crr.play("BEGIN; DELETE FROM t WHERE id = 'w'; ROLLBACK"), Lines{"delete t 4"});
    EXPECT_EQ(crr.play("INSERT INTO t VALUES ('v', 1), ('w', 1)"), (Lines{"insert t 5", "error 19"}));
  }
}

TEST(HostListeners, StatementsAreToldAsOfAPlainTable) {
  expect_same({
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1), (1, 'x', 2), (2, 'x', 3)"},
      {"UPDATE t SET b = 5 WHERE id = 1"},
      {"UPDATE t SET b = b"},
      {"UPDATE t SET b = 5 WHERE id = 77"},
      {"INSERT INTO t (id, a, b) VALUES (1, 'x', 6) ON CONFLICT ({key}) DO UPDATE SET b = excluded.b"},
      {"INSERT INTO t (id, a, b) VALUES (1, 'x', 6), (4, 'x', 7) ON CONFLICT ({key}) DO UPDATE SET b = excluded.b"},
      {"INSERT INTO t (id, a, b) VALUES (4, 'x', 8), (5, 'x', 8) ON CONFLICT ({key}) DO NOTHING"},
      {"INSERT INTO t (id, a, b) VALUES (4, 'x', 8) ON CONFLICT ({key}) DO UPDATE SET b = 1 WHERE b = 'never'"},
      {"INSERT OR REPLACE INTO t (id, a, b) VALUES (2, 'x', 9), (6, 'x', 9)"},
      {"REPLACE INTO t (id, a, b) VALUES (6, 'x', 9)"},
      {"INSERT OR IGNORE INTO t (id, a, b) VALUES (6, 'x', 1), (7, 'x', 1)"},
      {"INSERT INTO t (id, a, b) SELECT id + 10, a, b FROM t"},
      {"UPDATE t SET id = 30 WHERE id = 3"},
      {"UPDATE OR REPLACE t SET id = 1 WHERE id = 30"},
      {"UPDATE OR IGNORE t SET id = 1 WHERE id = 4"},
      {"UPDATE t SET id = id + 100, b = 0"},
      {"UPDATE t SET b = s.b FROM t AS s WHERE s.id = t.id"},
      {"DELETE FROM t WHERE id = 101"},
      {"DELETE FROM t WHERE id = 102 RETURNING *"},
      {"DELETE FROM t WHERE (true) AND id NOT IN (105, 106, 107)"},
      {"DELETE FROM t WHERE (true)"},
      {"INSERT INTO t (id, a, b) VALUES (1, 'x', 1), (2, 'x', 1)"},
      {"DELETE FROM t RETURNING id"},
  });
}

TEST(HostListeners, DeleteWithoutWhereIsToldOfACrrRowByRow) {
  expect_same({
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1), (1, 'x', 2), (2, 'x', 3)"},
      {"DELETE FROM t", Told::kOnlyWithWhere},
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1)"},
      {"BEGIN; DELETE FROM t; ROLLBACK", Told::kOnlyWithWhere},
      {"DELETE FROM t WHERE (true)"},
  });
}

TEST(HostListeners, SeveralRowsOfAnIndexComeByRowid) {
  const std::vector<Act> acts = {
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1), (1, 'x', 2), (2, 'x', 3)"},
      {"UPDATE t SET b = 9 WHERE id > '0' AND a > ''", Told::kSameOnes},
      {"DELETE FROM t WHERE id > '0' AND a > ''", Told::kSameOnes},
  };
  expect_same(acts);
  Stage crr(HostKind::kExpo, Engine::kAttached);
  crr.db.exec(kTextKey.create + std::string("; SELECT crsql_as_crr('t')"));
  crr.db.exec(acts[0].sql);
  crr.listening.take();
  EXPECT_EQ(crr.play(acts[1].sql), (Lines{"update t 1", "update t 2", "update t 3"}));
  EXPECT_EQ(crr.play(acts[2].sql), (Lines{"delete t 1", "delete t 2", "delete t 3"}));
}

TEST(HostListeners, FailingStatementsAreToldAsFarAsTheyCame) {
  expect_same({
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1)"},
      {"INSERT INTO t (id, a, b) VALUES (1, 'x', 1), (2, 'x', 1), (3, 'x', 1), (4, 'x', 1)"},
      {"INSERT OR FAIL INTO t (id, a, b) VALUES (1, 'x', 1), (3, 'x', 1), (4, 'x', 1)"},
      {"BEGIN; INSERT OR ROLLBACK INTO t (id, a, b) VALUES (5, 'x', 1), (3, 'x', 1)"},
      {"INSERT INTO t (id, a, b) VALUES (NULL, NULL, 1)"},
      {"UPDATE t SET id = 3"},
  });
}

TEST(HostListeners, TransactionsAreToldAsTheyAreWritten) {
  expect_same({
      {"BEGIN"},
      {"INSERT INTO t (id, a, b) VALUES (1, 'x', 1)"},
      {"UPDATE t SET b = 2"},
      {"COMMIT"},
      {"BEGIN; UPDATE t SET b = 3; INSERT INTO t (id, a, b) VALUES (2, 'x', 1); ROLLBACK"},
      {"INSERT INTO t (id, a, b) VALUES (3, 'x', 1)"},
      {"SAVEPOINT one; INSERT INTO t (id, a, b) VALUES (4, 'x', 1)"},
      {"SAVEPOINT two; DELETE FROM t WHERE id = 1; UPDATE t SET id = 8 WHERE id = 4"},
      {"ROLLBACK TO two"},
      {"INSERT INTO t (id, a, b) VALUES (5, 'x', 1); RELEASE two"},
      {"RELEASE one"},
      {"BEGIN IMMEDIATE; SAVEPOINT one; DELETE FROM t WHERE id = 5; RELEASE one"},
      {"COMMIT"},
      {"BEGIN; COMMIT"},
  });
}

TEST(HostListeners, TablesWithoutRowidAreNotToldOf) {
  for (const HostKind kind : kHosts) {
    for (const Engine engine : {Engine::kAbsent, Engine::kAttached}) {
      Stage stage(kind, engine);
      stage.db.exec("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a) WITHOUT ROWID");
      if (engine == Engine::kAttached) stage.db.exec("SELECT crsql_as_crr('t'), crsql_site_id()");
      stage.listening.take();
      EXPECT_EQ(stage.play("INSERT INTO t VALUES ('x', 1), ('y', 1); UPDATE t SET a = 2; UPDATE t SET id = 'z' WHERE "
                           "id = 'y'; INSERT OR REPLACE INTO t VALUES ('z', 4); DELETE FROM t WHERE id = 'x'"),
                Lines{});
      EXPECT_EQ(stage.play("DELETE FROM t"), Lines{});
    }
  }
}

// Two CRRs, a table of the application's own, and one that a trigger of the application's writes.
TEST(HostListeners, SeveralTablesAreToldApart) {
  for (const HostKind kind : kHosts) {
    Stage plain(kind, Engine::kAbsent);
    Stage crr(kind, Engine::kAttached);
    for (Stage* stage : {&plain, &crr}) {
      stage->db.exec(
          "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a); CREATE TABLE u (id TEXT PRIMARY KEY NOT NULL, a);"
          "CREATE TABLE own (a); CREATE TABLE log (a);"
          "CREATE TRIGGER t_log AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.id); UPDATE u SET a = a; END");
    }
    crr.db.exec("SELECT crsql_as_crr('t'), crsql_as_crr('u')");
    crr.listening.take();
    for (const char* sql : {"INSERT INTO t VALUES (1, 1), (2, 2); INSERT INTO own VALUES (1)",
                            "BEGIN; INSERT INTO u VALUES ('x', 1), ('y', 1); UPDATE t SET a = a; UPDATE own SET a = 2",
                            "SAVEPOINT s; DELETE FROM u WHERE id = 'x'; ROLLBACK TO s", "COMMIT", "DELETE FROM own",
                            "INSERT INTO t VALUES (2, 3) ON CONFLICT (id) DO UPDATE SET a = excluded.a"}) {
      EXPECT_EQ(crr.play(sql), plain.play(sql)) << sql;
    }
    EXPECT_EQ(crr.play("UPDATE t SET a = 0 WHERE id = 1"),
              (Lines{"update t 1", "insert log 4", "update u 1", "update u 2"}));
  }
}

/// `told` but for crsql_master, where the engine notes an alter, as cr-sqlite does; `crsql` as a filter hides that too.
Lines but_for_notes(Lines told) {
  std::erase_if(told, [](const std::string& line) { return line.starts_with("insert crsql_master "); });
  return told;
}

// Neither becoming a CRR, nor an alter, nor becoming a plain table again is a write to the table.
TEST(HostListeners, AltersAreNotToldOf) {
  const std::pair<const char*, const char*> alters[] = {
      {"ALTER TABLE t ADD COLUMN c DEFAULT 5", ""},
      {"ALTER TABLE t ADD COLUMN c DEFAULT 5", "crsql_begin_alter"},
      {"ALTER TABLE t DROP COLUMN b", "crsql_begin_alter"},
      {"ALTER TABLE t RENAME COLUMN b TO c", "crsql_begin_alter"},
  };
  for (const HostKind kind : kHosts) {
    for (const auto& [alter, begin] : alters) {
      Stage plain(kind, Engine::kAbsent);
      Stage crr(kind, Engine::kAttached);
      for (Stage* stage : {&plain, &crr}) {
        stage->db.exec(kTextKey.create + std::string("; INSERT INTO t VALUES ('x', 1, 1), ('y', 2, 2)"));
        stage->listening.take();
      }
      EXPECT_EQ(but_for_notes(crr.play("BEGIN; SELECT crsql_as_crr('t'); COMMIT")), Lines{});
      const bool announced = *begin != 0;
      EXPECT_EQ(crr.play(announced ? "SELECT crsql_begin_alter('t')" : "SELECT 1"), Lines{});
      EXPECT_EQ(crr.play(alter), plain.play(alter)) << alter;
      EXPECT_EQ(but_for_notes(crr.play(announced ? "SELECT crsql_commit_alter('t')" : "SELECT 1")), Lines{}) << alter;
      for (const char* sql : {"INSERT INTO t (id, a) VALUES ('z', 3)", "UPDATE t SET a = 4",
                              "REPLACE INTO t (id) "
                              "VALUES ('x')",
                              "DELETE FROM t WHERE a = 4"}) {
        EXPECT_EQ(crr.play(sql), plain.play(sql)) << alter << "; " << sql;
      }
      EXPECT_EQ(but_for_notes(crr.play("SELECT crsql_as_table('t')")), Lines{});
    }
  }
}

// What a listener hears that passes nothing over: an internal table is known by `__crsql_` in its name, or is one of
// the three of the engine's own, none of which a local write touches.
TEST(HostListeners, InternalTablesAreKnownByTheirNames) {
  Stage crr(HostKind::kExpo, Engine::kAbsent);
  ASSERT_TRUE(attach(crr.db.handle()).ok()) << "the listener was there first";
  crr.db.exec("SELECT crsql_site_id(); CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t')");
  for (const std::string& line : crr.listening.take_raw()) {
    EXPECT_TRUE(line.starts_with("insert crsql_site_id ") || line.starts_with("insert crsql_master ")) << line;
  }
  crr.db.exec("INSERT INTO t VALUES ('x', 1); UPDATE t SET a = 2; UPDATE t SET id = 'y'");
  const Lines raw = crr.listening.take_raw();
  EXPECT_THAT(raw, IsSupersetOf({"insert t__crsql_pks 1", "insert t__crsql_pks 2"})) << "else this tests nothing";
  for (const std::string& line : raw) {
    EXPECT_TRUE(line.find(" t ") != std::string::npos || line.find("__crsql_") != std::string::npos) << line;
  }
}

}  // namespace
}  // namespace rejoin::test
