// Schemas of rooms, and vlcn's and PartyKit's clients at the hub's door. (What they say further on: tests/sync.)
#include <filesystem>

#include <net/room_schema.hpp>
#include <sync/vlcn_schema.hpp>

#include "net/hub_fixture.hpp"
#include "support/database.hpp"

namespace rejoin::net_test {
namespace {

using test::Database;

const std::string kText = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v);\nSELECT crsql_as_crr('t');\n";
const std::string kLater = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v, w);\nSELECT crsql_as_crr('t');\n";

class RoomTest : public HubTest {
 protected:
  Result<bool> bring(const Database& db, const std::string& name, const std::string& text) const {
    auto replica = Replica::on(db.handle());
    return net::bring_schema(*replica, dir_.path().string(), name, sync::cryb64(text));
  }
};

TEST_F(RoomTest, AnEmptyRoomGetsTheSchema) {
  write_file("main.sql", kText);
  const Database db;
  const auto first = bring(db, "main.sql", kText);
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_TRUE(*first);
  EXPECT_EQ(db.text("SELECT value FROM crsql_master WHERE key = 'schema_name'"), "main.sql");
  EXPECT_EQ(db.integer("SELECT value FROM crsql_master WHERE key = 'schema_version'"), sync::cryb64(kText));
  db.exec("INSERT INTO t VALUES (1, 2)");
  const auto again = bring(db, "main.sql", kText);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(*again);
  // A later version of the file.
  write_file("main.sql", kLater);
  const auto later = bring(db, "main.sql", kLater);
  ASSERT_TRUE(later.ok()) << later.status().message();
  EXPECT_TRUE(*later);
  db.exec("UPDATE t SET w = 3");
  // Those who still have the former one are refused.
  EXPECT_EQ(bring(db, "main.sql", kText).status().code(), ErrorCode::kUnknownSchema);
}

TEST_F(RoomTest, ARoomOfNativeClientsKeepsWhatItHas) {
  write_file("main.sql", kText);
  const Database db;
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, w); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 2);"
      "CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL); SELECT crsql_as_crr('u');");
  ASSERT_TRUE(bring(db, "main.sql", kText).ok());
  EXPECT_EQ(db.lines("SELECT id, v, w FROM t"), std::vector<std::string>{"1|NULL|2"});
  EXPECT_EQ(db.integer("SELECT count(*) FROM u"), 0);
}

TEST_F(RoomTest, SchemasThatAreNot) {
  write_file("main.sql", kText);
  write_file("broken.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL); CREATE NONSENSE");
  std::filesystem::create_directory(path("folder"));
  const Database db;
  EXPECT_EQ(bring(db, "main.sql", kText + " ").status().code(), ErrorCode::kUnknownSchema);
  EXPECT_FALSE(bring(db, "missing.sql", kText).ok());
  EXPECT_FALSE(bring(db, "broken.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL); CREATE NONSENSE").ok());
  EXPECT_FALSE(bring(db, "folder", "").ok());
  for (const char* name : {"", "../main.sql", "a/main.sql", "a\\b", "..", ".main.sql"}) {
    EXPECT_EQ(bring(db, name, kText).status().code(), ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), 0);
  ASSERT_TRUE(bring(db, "main.sql", kText).ok());
  write_file("other.sql", kText);
  EXPECT_FALSE(bring(db, "other.sql", kText).ok());
}

class ForeignClientTest : public HubTest {
 protected:
  void SetUp() override {
    write_file("main.sql", kText);
    write_file("tokens", "room1 tok123\n");
    net::HubOptions real = options();
    real.protocols.clear();
    real.schemas = dir_.path().string();
    start(real);
  }
};

TEST_F(ForeignClientTest, VlcnIsGivenItsTokenBack) {
  WebSocket client(port(), "/sync", "Sec-WebSocket-Protocol: cm9vbT1yMg\r\n");
  ASSERT_TRUE(client.is_open()) << client.header();
  EXPECT_NE(client.header().find("Sec-WebSocket-Protocol: cm9vbT1yMg\r\n"), std::string::npos) << client.header();
  EXPECT_TRUE(std::filesystem::exists(path("rooms/r2.db")));
  // It announces itself, with the schema that the folder has, and is told to stream.
  const auto version = static_cast<std::uint64_t>(sync::cryb64(kText));
  std::string announce = "\x01" + std::string(16, 's') + std::string("\0", 1) + "\x08" + "main.sql";
  for (int shift = 56; shift >= 0; shift -= 8) announce += static_cast<char>((version >> shift) & 0xFF);
  client.binary(announce);
  const Frame answer = client.read();
  EXPECT_EQ(answer.opcode, 2);
  EXPECT_EQ(answer.payload.substr(0, 1), "\x04") << answer.payload;
  EXPECT_EQ(beside("rooms/r2.db").integer("SELECT count(*) FROM t"), 0);
  client.text("text");
  EXPECT_EQ(client.read().code(), 1003);
  // room=../x
  EXPECT_EQ(WebSocket(port(), "/sync", "Sec-WebSocket-Protocol: cm9vbT0uLi94\r\n").status(), 400);
}

TEST_F(ForeignClientTest, VlcnsTokenIsAsked) {
  net::HubOptions guarded = options();
  guarded.protocols.clear();
  guarded.tokens_file = path("tokens").string();
  start(guarded);
  EXPECT_TRUE(WebSocket(port(), "/", "Sec-WebSocket-Protocol: YXV0aD10b2sxMjMscm9vbT1yb29tMQ\r\n").is_open());
  EXPECT_EQ(WebSocket(port(), "/", "Sec-WebSocket-Protocol: cm9vbT1yMg\r\n").status(), 401);
}

TEST_F(ForeignClientTest, PartyKitIsKnownByItsPath) {
  WebSocket client(port(), "/party/my-room?_pk=1", "");
  ASSERT_TRUE(client.is_open()) << client.header();
  EXPECT_EQ(client.header().find("Sec-WebSocket-Protocol"), std::string::npos);
  EXPECT_TRUE(WebSocket(port(), "/parties/main/my-room?_pk=1", "").is_open());
  client.text("init");
  client.binary("binary");
  EXPECT_EQ(client.read().code(), 1003);
  EXPECT_EQ(WebSocket(port(), "/party/", "").status(), 400);
  EXPECT_TRUE(std::filesystem::exists(path("rooms/my-room.db")));
}

}  // namespace
}  // namespace rejoin::net_test
