// What hostile, broken and slow clients do to a hub: nothing.
#include <chrono>
#include <random>
#include <thread>

#include "net/hub_fixture.hpp"

namespace rejoin::net_test {
namespace {

using std::chrono::milliseconds;

// That the hub is fine still.
void expect_alive(WebSocket& client) {
  client.text("alive?");
  EXPECT_EQ(client.read().payload, "alive?");
}

TEST_F(HubTest, RequestsThatAreNone) {
  start();
  WebSocket witness = echo();
  const std::vector<std::string> requests = {
      "rubbish\r\n\r\n",
      std::string("\0\0\0\0\r\n\r\n", 8),
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\nbad field\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
      "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
  for (const std::string& request : requests) {
    Socket socket(port());
    socket.write(request);
    socket.shut();
    const std::string answer = socket.read_all();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 400")) << request << answer;
  }
  Socket large(port());
  large.write("GET / HTTP/1.1\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n");
  EXPECT_TRUE(large.read_all().starts_with("HTTP/1.1 431"));
  expect_alive(witness);
}

TEST_F(HubTest, UpgradesThatAreNone) {
  start();
  WebSocket witness = echo();
  const std::string line = "GET /room HTTP/1.1\r\nHost: localhost\r\n";
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::vector<std::string> requests = {
      line + upgrade + version + kEcho + "\r\n",
      line + upgrade + key + kEcho + "\r\n",
      line + upgrade + "Sec-WebSocket-Version: 8\r\n" + key + kEcho + "\r\n",
      line + upgrade + version + "Sec-WebSocket-Key: " + std::string(5000, 'k') + "\r\n" + kEcho + "\r\n",
      "POST /room HTTP/1.1\r\nHost: localhost\r\n" + upgrade + version + key + kEcho + "\r\n",
      "GET /room HTTP/1.0\r\n" + upgrade + version + key + kEcho + "\r\n"};
  for (const std::string& request : requests) {
    Socket socket(port());
    socket.write(request);
    const std::string answer = socket.read_header();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << request << answer;
  }
  expect_alive(witness);
}

TEST_F(HubTest, FramesThatAreNone) {
  start();
  WebSocket witness = echo();
  const std::string huge = std::string("\x82\xff", 2) + std::string(8, '\xff') + "kkkk";
  const std::vector<std::string> frames = {frame_of(1, "unmasked", false),
                                           frame_of(3, "reserved"),
                                           frame_of(11, "reserved too"),
                                           frame_of(0, "goes on with nothing"),
                                           frame_of(1, "a", true, false) + frame_of(1, "not the rest"),
                                           frame_of(9, std::string(126, 'p')),
                                           frame_of(9, "p", true, false),
                                           frame_of(8, "x"),
                                           frame_of(8, "\x03\xed"),
                                           frame_of(8, "\x03\xe8\xff\xfe"),
                                           frame_of(1, "no UTF-8: \xff\xc0"),
                                           std::string("\xf1\x80kkkk", 6),
                                           huge};
  for (const std::string& frame : frames) {
    WebSocket client = echo();
    ASSERT_TRUE(client.is_open());
    client.socket().write(frame);
    const Frame answer = client.read();
    EXPECT_TRUE(answer.opcode == 8 || answer.opcode == -1) << answer.opcode << answer.payload;
    if (answer.opcode == 8) {
      EXPECT_TRUE(answer.code() >= 1002 && answer.code() <= 1009) << answer.code();
    }
  }
  expect_alive(witness);
}

TEST_F(HubTest, RandomBytes) {
  net::HubOptions impatient = options();
  impatient.handshake_timeout = milliseconds(5000);
  start(impatient);
  WebSocket witness = echo();
  std::minstd_rand random(7);
  for (int i = 0; i < 200; ++i) {
    std::string bytes;
    for (unsigned n = static_cast<unsigned>(random() % 300); n > 0; --n) bytes += static_cast<char>(random() & 0xFF);
    WebSocket client = echo();
    ASSERT_TRUE(client.is_open());
    client.socket().write(bytes);
    if (i % 3 == 0) client.socket().shut();
    if (i % 7 == 0) expect_alive(witness);
  }
  expect_alive(witness);
  EXPECT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 1; }));
}

TEST_F(HubTest, MessagesThatAreTooLarge) {
  net::HubOptions small = options();
  small.message_bytes = 1000;
  start(small);
  WebSocket client = echo();
  client.binary(std::string(1000, 'x'));
  EXPECT_EQ(client.read().payload.size(), 1000U);
  client.binary(std::string(1001, 'x'));
  EXPECT_EQ(client.read().code(), 1009);
  WebSocket pieces = echo();
  for (int i = 0; i < 3; ++i) pieces.socket().write(frame_of(i == 0 ? 2 : 0, std::string(500, 'x'), true, false));
  EXPECT_EQ(pieces.read().code(), 1009);
}

TEST_F(HubTest, KindsOfMessageThatAProtocolDoesNotKnow) {
  net::HubOptions binary = options();
  binary.protocols[0].frames = net::Frames::kBinary;
  start(binary);
  WebSocket client = echo();
  client.binary("fine");
  EXPECT_EQ(client.read().payload, "fine");
  client.text("not fine");
  EXPECT_EQ(client.read().code(), 1003);
}

TEST_F(HubTest, SocketsThatSayNothing) {
  net::HubOptions impatient = options();
  // Long enough for a test that is not let run for a while.
  impatient.handshake_timeout = milliseconds(2000);
  impatient.idle_timeout = milliseconds(5000);
  start(impatient);
  Socket silent(port());
  Socket half(port());
  half.write("GET / HT");
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  // Sent pings, a client lives as long as it answers them: for more than the time after which another one is gone.
  WebSocket lively = echo();
  WebSocket dead = echo();
  ASSERT_TRUE(lively.is_open() && dead.is_open());
  std::int64_t sockets = 2;
  for (int pings = 0; pings < 20 && (pings < 3 || sockets > 1); ++pings) {
    const std::string head = lively.socket().read(2);
    ASSERT_EQ(head.size(), 2U) << "after " << pings << " pings";
    ASSERT_EQ(head[0], '\x89');
    lively.send(10, lively.socket().read(static_cast<std::size_t>(head[1])));
    sockets = metric(*hub_, "rejoin_sockets");
  }
  EXPECT_EQ(sockets, 1);
  expect_alive(lively);
}

TEST_F(HubTest, TooManyOfThem) {
  net::HubOptions small = options();
  small.connections = 4;
  small.connections_per_room = 2;
  small.rooms = 2;
  start(small);
  {
    WebSocket one = echo("a");
    WebSocket two = echo("a");
    EXPECT_EQ(echo("a").status(), 503);
    // Who is refused counts until the hub sees him go.
    ASSERT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 2; }));
    WebSocket three = echo("b");
    EXPECT_EQ(echo("c").status(), 503);
    ASSERT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 3; }));
    WebSocket four = echo("b");
    ASSERT_TRUE(four.is_open());
    EXPECT_EQ(echo("b").status(), 0);
    expect_alive(one);
  }
  ASSERT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 0; }));
  EXPECT_TRUE(echo("a").is_open());
}

TEST_F(HubTest, ASlowReaderCostsNoMemory) {
  start();
  WebSocket slow(port(), "/room", kEcho, 4096);
  WebSocket quick = echo();
  const int before = messages_made;
  slow.text("flood 100000");  // 6 GiB
  int made = before;
  int same = 0;  // how many looks found no more than the one before
  // Until the kernel's buffers are full.
  ASSERT_TRUE(eventually([&] {
    std::this_thread::sleep_for(milliseconds(100));
    const int now = messages_made;
    same = now > before && now == made ? same + 1 : 0;
    made = now;
    return same == 3;
  }));
  EXPECT_LT(made - before, 300);
  expect_alive(quick);
  // It goes on when it reads again.
  for (int i = 0; i < 500; ++i) ASSERT_EQ(slow.read().payload.size(), 65536U);
  EXPECT_GT(messages_made - before, 500);
}

TEST_F(HubTest, AFloodOfMessagesIsReadOneByOne) {
  start();
  WebSocket client = echo();
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) client.text(std::to_string(i));
  });
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(client.read().payload, std::to_string(i));
  writer.join();
}

}  // namespace
}  // namespace rejoin::net_test
