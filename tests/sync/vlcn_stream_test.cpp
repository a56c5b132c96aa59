// How a room's changes go to vlcn clients: in which messages, in which form, and over connections that break.
#include "sync/vlcn_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "sync/vlcn_room.hpp"

namespace rejoin::sync::test {
namespace {

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
