// Ordered lists that several replicas share, and one in a file of cr-sqlite's.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "crr/fixture.hpp"
#include "support/choices.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {
namespace {

constexpr const char* kTodo =
    "CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord, content); SELECT crsql_as_crr('todo'); "
    "SELECT crsql_fract_as_ordered('todo', 'ord', 'list')";

/// What an application shows: the rows in their order.
Lines shown(Site& site) { return site.db().lines("SELECT list, id, ord, content FROM todo ORDER BY list, ord, id"); }

/// Rows and clocks, without what may differ between replicas that agree.
Lines agreed(Site& site) {
  return site.db().lines("SELECT pk, cid, val, col_version, cl FROM crsql_changes ORDER BY 1, 2");
}

void sync_both_ways(Site& a, Site& b) {
  sync_full(a, b);
  sync_full(b, a);
}

TEST(OrderedListSync, RowsPutAtOnePlaceAtOnceShareItOnBothReplicas) {
  Site a("a");
  Site b("b");
  for (Site* site : {&a, &b}) site->db().exec(kTodo);
  a.db().exec("INSERT INTO todo VALUES (1, 1, 1, 'first'), (2, 1, 1, 'last')");
  sync_both_ways(a, b);
  a.db().exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (10, 1, 'of a', 1)");
  b.db().exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (20, 1, 'of b', 1)");
  sync_both_ways(a, b);
  const Lines both = {"1|1|'a '|'first'", "1|10|'a P'|'of a'", "1|20|'a P'|'of b'", "1|2|'a!'|'last'"};
  EXPECT_EQ(shown(a), both);
  EXPECT_EQ(shown(b), both);
  b.db().exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (30, 1, 'between', 10)");
  sync_both_ways(a, b);
  const Lines apart = {"1|1|'a '|'first'", "1|10|'a 8'|'of a'", "1|30|'a D'|'between'", "1|20|'a P'|'of b'",
                       "1|2|'a!'|'last'"};
  EXPECT_EQ(shown(a), apart);
  EXPECT_EQ(shown(b), apart);
}

TEST(OrderedListSync, TwoMovesOfOneRowHaveOneWinner) {
  Site a("a");
  Site b("b");
  for (Site* site : {&a, &b}) site->db().exec(kTodo);
  a.db().exec("INSERT INTO todo VALUES (1, 1, 1, 'x'), (2, 1, 1, 'y'), (3, 1, 1, 'z')");
  sync_both_ways(a, b);
  a.db().exec("UPDATE todo SET ord = 1 WHERE id = 1");
  b.db().exec("UPDATE todo_fractindex SET after_id = 2 WHERE id = 1");
  sync_both_ways(a, b);
  EXPECT_EQ(shown(a), shown(b));
  EXPECT_EQ(agreed(a), agreed(b));
  EXPECT_EQ(a.db().text("SELECT ord FROM todo WHERE id = 1"), "a#");  // the greater key, at equal versions
}

// A replica without the triggers sends -1 as it is. Where a trigger worked out a key on each receiver, each would hold
// a value that the others never see: cr-sqlite does that.
TEST(OrderedListSync, WhatAPeerSendsIsStoredAsItIs) {
  const Database db;
  db.exec(kTodo);
  db.exec("INSERT INTO todo VALUES (1, 1, 1, 'mine')");
  merge(db, {"todo", key(db, "2"), "list", std::int64_t{1}, 1, 5, kPeer, 1, 0});
  merge(db, {"todo", key(db, "2"), "ord", std::int64_t{-1}, 1, 5, kPeer, 1, 0});
  merge(db, {"todo", key(db, "1"), "ord", std::int64_t{1}, 9, 6, kPeer, 1, 0});
  EXPECT_EQ(db.lines("SELECT id, ord FROM todo ORDER BY id"), (Lines{"1|1", "2|-1"}));
  EXPECT_EQ(db.lines("SELECT pk, val, col_version, site_id FROM crsql_changes WHERE cid = 'ord' ORDER BY pk"),
            (Lines{"x'010901'|1|9|" + literal(Value(kPeer)), "x'010902'|-1|1|" + literal(Value(kPeer))}));
  db.exec("UPDATE todo SET ord = 1 WHERE id = 1; UPDATE todo SET ord = 1 WHERE id = 2");
  EXPECT_EQ(db.lines("SELECT id, ord FROM todo ORDER BY id"), (Lines{"1|'a '", "2|'a!'"}));
}

/// One thing that a user of the list does.
void act(Site& site, Choices& choices, std::int64_t& next_id) {
  const Rows ids = site.db().query("SELECT id FROM todo");
  const auto some_row = [&] { return ids.empty() ? std::string("NULL") : literal(ids[choices.index(ids.size())]); };
  const std::string list = std::to_string(choices.below(2));
  const std::string end = choices.chance(50) ? "1" : "-1";
  switch (choices.below(6)) {
    case 0:
      site.db().exec("INSERT INTO todo VALUES (" + std::to_string(next_id++) + ", " + list + ", " + end + ", NULL)");
      return;
    case 1:
    case 2:
      site.db().exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (" + std::to_string(next_id++) + ", " +
                     list + ", " + some_row() + ")");
      return;
    case 3:
      site.db().exec("UPDATE todo_fractindex SET list = " + list + ", after_id = " + some_row() +
                     " WHERE id = " + some_row());
      return;
    case 4:
      site.db().exec("UPDATE todo SET ord = " + end + " WHERE id = " + some_row());
      return;
    default:
      if (choices.chance(40)) site.db().exec("DELETE FROM todo WHERE id = " + some_row());
  }
}

/// Puts a row after each row, and fails where it does not stand right behind it.
void expect_room_after_every_row(Site& site, std::int64_t& next_id) {
  for (const Row& row : site.db().query("SELECT id, list FROM todo WHERE ord IS NOT NULL")) {
    const std::string id = std::to_string(next_id++);
    site.db().exec("INSERT INTO todo_fractindex (id, list, after_id) VALUES (" + id + ", " + literal(row[1]) + ", " +
                   literal(row[0]) + ")");
    EXPECT_EQ(site.db().lines("SELECT before FROM (SELECT id, lag(id) OVER (PARTITION BY list ORDER BY ord) AS before "
                              "FROM todo) WHERE id = " +
                              id),
              Lines{literal(row[0])});
  }
}

TEST(OrderedListSync, ConcurrentInsertsAndMovesConverge) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices = Choices::seeded(seed);
    Site a("a");
    Site b("b");
    for (Site* site : {&a, &b}) site->db().exec(kTodo);
    std::int64_t id_of_a = 1;
    std::int64_t id_of_b = 1000000;
    for (int i = 0; i < 60; ++i) {
      act(a, choices, id_of_a);
      act(b, choices, id_of_b);
      if (choices.chance(10)) sync_full(a, b);
      if (choices.chance(10)) sync_full(b, a);
    }
    sync_both_ways(a, b);
    ASSERT_EQ(shown(a), shown(b));
    ASSERT_EQ(agreed(a), agreed(b));
    EXPECT_EQ(a.db().integer("SELECT count(*) FROM todo WHERE typeof(ord) <> 'text'"), 0);
    expect_room_after_every_row(a, id_of_a);
    sync_both_ways(a, b);
    ASSERT_EQ(shown(a), shown(b));
    ASSERT_EQ(agreed(a), agreed(b));
  }
}

// Its view and triggers are of cr-sqlite's making (fixtures/make.mjs) and call our functions.
TEST(OrderedListSync, AFileOfTheReferenceGoesOn) {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "ordered-list.db";
  std::filesystem::copy_file(REJOIN_SOURCE_DIR "/tests/crr/fixtures/ordered-list.db", file);
  Site site("file", file.string());
  EXPECT_EQ(shown(site), (Lines{"1|4|'Z~'|'d'", "1|1|'a '|'a'", "1|5|'a P'|'e'", "1|2|'a!'|'b'", "1|3|'a!'|'c'"}));
  const auto go_on = [&](int id) {
    site.db().exec("INSERT INTO todo VALUES (" + std::to_string(id) + ", 1, 1, 'last')");
    site.db().exec("INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (" + std::to_string(id + 1) +
                   ", 1, 'apart', 2)");
    site.db().exec("UPDATE todo_fractindex SET after_id = NULL WHERE id = 5");
  };
  go_on(6);
  EXPECT_EQ(shown(site), (Lines{"1|5|'Z}'|'e'", "1|4|'Z~'|'d'", "1|1|'a '|'a'", "1|2|'a h'|'b'", "1|7|'a t'|'apart'",
                                "1|3|'a!'|'c'", "1|6|'a\"'|'last'"}));
  site.db().exec("SELECT crsql_fract_as_ordered('todo', 'ord', 'list')");
  EXPECT_EQ(site.db().integer("SELECT count(*) FROM sqlite_master WHERE name LIKE '%fractindex%'"), 5);
  go_on(8);
  EXPECT_EQ(shown(site), (Lines{"1|5|'Z}'|'e'", "1|4|'Z~'|'d'", "1|1|'a '|'a'", "1|2|'a h'|'b'", "1|9|'a n'|'apart'",
                                "1|7|'a t'|'apart'", "1|3|'a!'|'c'", "1|6|'a\"'|'last'", "1|8|'a#'|'last'"}));
  EXPECT_EQ(site.db().text("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace rejoin::test
