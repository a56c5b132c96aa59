// The hub's side of the vlcn protocol, against clients that do what the published packages do.
#include "sync/vlcn_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>

#include "sync/vlcn_client.hpp"

namespace rejoin::sync::test {
namespace {

using rejoin::test::SqlError;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kSchema =
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t');"
    "CREATE TABLE k (id TEXT PRIMARY KEY NOT NULL, i INTEGER, r REAL, x TEXT, z BLOB); SELECT crsql_as_crr('k')";

struct VlcnPeerTest : testing::Test {
  VlcnPeerTest() {
    hub.exec(kSchema);
    options.require_schema = [this](const std::string& name, std::int64_t version) {
      asked.push_back(name + "/" + std::to_string(version));
      return schema;
    };
  }

  VlcnPeer peer() { return VlcnPeer(replica, options); }
  Blob hub_site() { return *replica.site_id(); }

  /// All that the hub has to say now.
  std::vector<vlcn::Message> said(VlcnPeer& peer, RowForm form = RowForm::kNineFields) {
    std::vector<vlcn::Message> all;
    Message message;
    for (;;) {
      const Result<bool> more = peer.next(message);
      EXPECT_TRUE(more.ok()) << more.status().message();
      if (!more.ok() || !*more) return all;
      const Status status = vlcn::decode({message.bytes.data(), message.bytes.size()}, form, all.emplace_back());
      EXPECT_TRUE(status.ok()) << status.message();
    }
  }

  static std::string refusal(VlcnPeer& peer, const vlcn::Message& message) {
    return peer.receive(VlcnClient::encoded(message), false).message();
  }

  static vlcn::Changes changes_of(const Blob& site, std::int64_t since, std::vector<Change> rows) {
    return {site, {since, 0}, std::move(rows), RowForm::kNineFields};
  }

  Change cell(std::string column, Value value, std::int64_t version, std::string table = "t") {
    const std::string key = table == "t" ? "1" : "'1'";
    return {std::move(table),
            hub.blob("SELECT crsql_pack_columns(" + key + ")"),
            std::move(column),
            std::move(value),
            version,
            version,
            {},
            1,
            0};
  }

  Database hub;
  Replica replica = std::move(Replica::on(hub.handle())).value();
  VlcnOptions options;
  Status schema;
  std::vector<std::string> asked;
  const Blob site_a = Blob(16, 0xaa);
};

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

TEST_F(VlcnPeerTest, MessagesEndWithAVersion) {
  for (int i = 1; i <= 20; ++i) {
    hub.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", hex(zeroblob(100)), 1)");
  }
  options.message_bytes = 700;
  VlcnClient one(kSchema);
  VlcnPeer to_one = peer();
  EXPECT_TRUE(talk(one, to_one, {one.announce()}));
  EXPECT_EQ(one.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
  EXPECT_EQ(one.gaps, 0);
  EXPECT_EQ(one.messages, 7U);
  std::map<std::int64_t, std::size_t> message_of;
  for (std::size_t i = 0; i < one.received.size(); ++i) {
    for (const Change& row : one.received[i]) EXPECT_EQ(message_of.emplace(row.db_version, i).first->second, i);
  }
  EXPECT_EQ(to_one.traffic().changes_out, 40);
  EXPECT_EQ(one.seen(hub_site()), 20);
}

TEST_F(VlcnPeerTest, AVersionThatIsTooLargeGoesInPartsUnderTheOneBefore) {
  hub.exec("INSERT INTO t VALUES (0, 0, 0)");
  hub.exec(
      "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, i, -i FROM n");
  hub.exec("UPDATE t SET a = 'last' WHERE id = 0");
  options.message_bytes = 1000;
  options.version_bytes = 20000;
  // The connection breaks after each number of messages: what came is merged, and nothing is missed in the end.
  for (int survives = 0; survives < 8; ++survives) {
    VlcnClient one(kSchema);
    {
      VlcnPeer to_one = peer();
      EXPECT_TRUE(to_one.receive(one.announce(), false).ok());
      Message message;
      for (int i = 0; i < survives && *to_one.next(message); ++i) one.take(message.bytes);
    }
    one.disconnect();
    const std::int64_t seen = one.seen(hub_site());
    if (seen > 1) {
      EXPECT_EQ(one.db().integer("SELECT count(*) FROM t"), 1001) << "the cursor is behind a part of version 2";
    }
    VlcnPeer to_one = peer();
    EXPECT_TRUE(talk(one, to_one, {one.announce()}));
    EXPECT_EQ(one.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
    EXPECT_EQ(one.gaps, 0);
    EXPECT_EQ(one.seen(hub_site()), 3);
  }
}

TEST_F(VlcnPeerTest, ALargeVersionDoesNotDragSmallOnesAlong) {
  hub.exec("INSERT INTO t VALUES (0, 0, 0)");
  hub.exec(
      "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, i, -i FROM n");
  options.version_bytes = 3000;
  VlcnPeer to_client = peer();
  EXPECT_EQ(refusal(to_client, vlcn::AnnouncePresence{site_a, {}, "s", 1}), "");
  std::size_t rows = 0;
  std::vector<std::int64_t> sinces;
  std::vector<std::int64_t> versions;
  for (const vlcn::Message& message : said(to_client)) {
    const auto* changes = std::get_if<vlcn::Changes>(&message);
    if (changes == nullptr) continue;
    rows += changes->rows.size();
    sinces.push_back(changes->since.version);
    versions.push_back(changes->rows.back().db_version);
    EXPECT_EQ(changes->rows.front().db_version, changes->rows.back().db_version);
  }
  EXPECT_EQ(rows, 602U);
  ASSERT_GT(versions.size(), 4U);
  EXPECT_EQ(versions.front(), 1);
  EXPECT_EQ(sinces.front(), 0);
  EXPECT_EQ(versions.back(), 2);
  for (std::size_t i = 1; i + 1 < versions.size(); ++i) EXPECT_EQ(versions[i], 1) << i;
  for (std::size_t i = 1; i < sinces.size(); ++i) EXPECT_EQ(sinces[i], 1) << i;
}

TEST_F(VlcnPeerTest, ClientsWithoutSeqAreAnsweredInKind) {
  VlcnClient old(kSchema, RowForm::kEightFields);
  hub.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
  old.db().exec("INSERT INTO t VALUES (3, 3, 3)");
  {
    // Nothing tells it from others before it has sent a row. What it could not read by then is sent again.
    VlcnPeer to_old = peer();
    EXPECT_TRUE(to_old.receive(old.announce(), false).ok());
    Message message;
    EXPECT_TRUE(*to_old.next(message));
    const auto rows = old.take(message.bytes);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(*to_old.next(message));
    vlcn::Message unread;
    EXPECT_TRUE(vlcn::decode({message.bytes.data(), message.bytes.size()}, RowForm::kNineFields, unread).ok());
    EXPECT_TRUE(std::get<vlcn::Changes>(unread).form == RowForm::kNineFields);
    EXPECT_TRUE(talk(old, to_old, rows));
    EXPECT_EQ(old.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
  }
  // From then on it is known, even if it only listens.
  hub.exec("UPDATE t SET a = 7");
  VlcnPeer to_old = peer();
  EXPECT_TRUE(talk(old, to_old, {old.announce()}));
  EXPECT_EQ(old.db().integer("SELECT sum(a) FROM t"), 21);
}

TEST_F(VlcnPeerTest, AHubCanBeToldThatItsClientsAreOld) {
  options.legacy_rows = true;
  hub.exec("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
  VlcnClient old(kSchema, RowForm::kEightFields);
  VlcnPeer to_old = peer();
  EXPECT_TRUE(talk(old, to_old, {old.announce()}));
  EXPECT_EQ(old.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
  // A client that was brought up to date since.
  VlcnClient now(kSchema);
  now.db().exec("INSERT INTO t VALUES (3, 3, 3), (4, 4, 4)");
  VlcnPeer to_now = peer();
  EXPECT_TRUE(to_now.receive(now.announce(), false).ok());
  Message start;
  EXPECT_TRUE(*to_now.next(start));
  EXPECT_TRUE(talk(now, to_now, now.take(start.bytes)));
  EXPECT_EQ(now.db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
}

TEST_F(VlcnPeerTest, ManyClientsWithCutsEndEqual) {
  constexpr std::size_t kClients = 4;
  options.message_bytes = 300;
  options.version_bytes = 900;
  std::vector<std::unique_ptr<VlcnClient>> clients;
  std::vector<std::unique_ptr<VlcnPeer>> peers(kClients);
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(std::make_unique<VlcnClient>(kSchema));
  std::uint32_t dice = 7;
  const auto roll = [&](std::uint32_t sides) {
    dice = dice * 1664525U + 1013904223U;
    return (dice >> 16) % sides;
  };
  for (int step = 0; step < 400; ++step) {
    const std::size_t i = roll(kClients);
    VlcnClient& client = *clients[i];
    const std::string id = std::to_string(roll(30));
    switch (roll(6)) {
      case 0:
        client.db().exec("INSERT OR REPLACE INTO t VALUES (" + id + ", " + std::to_string(step) + ", 'c')");
        break;
      case 1:
        client.db().exec("DELETE FROM t WHERE id = " + id);
        break;
      case 2:
        client.db().exec("UPDATE t SET b = " + std::to_string(step) + ".5 WHERE id > " + id);
        break;
      case 3:  // the socket breaks: whatever was not yet taken is lost
        client.disconnect();
        peers[i].reset();
        break;
      default: {
        if (peers[i] == nullptr) {
          peers[i] = std::make_unique<VlcnPeer>(replica, options);
          ASSERT_TRUE(peers[i]->receive(client.announce(), false).ok());
        }
        Message message;
        for (std::uint32_t left = roll(4); left > 0 && *peers[i]->next(message); --left) {
          for (const Blob& bytes : client.take(message.bytes)) ASSERT_TRUE(peers[i]->receive(bytes, false).ok());
        }
        for (const Blob& bytes : client.pull()) ASSERT_TRUE(peers[i]->receive(bytes, false).ok());
      }
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kClients; ++i) {
      clients[i]->disconnect();
      VlcnPeer last = peer();
      ASSERT_TRUE(talk(*clients[i], last, {clients[i]->announce()}));
    }
  }
  for (auto& client : clients) EXPECT_EQ(client->db().lines("SELECT * FROM t"), hub.lines("SELECT * FROM t"));
  EXPECT_GT(hub.integer("SELECT count(*) FROM t"), 0);
}

}  // namespace
}  // namespace rejoin::sync::test
