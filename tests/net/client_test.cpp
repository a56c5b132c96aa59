// Two clients and a hub between them: over the real protocol, by real sockets.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <vector>

#include <rejoin/sync/client.hpp>

#include "net/hub_fixture.hpp"
#include "support/database.hpp"

namespace rejoin::net_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using sync::Client;
using sync::ClientOptions;
using sync::ClientState;
using test::Database;

class ClientTest : public HubTest {
 protected:
  void serve(std::uint16_t at = 0) {
    net::HubOptions real = options();
    real.protocols.clear();
    real.port = at;
    start(real);
  }

  ClientOptions client(const std::string& name, const std::string& room = "room") const {
    ClientOptions options;
    options.path = path(name).string();
    options.url = "ws://127.0.0.1:" + std::to_string(port()) + "/" + room;
    options.first_retry = milliseconds(50);
    options.last_retry = milliseconds(200);
    return options;
  }

  std::unique_ptr<Client> opened(const ClientOptions& options) const {
    auto client = Client::open(options);
    EXPECT_TRUE(client.ok()) << client.status().message();
    return client.ok() ? std::move(client).value() : nullptr;
  }

  sync::Traffic once(const std::string& name) const {
    const auto traffic = opened(client(name))->sync_once(seconds(120));
    EXPECT_TRUE(traffic.ok()) << traffic.status().message();
    return traffic.ok() ? *traffic : sync::Traffic();
  }

  void exec(const std::string& name, const std::string& sql) const { beside(name).exec(sql); }
  std::string digest(const std::string& name) const {
    const Database db = beside(name);
    const auto digest = Replica::on(db.handle())->digest();
    return std::to_string(digest->high) + "/" + std::to_string(digest->low);
  }
  std::int64_t integer(const std::string& name, const std::string& sql) const { return beside(name).integer(sql); }
};

const std::string kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('t');";

TEST_F(ClientTest, OneShotBringsBothUpToDate) {
  serve();
  exec("a.db", kTable + "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  sync::Traffic traffic = once("a.db");
  EXPECT_EQ(traffic.changes_out, 2);
  EXPECT_EQ(traffic.changes_in, 0);
  // A new device gets the tables and the rows.
  traffic = once("b.db");
  EXPECT_EQ(traffic.changes_won, 2);
  EXPECT_EQ(integer("b.db", "SELECT count(*) FROM t"), 2);
  exec("b.db", "UPDATE t SET v = 'bb' WHERE id = 2; INSERT INTO t VALUES (3, 'c')");
  exec("a.db", "DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (4, 'd')");
  once("b.db");
  once("a.db");
  once("b.db");
  EXPECT_EQ(digest("a.db"), digest("b.db"));
  EXPECT_EQ(digest("a.db"), digest("rooms/room.db"));
  EXPECT_EQ(integer("a.db", "SELECT count(*) FROM t"), 3);
  traffic = once("a.db");
  EXPECT_EQ(traffic.changes_out, 0);
}

TEST_F(ClientTest, AColumnThatIsNewTravels) {
  serve();
  exec("a.db", kTable + "INSERT INTO t VALUES (1, 'a')");
  once("a.db");
  once("b.db");
  exec("a.db",
       "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN w INT; SELECT crsql_commit_alter('t');"
       "UPDATE t SET w = 5");
  once("a.db");
  once("b.db");
  EXPECT_EQ(integer("b.db", "SELECT w FROM t"), 5);
}

TEST_F(ClientTest, RunningClientsStayTogetherThroughARestartOfTheHub) {
  serve();
  exec("a.db", kTable);
  const auto a = opened(client("a.db"));
  const auto b = opened(client("b.db"));
  ASSERT_TRUE(a->start().ok());
  ASSERT_TRUE(b->start().ok());
  EXPECT_EQ(a->start().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(a->sync_once(seconds(1)).status().code(), ErrorCode::kInvalidArgument);
  const auto count_in = [&](const std::string& name) {
    const Database db = beside(name);
    return db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 't'") == 0
               ? -1
               : db.integer("SELECT count(*) FROM t");
  };
  exec("a.db", "INSERT INTO t VALUES (1, 'x')");
  a->notify();
  EXPECT_TRUE(eventually([&] { return count_in("b.db") == 1; }));
  const std::uint16_t same = port();
  hub_.reset();
  exec("a.db", "INSERT INTO t VALUES (2, 'x')");
  exec("b.db", "INSERT INTO t VALUES (3, 'x')");
  serve(same);
  EXPECT_TRUE(eventually([&] { return count_in("b.db") == 3 && count_in("a.db") == 3; }));
  a->stop();
  b->stop();
  a->stop();
  EXPECT_EQ(digest("a.db"), digest("b.db"));
}

TEST_F(ClientTest, TellsHowItIs) {
  serve();
  std::mutex mutex;
  std::vector<ClientState> states;
  ClientOptions telling = client("a.db");
  telling.on_state = [&](const ClientState& state) {
    const std::lock_guard lock(mutex);
    states.push_back(state);
  };
  const auto is = [&](auto condition) {
    const std::lock_guard lock(mutex);
    return !states.empty() && condition(states.back());
  };
  const auto a = opened(telling);
  ASSERT_TRUE(a->start().ok());
  EXPECT_TRUE(eventually([&] { return is([](auto& s) { return s.connected && s.settled && s.error.empty(); }); }));
  const std::uint16_t same = port();
  hub_.reset();
  EXPECT_TRUE(eventually([&] {
    return is([](auto& s) { return !s.connected && !s.settled && !s.error.empty() && s.next_try.count() >= 25; });
  }));
  serve(same);
  EXPECT_TRUE(eventually([&] { return is([](auto& s) { return s.settled; }); }));
}

TEST_F(ClientTest, SaysWhyItDoesNotSync) {
  write_file("tokens", "room secret\n");
  net::HubOptions guarded = options();
  guarded.protocols.clear();
  guarded.tokens_file = path("tokens").string();
  start(guarded);
  ClientOptions options = client("a.db");
  const auto error_of = [&] { return opened(options)->sync_once(seconds(60)).status().message(); };
  EXPECT_NE(error_of().find("401: this room wants another token"), std::string::npos) << error_of();
  options.token = "secret";
  EXPECT_EQ(error_of(), "");
  options.token = "";
  options.url += "?token=secret";
  EXPECT_EQ(error_of(), "");
  options.url = "ws://127.0.0.1:1/room";
  EXPECT_NE(error_of().find("refused"), std::string::npos) << error_of();
  // No name for DNS, which is not asked: it may take longer to answer than anybody waits.
  options.url = "ws://no..such.host/room";
  EXPECT_NE(error_of().find("no..such.host: its name"), std::string::npos) << error_of();
  options.url = "nonsense";
  EXPECT_EQ(Client::open(options).status().code(), ErrorCode::kInvalidArgument);
  options = client("a.db");
  options.token = "a b";
  EXPECT_EQ(Client::open(options).status().code(), ErrorCode::kInvalidArgument);
  options = client("no/such/folder/a.db");
  EXPECT_FALSE(Client::open(options).ok());
}

TEST_F(ClientTest, AHubThatSaysNothingIsGivenUp) {
  serve();
  ClientOptions impatient = client("a.db");
  impatient.connect_timeout = milliseconds(300);
  // A socket that listens and never answers: the kernel takes the connection.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  impatient.url = "ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/room";
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(opened(impatient)->sync_once(seconds(60)).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(14));  // 15 by default
  impatient.connect_timeout = seconds(60);
  EXPECT_EQ(opened(impatient)->sync_once(milliseconds(200)).status().code(), ErrorCode::kBusy);
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(60));
  close(listener);
}

TEST_F(ClientTest, ManyClientsOfARoomBecomeEqual) {
  serve();
  exec("0.db", kTable);
  once("0.db");
  constexpr int kClients = 6;
  const auto name = [](int i) { return std::to_string(i) + ".db"; };
  for (int i = 1; i < kClients; ++i) once(name(i));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(opened(client(name(i))));
    ASSERT_TRUE(clients.back()->start().ok());
  }
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < kClients; ++i) {
      exec(name(i), "INSERT OR REPLACE INTO t VALUES (" + std::to_string(round % 3) + ", 'r" + std::to_string(i) +
                        "');" + "INSERT INTO t VALUES (" + std::to_string(1000 * (i + 1) + round) +
                        ", hex(randomblob(20)))");
      if (round % 2 == 0) clients[static_cast<std::size_t>(i)]->notify();
    }
  }
  EXPECT_TRUE(eventually([&] {
    // Taken once: a client that has the room's digest of another moment may lack what has come to the room since.
    const std::string all = digest("rooms/room.db");
    for (int i = 0; i < kClients; ++i) {
      if (digest(name(i)) != all) return false;
    }
    return true;
  }));
  EXPECT_EQ(integer("0.db", "SELECT count(*) FROM t"), 3 + 10 * kClients);
  EXPECT_EQ(metric(*hub_, "rejoin_peer_errors_total"), 0);
}

TEST_F(ClientTest, ALargeFileThroughASmallWindow) {
  serve();
  exec("a.db", kTable +
                   "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                   "INSERT INTO t SELECT i, hex(randomblob(100)) FROM n");
  exec("a.db", "INSERT INTO t VALUES (-1, hex(randomblob(3000000)))");
  once("a.db");
  once("b.db");
  EXPECT_EQ(digest("a.db"), digest("b.db"));
}

}  // namespace
}  // namespace rejoin::net_test
