// What hosts' listeners are told of merges: that the rows are written, as of a plain table in which somebody writes the
// same rows by hand. The engine writes cells as they come, so that there may be more than one event for a row:
//
//  1. The events of a row are a true story. An insert is told of a row that was not there, an update or a delete of one
//     that was, under its rowid; the last event leaves the row as the merge leaves it. Events come in the order of the
//     changes.
//  2. A row that is another one after the merge is told of. A row is told of only where a change of it won, and at most
//     once for each that won: nothing is told of changes that lose, that are here already, or that delete what is not
//     here, and nothing of tables without such rows.
//  3. A change that wins is told of where it writes the value that was there already, too (the cell was written more
//     often elsewhere), like an UPDATE that does.
//  4. Where the changes of a row follow one another, as they do in what a replica sends of one write, dropping each
//     update that follows an event of the same row leaves exactly what a plain table's listener is told of the write.
//  5. Nothing need be dropped where one statement or one batch brings all columns of a row that is new or changed, its
//     one changed column, or its end: each such row has one event. (A row that returns after its delete is inserted
//     first and filled then.)
//
// A peer's change of a key comes as the delete and the insert that it is to others. Of WITHOUT ROWID tables nothing is
// told, here as there. crsql_site_id is told of once for each site that is new here, as it is under cr-sqlite; its name
// has no `__crsql`, and so hosts that filter by that hear of it (a table that no application queries).
#include <gmock/gmock.h>

#include "crr/host_listeners_fixture.hpp"

namespace rejoin::test {
namespace {

/// Without the updates that follow an event of the same row.
Lines but_for_repeated(const Lines& told) {
  const auto row_of = [](const std::string& line) { return line.substr(line.find(' ')); };
  Lines left;
  std::string row;
  for (const std::string& line : told) {
    if (!line.starts_with("update") || row_of(line) != row) left.push_back(line);
    row = row_of(line);
  }
  return left;
}

struct Exchange {
  std::string at_peer;    ///< what the peer does before its news are merged
  std::string by_hand;    ///< the same rows written to a plain table
  bool as_is = false;     ///< point 5: nothing need be dropped but where changes come one by one
  std::string here = {};  ///< what is written here first, in both
};

/// A peer, and this side as a CRR and as a plain table that is written by hand.
class Sides {
 public:
  Sides(HostKind kind, const std::string& create) : crr_(kind, Engine::kAttached), plain_(kind, Engine::kAbsent) {
    for (const Database* db : {&peer_, &crr_.db, &plain_.db}) db->exec(create);
    for (const Database* db : {&peer_, &crr_.db}) {
      db->exec("SELECT crsql_as_crr(name) FROM sqlite_master WHERE type = 'table' AND name IN ('t', 'u')");
    }
    crr_.listening.take();
  }

  /// Returns what was told of the merge.
  Lines play(const Exchange& exchange, Route route) {
    for (Stage* stage : {&crr_, &plain_}) stage->play(exchange.here);
    peer_.exec(exchange.at_peer);
    return merge(changes_since(peer_, std::exchange(seen_, version())), route);
  }

  /// Everything that the peer ever wrote.
  Lines merge_all(Route route) { return merge(changes_since(peer_, 0), route); }

  Lines by_hand(const std::string& sql) { return plain_.play(sql); }
  [[nodiscard]] Lines rows_here() const { return crr_.db.lines("SELECT rowid, * FROM t ORDER BY 1"); }
  [[nodiscard]] Lines rows_by_hand() const { return plain_.db.lines("SELECT rowid, * FROM t ORDER BY 1"); }
  [[nodiscard]] Database& here() { return crr_.db; }

 private:
  [[nodiscard]] std::int64_t version() const { return peer_.integer("SELECT crsql_db_version()"); }

  Lines merge(const std::vector<Change>& changes, Route route) {
    const std::int64_t sites = crr_.db.integer("SELECT count(*) FROM crsql_site_id");
    crr_.listening.take();
    merge_by(route, crr_.db, changes);
    Lines told = crr_.listening.take();
    const auto of_sites =
        std::erase_if(told, [](const std::string& line) { return line.starts_with("insert crsql_site_id "); });
    const std::int64_t new_sites = crr_.db.integer("SELECT count(*) FROM crsql_site_id") - sites;
    EXPECT_EQ(static_cast<std::int64_t>(of_sites), crr_.listening.kind() == HostKind::kOp ? 0 : new_sites);
    return told;
  }

  Database peer_;
  Stage crr_;
  Stage plain_;
  std::int64_t seen_ = 0;
};

void expect_same(const std::string& create, const std::string& key, const std::vector<Exchange>& exchanges) {
  for (const HostKind kind : kHosts) {
    for (const Route route : kRoutes) {
      Sides sides(kind, create);
      for (Exchange exchange : exchanges) {
        for (std::string* sql : {&exchange.at_peer, &exchange.by_hand, &exchange.here}) *sql = with_key(*sql, key);
        SCOPED_TRACE(create + ": " + exchange.at_peer + ", route " + std::to_string(static_cast<int>(route)));
        const Lines told = sides.play(exchange, route);
        const Lines of_plain = sides.by_hand(exchange.by_hand);
        EXPECT_EQ(but_for_repeated(told), of_plain);
        if (exchange.as_is && route != Route::kChangeByChange) {
          EXPECT_EQ(told, of_plain);
        }
        EXPECT_EQ(sides.rows_here(), sides.rows_by_hand());
        EXPECT_EQ(sides.merge_all(route), Lines{}) << "it is all here";
      }
      EXPECT_EQ(sides.here().lines("SELECT * FROM rejoin_check"), Lines{});
    }
  }
}

void expect_same(const std::vector<Exchange>& exchanges) {
  expect_same("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b, c)", "id", exchanges);
  expect_same("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a TEXT, b, c)", "id", exchanges);
  expect_same("CREATE TABLE t (id PRIMARY KEY NOT NULL, a, b, c DEFAULT 1)", "id", exchanges);
  expect_same("CREATE TABLE t (id INTEGER NOT NULL, k TEXT NOT NULL DEFAULT '', a, b, c, PRIMARY KEY (k, id))", "k, id",
              exchanges);
}

TEST(HostMerges, NewRows) {
  expect_same({
      {"INSERT INTO t (id, a, b, c) VALUES (3, 'x', 1, 1), (1, 'x', 2, 2)",
       "INSERT INTO t (id, a, b, c) VALUES (3, 'x', 1, 1), (1, 'x', 2, 2)", true},
      {"BEGIN; INSERT INTO t (id, a, b) VALUES (2, 'x', 1); INSERT INTO t (id) VALUES (4); COMMIT",
       "INSERT INTO t (id, a, b) VALUES (2, 'x', 1); INSERT INTO t (id) VALUES (4)", true},
      {"INSERT INTO t (id, a) VALUES (5, 'x'); INSERT INTO t (id, a) VALUES (6, 'x'); UPDATE t SET a = 'y'",
       "INSERT INTO t (id) VALUES (5), (6); UPDATE t SET a = 'y'"},
  });
}

TEST(HostMerges, ChangedRows) {
  const char* rows = "INSERT INTO t (id, a, b, c) VALUES (3, 'x', 1, 1), (1, 'x', 2, 2), (2, 'x', 3, 3)";
  expect_same({
      {rows, rows, true},
      {"UPDATE t SET b = 7 WHERE id = 1", "UPDATE t SET b = 7 WHERE id = 1", true},
      {"UPDATE t SET a = 'y', b = 7, c = 8 WHERE id = 2", "UPDATE t SET a = 'y', b = 7, c = 8 WHERE id = 2", true},
      {"UPDATE t SET a = 'z', c = 9 WHERE id = 3", "UPDATE t SET a = 'z', c = 9 WHERE id = 3"},
      {"INSERT INTO t (id, b) VALUES (1, 11) ON CONFLICT ({key}) DO UPDATE SET b = excluded.b",
       "UPDATE t SET b = 11 WHERE id = 1", true},
      {"BEGIN; UPDATE t SET a = 'w' WHERE id = 2; UPDATE t SET b = 0 WHERE id = 3; COMMIT",
       "UPDATE t SET a = 'w' WHERE id = 2; UPDATE t SET b = 0 WHERE id = 3", true},
      {"INSERT OR REPLACE INTO t (id, a, b, c) VALUES (3, 'r', 5, 5)",
       "UPDATE t SET a = 'r', b = 5, c = 5 WHERE id = 3", true},
  });
}

TEST(HostMerges, DeletedAndReturnedRows) {
  const char* rows = "INSERT INTO t (id, a, b, c) VALUES (1, 'x', 1, 1), (2, 'x', 2, 2), (3, 'x', 3, 3)";
  expect_same({
      {rows, rows, true},
      {"DELETE FROM t WHERE id = 2", "DELETE FROM t WHERE id = 2", true},
      {"INSERT INTO t (id, a, b, c) VALUES (2, 'x', 4, 4)", "INSERT INTO t (id, a, b, c) VALUES (2, 'x', 4, 4)"},
      {"BEGIN; DELETE FROM t WHERE id = 1; DELETE FROM t WHERE id = 2; COMMIT",
       "DELETE FROM t WHERE id = 1; DELETE FROM t WHERE id = 2", true},
      {"DELETE FROM t WHERE id = 3; INSERT INTO t (id, a, b, c) VALUES (3, 'y', 5, 5)",
       "UPDATE t SET a = 'y', b = 5, c = 5 WHERE id = 3", true},
      {"INSERT INTO t (id) VALUES (9); DELETE FROM t WHERE id = 9", "DELETE FROM t WHERE id = 9", true},
      {"UPDATE t SET id = 7 WHERE id = 3",
       "DELETE FROM t WHERE id = 3; INSERT INTO t (id, a, b, c) VALUES (7, 'y', 5, 5)", true},
      {"DELETE FROM t", "DELETE FROM t WHERE (true)", true},
  });
}

TEST(HostMerges, ChangesThatWinNothing) {
  const char* rows = "INSERT INTO t (id, a, b, c) VALUES (1, 'x', 1, 1), (2, 'x', 2, 2)";
  expect_same({
      {rows, rows, true},
      {"UPDATE t SET b = 5 WHERE id = 1", "", true, "UPDATE t SET b = 6 WHERE id = 1; UPDATE t SET b = 7 WHERE id = 1"},
      {"UPDATE t SET b = 8 WHERE id = 2", "", true, "DELETE FROM t WHERE id = 2"},
      {"DELETE FROM t WHERE id = 2", "", true},
      {"UPDATE t SET a = a, c = c", "", true},
      {"UPDATE t SET c = 5 WHERE id = 1; UPDATE t SET c = 1 WHERE id = 1", "UPDATE t SET c = c WHERE id = 1", true},
  });
}

TEST(HostMerges, KeysAlone) {
  const std::string create = "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL)";
  expect_same(create, "id",
              {{"INSERT INTO t VALUES ('x'), ('y')", "INSERT INTO t VALUES ('x'), ('y')", true},
               {"DELETE FROM t WHERE id = 'x'", "DELETE FROM t WHERE id = 'x'", true},
               {"INSERT INTO t VALUES ('x')", "INSERT INTO t VALUES ('x')", true}});
}

TEST(HostMerges, OtherTablesAreNotToldOf) {
  const std::string create =
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a); CREATE TABLE u (id TEXT PRIMARY KEY NOT NULL, a);"
      "CREATE TABLE own (a); INSERT INTO own VALUES (1);"
      "CREATE TRIGGER u_own AFTER INSERT ON u BEGIN UPDATE own SET a = NEW.a; END";
  expect_same(create, "id",
              {{"INSERT INTO t VALUES (1, 1), (2, 2)", "INSERT INTO t VALUES (1, 1), (2, 2)", true},
               {"INSERT INTO u VALUES ('x', 1)", "INSERT INTO u VALUES ('x', 1)", true},
               {"BEGIN; UPDATE u SET a = 2; UPDATE t SET a = 5 WHERE id = 2; COMMIT",
                "UPDATE u SET a = 2; UPDATE t SET a = 5 WHERE id = 2", true}});
}

TEST(HostMerges, TablesWithoutRowidAreNotToldOf) {
  for (const HostKind kind : kHosts) {
    for (const Route route : kRoutes) {
      Sides sides(kind, "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a) WITHOUT ROWID");
      EXPECT_EQ(sides.play({"INSERT INTO t VALUES ('x', 1), ('y', 1)", ""}, route), Lines{});
      EXPECT_EQ(sides.play({"UPDATE t SET a = 2; DELETE FROM t WHERE id = 'x'", ""}, route), Lines{});
      EXPECT_EQ(sides.here().lines("SELECT * FROM t"), Lines{"'y'|2"});
    }
  }
}

// Raw hooks tell of what is rolled back later: of a merge as of a local write.
TEST(HostMerges, RolledBackMergesAreToldToo) {
  for (const HostKind kind : kHosts) {
    for (const Route route : kRoutes) {
      for (const char* end : {"ROLLBACK", "ROLLBACK TO s; COMMIT"}) {
        Sides sides(kind, "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a)");
        sides.here().exec("BEGIN; SAVEPOINT s");
        EXPECT_EQ(sides.play({"INSERT INTO t VALUES ('x', 1)", ""}, route), Lines{"insert t 1"});
        sides.here().exec(end);
        EXPECT_EQ(sides.rows_here(), Lines{});
        EXPECT_EQ(sides.merge_all(route), Lines{"insert t 1"}) << "again, as nothing is here";
        EXPECT_EQ(sides.rows_here(), Lines{"1|'x'|1"});
      }
    }
  }
}

// Held until there is a table for them; then they are told of like other merges.
TEST(HostMerges, HeldChangesAreToldOfWhenTheyAreReleased) {
  for (const HostKind kind : kHosts) {
    Database peer;
    peer.exec(
        "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t'); INSERT INTO t VALUES ('x', 1)");
    Stage crr(kind, Engine::kAttached);
    crr.db.exec("SELECT crsql_config_set('unknown-schema', 'hold'), crsql_site_id()");
    crr.listening.take();
    merge_by(Route::kChangeByChange, crr.db, changes_since(peer, 0));
    EXPECT_EQ(crr.listening.take(), Lines{}) << "the table that holds them has a name like the other internal ones";
    EXPECT_THAT(crr.play("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t')"),
                testing::Contains("insert t 1"));
    EXPECT_EQ(crr.db.lines("SELECT * FROM t"), Lines{"'x'|1"});
  }
}

}  // namespace
}  // namespace rejoin::test
