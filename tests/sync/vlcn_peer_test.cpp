// The hub's side of the vlcn protocol, against clients that do what the published packages do.
#include "sync/vlcn_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "sync/vlcn_room.hpp"

namespace rejoin::sync::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(VlcnPeerTest, TwoClientsComeToTheSameRows) {
  VlcnClient one(kSchema);
  VlcnClient two(kSchema);
  VlcnPeer to_one = peer();
  VlcnPeer to_two = peer();
  one.db().exec("INSERT INTO t VALUES (1, 'one', 1.5), (2, 'gone', NULL)");
  two.db().exec("INSERT INTO t VALUES (3, x'00ff', 9007199254740993)");
  hub.exec("INSERT INTO t VALUES (4, 'hub', -1)");
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  EXPECT_TRUE(talk(two, to_two, {two.announce()}));
  one.db().exec("DELETE FROM t WHERE id = 2; UPDATE t SET a = 'again' WHERE id = 1");
  EXPECT_TRUE(talk(one, to_one, {}));
  EXPECT_TRUE(talk(two, to_two, {}));
  EXPECT_TRUE(talk(one, to_one, {}));
  const auto rows = hub.lines("SELECT * FROM t");
  EXPECT_THAT(rows, ElementsAre("1|'again'|1.5", "3|x'00ff'|9007199254740993", "4|'hub'|-1"));
  EXPECT_EQ(one.db().lines("SELECT * FROM t"), rows);
  EXPECT_EQ(two.db().lines("SELECT * FROM t"), rows);
  EXPECT_EQ(one.gaps + two.gaps, 0);
  EXPECT_EQ(to_one.traffic().changes_in, 6);
  EXPECT_EQ(to_one.traffic().changes_won, 6);
  EXPECT_EQ(to_one.traffic().changes_out, 4);
  EXPECT_EQ(to_two.traffic().changes_out, 8);
}

TEST_F(VlcnPeerTest, NobodyHearsOfItsOwnRows) {
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  one.db().exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  EXPECT_EQ(one.messages, 0U);
  EXPECT_EQ(hub.lines("SELECT site_id = x'"
                      "' FROM crsql_changes")
                .size(),
            2U);
  EXPECT_EQ(hub.blob("SELECT DISTINCT site_id FROM crsql_changes"), one.site()) << "attributed to who sent them";
}

TEST_F(VlcnPeerTest, FirstSaysWhereToStart) {
  VlcnPeer to_client = peer();
  EXPECT_TRUE(said(to_client).empty()) << "before the client has said who it is";
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  ASSERT_TRUE(replica.set_cursor(site_a, 7).ok());
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {{Blob(16, 1), {9, 0}}}, "s", -3}), "");
  EXPECT_THAT(asked, ElementsAre("s/-3"));
  const auto messages = said(to_client);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[0] == vlcn::Message(vlcn::StartStreaming{{7, 0}, {hub_site()}, false}));
  const auto& changes = std::get<vlcn::Changes>(messages[1]);
  EXPECT_EQ(changes.sender, hub_site());
  EXPECT_TRUE(changes.since == vlcn::Cursor{}) << "cursors of other sites count for nothing";
  ASSERT_EQ(changes.rows.size(), 2U);
  EXPECT_EQ(changes.rows[0].site_id, Blob());
  EXPECT_THAT(asked, ElementsAre("s/-3", "s/-3")) << "and again before it is sent rows";
}

TEST_F(VlcnPeerTest, GoesOnBehindWhatTheClientHasSeen) {
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  hub.exec("UPDATE t SET a = 2");
  hub.exec("UPDATE t SET b = 3");
  const auto rows_after = [&](vlcn::Cursor seen) {
    VlcnPeer to_client = peer();
    EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {{hub_site(), seen}}, "s", 1}), "");
    const auto messages = said(to_client);
    if (messages.size() < 2) return std::string("silence");
    const auto& changes = std::get<vlcn::Changes>(messages.at(1));
    return std::to_string(changes.since.version) + "/" + std::to_string(changes.since.seq) + ":" +
           std::to_string(changes.rows.size());
  };
  EXPECT_EQ(rows_after({0, 0}), "0/0:2");
  EXPECT_EQ(rows_after({2, 0}), "2/0:1");
  EXPECT_EQ(rows_after({2, 5}), "1/0:2") << "the rest of a version cannot be named";
  EXPECT_EQ(rows_after({3, 0}), "silence");
  EXPECT_EQ(rows_after({9, 0}), "0/0:2") << "seen before this database was put back";
  EXPECT_EQ(rows_after({-1, 0}), "0/0:2");
  EXPECT_EQ(rows_after({std::numeric_limits<std::int64_t>::min(), 0}), "0/0:2");
  EXPECT_EQ(rows_after({std::numeric_limits<std::int64_t>::max(), 0}), "0/0:2");
}

TEST_F(VlcnPeerTest, NamesNoVersionThatTheClientWasNotSent) {
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  for (int i = 0; i < 3; ++i) {
    one.db().exec("INSERT INTO t VALUES (NULL, 1, 1)");
    EXPECT_TRUE(talk(one, to_one, {}));
  }
  hub.exec("UPDATE t SET a = 2 WHERE id = 1");
  EXPECT_TRUE(talk(one, to_one, {}));
  EXPECT_EQ(one.gaps, 0) << "the client's own versions of the hub lie between its two messages";
  EXPECT_EQ(one.messages, 2U);
  EXPECT_EQ(one.db().integer("SELECT a FROM t WHERE id = 1"), 2);
}

TEST_F(VlcnPeerTest, NumbersKeepTheirTypes) {
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  constexpr double kTwo53 = 9007199254740992.0;
  std::int64_t version = 0;
  const auto stored = [&](const std::string& table, const std::string& column, const Value& value) {
    ++version;
    EXPECT_EQ(refusal(to_client, changes_of(site_a, version - 1, {cell(column, value, version, table)})), "");
    return hub.lines("SELECT " + column + " FROM " + table).at(0);
  };
  EXPECT_EQ(stored("t", "a", 2.0), "2");
  EXPECT_EQ(stored("t", "a", -0.0), "0");
  EXPECT_EQ(stored("t", "a", 2.5), "2.5");
  EXPECT_EQ(stored("t", "a", kTwo53), "9007199254740992");
  EXPECT_EQ(stored("t", "a", -kTwo53), "-9007199254740992");
  EXPECT_EQ(stored("t", "a", kTwo53 * 2), "18014398509481984.0");
  EXPECT_EQ(stored("t", "a", std::int64_t{9007199254740993}), "9007199254740993");
  EXPECT_EQ(stored("t", "a", std::numeric_limits<double>::quiet_NaN()), "NULL");
  EXPECT_EQ(stored("t", "a", Blob()), "x''");
  EXPECT_EQ(stored("k", "i", 2.0), "2");
  EXPECT_EQ(stored("k", "r", 2.0), "2.0") << "REAL affinity";
  EXPECT_EQ(stored("k", "r", 2.5), "2.5");
  EXPECT_EQ(stored("k", "z", 3.0), "3");
  EXPECT_EQ(hub.text("SELECT typeof(r) FROM k"), "real");
  // A whole number of a REAL column that comes back is no news.
  const std::int64_t before = *replica.db_version();
  Change again = cell("r", 2.5, 12, "k");
  ++version;
  again.db_version = version;
  EXPECT_EQ(refusal(to_client, changes_of(site_a, version - 1, {again})), "");
  EXPECT_EQ(*replica.db_version(), before);
}

TEST_F(VlcnPeerTest, SendsIntegersAsBigintsAndRealsAsNumbers) {
  hub.exec("INSERT INTO t VALUES (1, 1, 1.0), (2, 9007199254740993, -1e300), (3, NULL, 9e999)");
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  const auto messages = said(to_client);
  std::vector<Value> values;
  for (const Change& row : std::get<vlcn::Changes>(messages.at(1)).rows) values.push_back(row.value);
  EXPECT_EQ(
      values,
      (std::vector<Value>{
          std::int64_t{1}, 1.0, std::int64_t{9007199254740993}, -1e300, {}, std::numeric_limits<double>::infinity()}));
}

TEST_F(VlcnPeerTest, WritesNoTextThatClientsThrowAt) {
  hub.exec("INSERT INTO t VALUES (1, CAST(x'61ff' AS TEXT), NULL)");
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  EXPECT_EQ(one.db().text("SELECT hex(a) FROM t"), "61EFBFBD");
}

TEST_F(VlcnPeerTest, RowsAndCursorAreOne) {
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 0, {cell("a", 1.0, 3), cell("b", 1.0, 4)})), "");
  EXPECT_EQ(*replica.cursor(site_a), 4);
  // A row that cannot be taken undoes the message, cursor and all.
  Change unknown = cell("a", 1.0, 6);
  unknown.table = "nowhere";
  EXPECT_THAT(refusal(to_client, changes_of(site_a, 4, {cell("a", 9.0, 5), unknown})), HasSubstr("nowhere"));
  EXPECT_EQ(*replica.cursor(site_a), 4);
  EXPECT_EQ(hub.integer("SELECT a FROM t"), 1);
  EXPECT_FALSE(hub.in_transaction());
  // Old news: merged again, and the cursor stays.
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 0, {cell("a", 1.0, 3)})), "");
  EXPECT_EQ(*replica.cursor(site_a), 4);
  EXPECT_EQ(to_client.traffic().changes_in, 3);
  EXPECT_EQ(to_client.traffic().changes_won, 2);
}

TEST_F(VlcnPeerTest, AGapIsAnsweredByOneCallToGoBack) {
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  EXPECT_EQ(said(to_client).size(), 1U);
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 3, {cell("a", 4.0, 4)})), "");
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 4, {cell("a", 5.0, 5)})), "");
  EXPECT_EQ(hub.integer("SELECT count(*) FROM t"), 0) << "nothing behind a gap is merged";
  const auto messages = said(to_client);
  ASSERT_EQ(messages.size(), 1U) << "never RejectChanges, and no second call while the first is under way";
  EXPECT_TRUE(messages[0] == vlcn::Message(vlcn::StartStreaming{{0, 0}, {hub_site()}, false}));
  EXPECT_TRUE(to_client.tick(0).ok());
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 0, {cell("a", 3.0, 3), cell("a", 5.0, 5)})), "");
  EXPECT_EQ(hub.integer("SELECT a FROM t"), 5);
  EXPECT_TRUE(to_client.tick(1000000).ok()) << "that one was answered";
  EXPECT_EQ(refusal(to_client, changes_of(site_a, 9, {cell("a", 9.0, 10)})), "");
  EXPECT_EQ(said(to_client).size(), 1U);
  EXPECT_TRUE(to_client.tick(1000000).ok());
  EXPECT_THAT(to_client.tick(1030000).message(), HasSubstr("no answer to StartStreaming"));
}

TEST_F(VlcnPeerTest, AClientThatMissedAPartIsSentItAgain) {
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  Message lost;
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_TRUE(*to_one.next(lost));
  hub.exec("INSERT INTO t VALUES (2, 2, 2)");
  EXPECT_TRUE(talk(one, to_one, {}));
  EXPECT_EQ(one.gaps, 1) << "it said RejectChanges";
  EXPECT_EQ(one.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
}

TEST_F(VlcnPeerTest, ASecondAnnounceStartsOver) {
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  const Blob stale = one.announce();
  EXPECT_TRUE(talk(one, to_one, {stale}));
  EXPECT_TRUE(talk(one, to_one, {stale})) << "a client that connects again says what it had when it began";
  EXPECT_EQ(one.messages, 2U);
  EXPECT_EQ(one.gaps, 0);
  VlcnClient two(kSchema);
  EXPECT_TRUE(talk(two, to_one, {two.announce()})) << "even as another site";
  EXPECT_EQ(two.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
}

TEST_F(VlcnPeerTest, WhatAClientMustNotSay) {
  VlcnPeer to_client = peer();
  EXPECT_THAT(refusal(to_client, changes_of(site_a, 0, {cell("a", 1.0, 1)})), HasSubstr("has not announced itself"));
  EXPECT_THAT(refusal(to_client, vlcn::RejectChanges{hub_site(), {}}), HasSubstr("has not announced itself"));
  EXPECT_THAT(refusal(to_client, vlcn::AnnouncePresence{hub_site(), {}, "s", 1}), HasSubstr("a copy of the other"));
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  EXPECT_THAT(refusal(to_client, changes_of(Blob(16, 1), 0, {cell("a", 1.0, 1)})), HasSubstr("another site"));
  EXPECT_THAT(refusal(to_client, vlcn::StartStreaming{}), HasSubstr("for the hub to say"));
  EXPECT_THAT(refusal(to_client, vlcn::CreateDbOnPrimary{}), HasSubstr("servers"));
  EXPECT_THAT(to_client.receive(Blob{'i', 'n', 'i', 't'}, true).message(), HasSubstr("text frame"));
  EXPECT_THAT(to_client.receive(Blob{'i', 'n', 'i', 't'}, false).message(), HasSubstr("unknown"));
  EXPECT_THAT(to_client.receive({}, false).message(), HasSubstr("is missing"));
  for (const vlcn::Message& harmless : std::vector<vlcn::Message>{
           vlcn::Ping(), vlcn::Pong(), changes_of(site_a, 99, {}), vlcn::RejectChanges{Blob(16, 3), {5, 0}}}) {
    EXPECT_EQ(refusal(to_client, harmless), "");
  }
  EXPECT_EQ(said(to_client).size(), 1U) << "an empty message has no gap before it";
}

TEST_F(VlcnPeerTest, RowsThatTheEngineRefusesCloseTheSocket) {
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  const auto refused_with = [&](const std::function<void(Change&)>& spoil) {
    Change row = cell("a", 1.0, 1);
    spoil(row);
    return refusal(to_client, changes_of(site_a, 0, {row}));
  };
  EXPECT_THAT(refused_with([](Change& row) { row.pk = {}; }), HasSubstr("pk"));
  EXPECT_THAT(refused_with([](Change& row) { row.column = "nothing"; }), HasSubstr("nothing"));
  EXPECT_THAT(refused_with([](Change& row) { row.db_version = -1; }), HasSubstr("db_version"));
  EXPECT_THAT(refused_with([](Change& row) { row.db_version = std::numeric_limits<std::int64_t>::max(); }),
              HasSubstr("db_version"));
  EXPECT_THAT(refused_with([](Change& row) { row.causal_length = 0; }), HasSubstr("cl"));
  EXPECT_THAT(refused_with([](Change& row) { row.seq = -1; }), HasSubstr("seq"));
  EXPECT_EQ(*replica.db_version(), 0);
  EXPECT_EQ(*replica.cursor(site_a), 0);
}

TEST_F(VlcnPeerTest, AnotherSchemaEndsIt) {
  VlcnPeer to_client = peer();
  schema = Status(ErrorCode::kInvalidArgument, "not that schema");
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "not that schema");
  EXPECT_TRUE(said(to_client).empty());
  EXPECT_THAT(refusal(to_client, changes_of(site_a, 0, {cell("a", 1.0, 1)})), HasSubstr("not announced"));
  // And where it becomes another one later, before rows of it are sent.
  schema = Status();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  EXPECT_EQ(said(to_client).size(), 1U);
  schema = Status(ErrorCode::kInvalidArgument, "it has moved on");
  Message message;
  EXPECT_FALSE(*to_client.next(message)) << "nothing to send, nothing to fear";
  hub.exec("INSERT INTO t VALUES (1, 1, 1)");
  EXPECT_EQ(to_client.next(message).status().message(), "it has moved on");
}

}  // namespace
}  // namespace rejoin::sync::test
