// The hub: pages, rooms, messages, who may enter, how it ends.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "net/hub_fixture.hpp"

namespace rejoin::net_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST_F(HubTest, HasPages) {
  start();
  const std::string health = http_get(port(), "/healthz");
  EXPECT_TRUE(health.starts_with("HTTP/1.1 200 OK\r\n")) << health;
  EXPECT_TRUE(health.ends_with("\r\n\r\nok\n")) << health;
  const std::string metrics = http_get(port(), "/metrics?x=1");
  EXPECT_NE(metrics.find("\nrejoin_connections{protocol=\"echo\"} 0\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("\nrejoin_sockets_accepted_total 2\n"), std::string::npos) << metrics;
  const std::string page = http_get(port(), "/");
  EXPECT_NE(page.find("text/html"), std::string::npos);
  EXPECT_NE(page.find("<h1>Rejoin hub</h1>"), std::string::npos) << page;
  EXPECT_TRUE(http_get(port(), "/other").starts_with("HTTP/1.1 404"));
  Socket socket(port());
  socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 405"));
}

TEST_F(HubTest, PassesMessagesOfAllSizes) {
  start();
  WebSocket client = echo();
  ASSERT_TRUE(client.is_open()) << client.header();
  EXPECT_NE(client.header().find("Sec-WebSocket-Protocol: echo\r\n"), std::string::npos) << client.header();
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 1 << 20}) {
    ASSERT_TRUE(client.binary(std::string(size, 'x')));
    const Frame back = client.read();
    EXPECT_EQ(back.opcode, 2);
    EXPECT_EQ(back.payload.size(), size);
  }
  client.text("héllo");
  const Frame text = client.read();
  EXPECT_EQ(text.opcode, 1);
  EXPECT_EQ(text.payload, "héllo");
  // A message in pieces, with a ping in between.
  client.socket().write(frame_of(1, "a", true, false) + frame_of(9, "ping") + frame_of(0, "b"));
  const Frame pong = client.read();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "ping");
  EXPECT_EQ(client.read().payload, "ab");
  EXPECT_EQ(metric(*hub_, "rejoin_messages_in_total"), 9);
  EXPECT_EQ(metric(*hub_, "rejoin_connections{protocol=\"echo\"}"), 1);
  client.send(8, "\x03\xe8");
  EXPECT_EQ(client.read().code(), 1000);
  client.socket().shut();
  EXPECT_TRUE(eventually([&] { return metric(*hub_, "rejoin_connections{protocol=\"echo\"}") == 0; }));
}

TEST_F(HubTest, RoomsAreFilesWithWellChosenNames) {
  start();
  for (const char* room : {"a", "A-b_c.1", "x.db"}) EXPECT_TRUE(echo(room).is_open()) << room;
  EXPECT_TRUE(echo(std::string(128, 'r')).is_open());
  EXPECT_TRUE(WebSocket(port(), "/q?token=x&y", kEcho).is_open());
  for (const char* room :
       {"", ".", "..", ".hidden", "a/b", "../a", "a%2fb", "%2e%2e", "a b", "a%00", "~", "\xc3\xa9", "a\\b", "a:b"}) {
    EXPECT_EQ(echo(room).status(), 400) << room;
  }
  EXPECT_EQ(echo(std::string(129, 'r')).status(), 400);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
    if (entry.path().extension() == ".db") ++files;
  }
  EXPECT_EQ(files, 5U);
  EXPECT_TRUE(std::filesystem::exists(path("rooms/x.db.db")));
}

TEST_F(HubTest, WantsAProtocolThatItKnows) {
  start();
  EXPECT_EQ(WebSocket(port(), "/room", "").status(), 400);
  EXPECT_EQ(WebSocket(port(), "/room", "Sec-WebSocket-Protocol: other\r\n").status(), 400);
  EXPECT_TRUE(WebSocket(port(), "/room", "Sec-WebSocket-Protocol: other\r\n" + kEcho).is_open());
  EXPECT_TRUE(WebSocket(port(), "/room", "Sec-WebSocket-Protocol: other , echo\r\n").is_open());
  net::HubOptions unmade = options();
  unmade.protocols[0].make = nullptr;
  start(unmade);
  EXPECT_EQ(echo().status(), 501);
  EXPECT_EQ(metric(*hub_, "rejoin_refused_total"), 1);
}

TEST_F(HubTest, TellsOfCommitsAtOnce) {
  start();
  WebSocket writer = echo();
  writer.text("write CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t')");
  writer.text("done");
  ASSERT_EQ(writer.read().payload, "done");
  WebSocket reader = echo();
  WebSocket elsewhere = echo("elsewhere");
  reader.text("tell SELECT count(*) FROM t");
  ASSERT_EQ(reader.read().payload, "0");
  // Told of by looking, all but the first would take about the second that passes between two looks. That some take
  // longer than they need is the machine's fault.
  auto fastest = steady_clock::duration::max();
  for (int i = 1; i <= 20; ++i) {
    const auto before = steady_clock::now();
    writer.text("write INSERT INTO t VALUES (NULL, 1)");
    ASSERT_EQ(reader.read().payload, std::to_string(i));
    if (i > 1) fastest = std::min(fastest, steady_clock::now() - before);
  }
  EXPECT_LT(fastest, milliseconds(500));
  // Another program's commit is found by looking.
  beside("rooms/room.db").exec("INSERT INTO t VALUES (NULL, 2)");
  EXPECT_EQ(reader.read().payload, "21");
}

TEST_F(HubTest, APeerThatFailsSaysWhy) {
  std::string logged;
  net::HubOptions with_log = options();
  with_log.log = [&](const std::string& line) { logged += line; };
  start(with_log);
  WebSocket client = echo();
  client.text("fail what you say is wrong");
  Frame frame = client.read();
  EXPECT_EQ(frame.code(), 1008);
  EXPECT_EQ(frame.reason(), "what you say is wrong");
  WebSocket other = echo();
  std::string long_reason = "x";
  for (int i = 0; i < 100; ++i) long_reason += "é";
  other.binary("crash " + long_reason + "\xff");
  frame = other.read();
  EXPECT_EQ(frame.code(), 1011);
  EXPECT_EQ(frame.reason(), long_reason.substr(0, 123));
  EXPECT_EQ(metric(*hub_, "rejoin_peer_errors_total"), 2);
  EXPECT_TRUE(echo().is_open());
  hub_->stop();
  EXPECT_NE(logged.find("room room: echo: what you say is wrong"), std::string::npos) << logged;
}

TEST_F(HubTest, StopsGracefully) {
  start();
  std::vector<WebSocket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(echo("room" + std::to_string(i % 2)));
  Socket silent(port());
  WebSocket flooded(port(), "/room0", kEcho, 4096);
  flooded.text("flood 1000");
  // A client that the hub has answered can be one that it does not count as open yet, and hangs up on.
  for (WebSocket& client : clients) {
    client.text("hello");
    ASSERT_EQ(client.read().payload, "hello");
  }
  ASSERT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 7; }));
  std::thread stopper([&] { hub_->stop(); });
  for (WebSocket& client : clients) {
    const Frame frame = client.read();
    EXPECT_EQ(frame.code(), 1001);
    client.send(8, frame.payload.substr(0, 2));
  }
  EXPECT_EQ(silent.read_all(), "");
  stopper.join();
  EXPECT_EQ(metric(*hub_, "rejoin_rooms_open"), 0);
  EXPECT_EQ(metric(*hub_, "rejoin_sockets"), 0);
  EXPECT_FALSE(std::filesystem::exists(path("rooms/room0.db-wal")));
  EXPECT_THROW(Socket{port()}, std::runtime_error);
  hub_->stop();
}

// Its write-ahead log does not wait for the room to close.
TEST_F(HubTest, WhatARoomHoldsIsMovedIntoItsFile) {
  start();
  WebSocket client = echo();
  client.text(
      "write CREATE TABLE t (x); WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
      "INSERT INTO t SELECT randomblob(3000) FROM n");
  client.text("done");
  client.read();
  EXPECT_TRUE(eventually([&] { return std::filesystem::file_size(path("rooms/room.db")) > 8'000'000; }));
}

TEST_F(HubTest, AnEmptyRoomIsClosedAndOpenedAgain) {
  net::HubOptions short_lived = options();
  short_lived.room_idle = milliseconds(1);
  start(short_lived);
  {
    WebSocket client = echo();
    client.text("write CREATE TABLE t (x); INSERT INTO t VALUES (5)");
    client.text("done");
    client.read();
    EXPECT_EQ(metric(*hub_, "rejoin_rooms_open"), 1);
  }
  EXPECT_TRUE(eventually([&] { return metric(*hub_, "rejoin_rooms_open") == 0; }));
  WebSocket again = echo();
  again.text("tell SELECT x FROM t");
  EXPECT_EQ(again.read().payload, "5");
}

TEST_F(HubTest, ARoomThatCannotBeOpenedIsSaidSo) {
  start();
  write_file("rooms/broken.db", std::string(4096, 'x'));
  EXPECT_EQ(echo("broken").status(), 500);
  EXPECT_EQ(echo("broken").status(), 500);
  EXPECT_TRUE(echo("fine").is_open());
}

TEST_F(HubTest, SaysWhatIsWrongWithItsOptions) {
  start();
  const auto error_of = [](net::HubOptions wrong) {
    const auto hub = net::Hub::start(std::move(wrong));
    return hub.ok() ? std::string() : hub.status().message();
  };
  net::HubOptions wrong = options();
  wrong.port = port();
  EXPECT_NE(error_of(wrong).find("127.0.0.1:"), std::string::npos);
  wrong = options();
  wrong.host = "nowhere";
  EXPECT_NE(error_of(wrong).find("nowhere"), std::string::npos);
  wrong = options();
  write_file("file", "");
  wrong.data = path("file").string();
  EXPECT_NE(error_of(wrong).find("file"), std::string::npos);
  wrong = options();
  wrong.tls_certificate = path("file").string();
  EXPECT_NE(error_of(wrong).find("both"), std::string::npos);
  wrong.tls_key = path("file").string();
  EXPECT_NE(error_of(wrong).find("certificate"), std::string::npos);
  wrong = options();
  wrong.tokens_file = path("missing").string();
  EXPECT_NE(error_of(wrong).find("missing"), std::string::npos);
  for (const char* line : {"room", "room secret more", "ro/om secret"}) {
    write_file("tokens", std::string("# fine\n\n") + line + "\n");
    wrong.tokens_file = path("tokens").string();
    EXPECT_NE(error_of(wrong).find("tokens:3"), std::string::npos) << error_of(wrong);
    EXPECT_EQ(error_of(wrong).find("secret"), std::string::npos);
  }
  wrong = options();
  wrong.schemas = path("missing").string();
  EXPECT_NE(error_of(wrong).find("missing"), std::string::npos);
}

}  // namespace
}  // namespace rejoin::net_test
