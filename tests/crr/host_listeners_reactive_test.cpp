// op-sqlite's updateHook and reactiveExecute on a CRR: the same calls, with the same results, as on a plain table; and
// after merges, where they run inside transaction() or executeBatch().
#include <gmock/gmock.h>

#include "crr/host_listeners_fixture.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTables =
    "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, a)";

/// An application of op-sqlite's, with three reactive queries.
struct App {
  explicit App(Engine engine) : db(":memory:", engine), host(db.handle()) {
    db.exec(kTables);
    if (engine == Engine::kAttached) db.exec("SELECT crsql_as_crr('t'), crsql_as_crr('u'), crsql_site_id()");
    const auto note = [this](const std::string& name) {
      return [this, name](const Rows& rows) {
        calls.push_back(name);
        for (const Row& row : rows) calls.push_back(name + ": " + literal(row));
      };
    };
    end_all = host.reactive_execute({"SELECT * FROM t ORDER BY id", {}, {{"t"}}, note("all")});
    host.reactive_execute({"SELECT a FROM t WHERE id = ?", {std::string("x")}, {{"t", {1, 7}}}, note("row")});
    host.reactive_execute({"SELECT count(*) FROM t, u", {}, {{"t"}, {"u"}}, note("both")});
    host.update_hook([this](const OpUpdate& update) {
      if (update.table.find("crsql") != std::string::npos) return;
      calls.push_back(update.operation + " " + update.table + " " + std::to_string(update.row_id));
    });
  }

  Database db;
  OpHost host;
  Lines calls;
  std::function<void()> end_all;
};

using Step = std::function<void(App&)>;

/// In a transaction.
Step within(const std::string& sql) {
  return [sql](App& app) { app.host.transaction([&] { app.db.exec(sql); }); };
}
/// Without one.
Step plainly(const std::string& sql) {
  return [sql](App& app) { app.host.execute(sql); };
}
/// In one that fails.
Step failing(const std::string& sql) {
  return [sql](App& app) {
    EXPECT_THROW(app.host.transaction([&] {
      app.db.exec(sql);
      throw std::runtime_error("no");
    }),
                 std::runtime_error);
  };
}

/// What the step called.
Lines called(App& app, const Step& step) {
  app.calls.clear();
  step(app);
  return app.calls;
}

TEST(HostReactive, CallsAreThoseOfAPlainTable) {
  App plain(Engine::kAbsent);
  App crr(Engine::kAttached);
  const std::vector<Step> steps = {
      within("INSERT INTO t VALUES ('x', 1), ('y', 2)"),
      plainly("UPDATE t SET a = 3 WHERE id = 'x'"),
      within("INSERT INTO u VALUES (5, 1)"),
      within("SELECT * FROM t"),
      failing("DELETE FROM t WHERE id = 'x'"),
      within("SELECT * FROM u"),
      [](App& app) {
        app.host.execute_batch({{"INSERT INTO t VALUES (?, ?)", {std::string("z"), std::int64_t{1}}},
                                {"UPDATE u SET a = ?", {std::int64_t{7}}}});
      },
      within("INSERT INTO t VALUES ('y', 8) ON CONFLICT (id) DO UPDATE SET a = excluded.a"),
      within("UPDATE t SET a = a WHERE id = 'y'"),
      within("INSERT OR REPLACE INTO t VALUES ('x', 0)"),
      [](App& app) { app.end_all(); },
      within("UPDATE t SET a = 11"),
      [](App& app) { app.host.update_hook(nullptr); },
      within("UPDATE t SET a = 12"),
      [](App& app) { app.host.flush_pending_reactive_queries(); },
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(called(crr, steps[i]), called(plain, steps[i])) << "step " << i;
  }
  EXPECT_EQ(crr.db.lines("SELECT * FROM rejoin_check"), Lines{});
}

TEST(HostReactive, RunsAgainAfterTheCommitAlone) {
  App crr(Engine::kAttached);
  EXPECT_EQ(called(crr, within("INSERT INTO t VALUES ('x', 1)")),
            (Lines{"INSERT t 1", "all", "all: 'x'|1", "row", "row: 1", "both", "both: 0"}));
  EXPECT_EQ(called(crr, plainly("INSERT INTO t VALUES ('y', 2)")), Lines{"INSERT t 2"});
  EXPECT_EQ(called(crr, within("INSERT INTO u VALUES (5, 1)")),
            (Lines{"INSERT u 5", "all", "all: 'x'|1", "all: 'y'|2", "both", "both: 2"}))
      << "what was written before is pending still, but not for row 1";
  EXPECT_EQ(called(crr, failing("DELETE FROM t WHERE id = 'x'")), Lines{"DELETE t 1"});
  EXPECT_EQ(called(crr, within("SELECT 1")),
            (Lines{"all", "all: 'x'|1", "all: 'y'|2", "row", "row: 1", "both", "both: 2"}))
      << "as it is in op-sqlite";
  EXPECT_EQ(called(crr, within("SELECT 1")), Lines{});
}

TEST(HostReactive, OneCallbackAndNoneAfterNull) {
  const Database db;
  db.exec(std::string(kTables) + "; SELECT crsql_as_crr('t')");
  OpHost host(db.handle());
  Lines calls;
  const auto note = [&](const std::string& name) {
    return [&calls, name](const OpUpdate& update) {
      if (update.table == "t") calls.push_back(name + update.operation);
    };
  };
  host.update_hook(note("first "));
  host.update_hook(note("second "));
  host.execute("INSERT INTO t VALUES ('x', 1)");
  EXPECT_EQ(calls, Lines{"second INSERT"});
  host.update_hook(nullptr);
  host.execute("UPDATE t SET a = 2");
  EXPECT_EQ(calls, Lines{"second INSERT"});
}

TEST(HostReactive, RunsAgainAfterAMerge) {
  for (const Route route : kRoutes) {
    const Database peer;
    peer.exec(std::string(kTables) + "; SELECT crsql_as_crr('t'), crsql_as_crr('u')");
    App crr(Engine::kAttached);
    App plain(Engine::kAbsent);
    std::int64_t seen = 0;
    // A peer's write, and the same one by hand.
    for (const auto& [sql, by_hand] : std::initializer_list<std::pair<std::string, std::string>>{
             {"INSERT INTO t VALUES ('x', 1), ('y', 2)", ""},
             {"UPDATE t SET a = 3 WHERE id = 'y'", ""},
             {"INSERT INTO u VALUES (5, 1)", ""},
             {"BEGIN; UPDATE t SET a = 5; UPDATE u SET a = 5; COMMIT", "UPDATE t SET a = 5; UPDATE u SET a = 5"},
             {"UPDATE t SET a = a; INSERT OR IGNORE INTO t VALUES ('x', 9)", ""},
             {"DELETE FROM t WHERE id = 'x'", ""},
             {"INSERT INTO u VALUES (6, 1); DELETE FROM u WHERE id = 6", "DELETE FROM u WHERE id = 6"}}) {
      peer.exec(sql);
      const auto news = changes_since(peer, std::exchange(seen, peer.integer("SELECT crsql_db_version()")));
      const auto merging = [&](App& app) { app.host.transaction([&] { merge_by(route, app.db, news); }); };
      // A peer does not hear of an UPDATE that changes nothing.
      const std::string same = sql.starts_with("UPDATE t SET a = a") ? "SELECT 1" : by_hand.empty() ? sql : by_hand;
      EXPECT_EQ(called(crr, merging), called(plain, within(same))) << sql;
      EXPECT_EQ(called(crr, merging), Lines{}) << "again: " << sql;
    }
  }
}

TEST(HostReactive, AMergeByExecuteBatchFlushesToo) {
  const Database peer;
  peer.exec(std::string(kTables) + "; SELECT crsql_as_crr('t'); INSERT INTO t VALUES ('x', 1), ('y', 2)");
  std::vector<OpHost::Command> commands;
  for (const Change& change : changes_since(peer, 0)) {
    commands.push_back({kInsertChange + std::string("(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
                        {change.table, change.pk, change.column, change.value, change.column_version, change.db_version,
                         change.site_id, change.causal_length, change.seq}});
  }
  App crr(Engine::kAttached);
  const Lines expected = {"INSERT t 1", "INSERT t 2", "all",  "all: 'x'|1", "all: 'y'|2",
                          "row",        "row: 1",     "both", "both: 0"};
  EXPECT_EQ(called(crr, [&](App& app) { app.host.execute_batch(commands); }), expected);
  EXPECT_EQ(called(crr, [&](App& app) { app.host.execute_batch(commands); }), Lines{});
  for (OpHost::Command& command : commands) command.second[4] = std::int64_t{2};
  EXPECT_EQ(called(crr, [&](App& app) { app.host.execute(commands[0].first, commands[0].second); }),
            Lines{"UPDATE t 1"})
      << "outside of a transaction nothing is flushed";
}

}  // namespace
}  // namespace rejoin::test
