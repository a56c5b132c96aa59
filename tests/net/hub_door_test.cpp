// Who may enter: tokens, the command, origins; TLS.
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <rejoin/sync/client.hpp>

#include "net/hub_fixture.hpp"

namespace rejoin::net_test {
namespace {

using std::chrono::milliseconds;

std::string bearer(const std::string& token) { return kEcho + "Authorization: Bearer " + token + "\r\n"; }

TEST_F(HubTest, AListOfTokens) {
  write_file("tokens", "# comment\n\nroom secret\nother  other-secret\n* master\r\n");
  net::HubOptions guarded = options();
  guarded.tokens_file = path("tokens").string();
  start(guarded);
  EXPECT_EQ(echo().status(), 401);
  EXPECT_NE(echo().header().find("WWW-Authenticate: Bearer"), std::string::npos);
  EXPECT_TRUE(WebSocket(port(), "/room", bearer("secret")).is_open());
  EXPECT_TRUE(WebSocket(port(), "/room", bearer("master")).is_open());
  EXPECT_TRUE(WebSocket(port(), "/any", bearer("master")).is_open());
  for (const char* token : {"other-secret", "secre", "secretx", "Secret", "", "*", "%00"}) {
    EXPECT_EQ(WebSocket(port(), "/room", bearer(token)).status(), 401) << token;
  }
  EXPECT_EQ(WebSocket(port(), "/any", bearer("secret")).status(), 401);
  EXPECT_EQ(metric(*hub_, "rejoin_unauthorized_total"), 10);
  EXPECT_TRUE(http_get(port(), "/healthz").starts_with("HTTP/1.1 200"));
  EXPECT_FALSE(std::filesystem::exists(path("rooms/refused.db")));
}

TEST_F(HubTest, ACommandThatIsAsked) {
  write_file("tokens", "room listed\n");
  net::HubOptions guarded = options();
  guarded.tokens_file = path("tokens").string();
  guarded.auth_command = "test \"$REJOIN_ROOM:$REJOIN_TOKEN\" = \"room:it's\"";
  guarded.auth_timeout = std::chrono::minutes(1);
  start(guarded);
  EXPECT_TRUE(WebSocket(port(), "/room", bearer("listed")).is_open());
  EXPECT_TRUE(WebSocket(port(), "/room", bearer("it's")).is_open());
  EXPECT_EQ(WebSocket(port(), "/other", bearer("it's")).status(), 401);
  EXPECT_EQ(WebSocket(port(), "/room", bearer("$(touch x)")).status(), 401);
  EXPECT_EQ(echo().status(), 401);

  guarded.auth_command = "sleep 300; exit 0";
  guarded.auth_timeout = milliseconds(200);
  start(guarded);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(WebSocket(port(), "/room", bearer("x")).status(), 401);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));

  guarded.auth_command = "kill -9 $$";
  start(guarded);
  EXPECT_EQ(WebSocket(port(), "/room", bearer("x")).status(), 401);
}

TEST_F(HubTest, StopsWhileACommandRuns) {
  net::HubOptions guarded = options();
  guarded.auth_command = "touch '" + path("asked").string() + "'; sleep 60";
  guarded.auth_timeout = std::chrono::seconds(60);
  start(guarded);
  Socket waiting(port());
  waiting.write(upgrade_request("/room", kEcho));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path("asked")); })) << "the command runs";
  const auto before = std::chrono::steady_clock::now();
  hub_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
}

// A page from elsewhere, in a browser on this machine, must not reach a hub that asks for no token.
TEST_F(HubTest, PagesOfElsewhereStayOutsideByDefault) {
  start();
  const auto status = [&](const std::string& origin) {
    return WebSocket(port(), "/room", kEcho + "Origin: " + origin + "\r\n").status();
  };
  EXPECT_EQ(status("https://evil.example"), 403);
  EXPECT_EQ(status("http://localhost.evil.example:80"), 403);
  EXPECT_EQ(status("http://evil.example:8787"), 403);
  EXPECT_EQ(status("null"), 403);
  for (const char* fine : {"http://localhost:5173", "http://127.0.0.1", "http://[::1]:80", "https://localhost"}) {
    EXPECT_EQ(status(fine), 101) << fine;
  }
}

TEST_F(HubTest, OriginsOfPages) {
  net::HubOptions guarded = options();
  guarded.origins = {"https://fine.example"};
  start(guarded);
  EXPECT_TRUE(echo().is_open());
  EXPECT_TRUE(WebSocket(port(), "/room", kEcho + "Origin: https://fine.example\r\n").is_open());
  EXPECT_EQ(WebSocket(port(), "/room", kEcho + "Origin: https://evil.example\r\n").status(), 403);
}

class TlsTest : public HubTest {
 protected:
  void SetUp() override {
    make_certificate("cert", "localhost");
    make_certificate("other", "elsewhere.example");
  }

  void make_certificate(const std::string& name, const std::string& host) const {
    const std::string command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2" +
                                std::string(" -subj /CN=") + host + " -addext subjectAltName=DNS:" + host +
                                " -keyout " + path(name + ".key").string() + " -out " + path(name + ".pem").string() +
                                " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  net::HubOptions with_tls(const std::string& name) const {
    net::HubOptions options;
    options.data = path("rooms").string();
    options.port = 0;
    options.threads = 2;
    options.tls_certificate = path(name + ".pem").string();
    options.tls_key = path(name + ".key").string();
    return options;
  }

  Status sync(const std::string& scheme, const std::string& ca) const {
    sync::ClientOptions options;
    options.path = path("client.db").string();
    options.url = scheme + "://localhost:" + std::to_string(port()) + "/room";
    if (!ca.empty()) options.ca_file = path(ca + ".pem").string();
    auto client = sync::Client::open(options);
    if (!client.ok()) return client.status();
    return (*client)->sync_once(std::chrono::seconds(60)).status();
  }
};

TEST_F(TlsTest, SyncsAndTrustsOnlyWhomItShould) {
  start(with_tls("cert"));
  const Status fine = sync("wss", "cert");
  EXPECT_TRUE(fine.ok()) << fine.message();
  const Status untrusted = sync("wss", "");
  EXPECT_NE(untrusted.message().find("TLS"), std::string::npos) << untrusted.message();
  EXPECT_FALSE(sync("wss", "other").ok());
  EXPECT_FALSE(sync("ws", "").ok());
  EXPECT_EQ(sync("wss", "missing").code(), ErrorCode::kInvalidArgument);
  // The name is another one.
  start(with_tls("other"));
  EXPECT_FALSE(sync("wss", "other").ok());
}

TEST_F(TlsTest, TakesRubbish) {
  net::HubOptions impatient = with_tls("cert");
  impatient.handshake_timeout = milliseconds(3000);
  start(impatient);
  EXPECT_EQ(http_get(port(), "/healthz").find("200 OK"), std::string::npos);
  Socket silent(port());
  Socket half(port());
  half.write("\x16\x03\x01\x02");
  Socket hello(port());
  hello.write(std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\xff", 10) + std::string(1000, 'x'));
  silent.read_all();
  half.read_all();
  // Again where the machine is too busy for a handshake in that time.
  EXPECT_TRUE(eventually([&] { return sync("wss", "cert").ok(); }));
  EXPECT_TRUE(eventually([&] { return metric(*hub_, "rejoin_sockets") == 0; }));
}

TEST_F(TlsTest, TheKeyMustFit) {
  net::HubOptions wrong = with_tls("cert");
  wrong.tls_key = path("other.key").string();
  const auto hub = net::Hub::start(wrong);
  ASSERT_FALSE(hub.ok());
  EXPECT_NE(hub.status().message().find("other.key"), std::string::npos) << hub.status().message();
}

}  // namespace
}  // namespace rejoin::net_test
