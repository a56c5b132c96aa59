#include "net/hub_fixture.hpp"

#include <net/sql.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <deque>
#include <fstream>

namespace rejoin::net_test {
namespace {

class EchoPeer : public sync::Peer {
 public:
  explicit EchoPeer(const Replica& replica) : replica_(replica) {}

  Status receive(std::span<const std::uint8_t> bytes, bool text) noexcept override {
    const std::string said(bytes.begin(), bytes.end());
    const std::string rest = said.substr(std::min(said.find(' ') + 1, said.size()));
    if (said.starts_with("fail ")) return {ErrorCode::kInvalidArgument, rest};
    if (said.starts_with("crash ")) return {ErrorCode::kCorrupt, rest};
    if (said.starts_with("write ")) return net::execute(replica_.connection(), rest);
    if (said.starts_with("flood ")) {
      flood_ = std::stoi(rest);
    } else if (said.starts_with("tell ")) {
      watched_ = rest;
    } else {
      answers_.push_back({Blob(bytes.begin(), bytes.end()), text});
    }
    return {};
  }

  Result<bool> next(sync::Message& message) noexcept override {
    if (!watched_.empty()) {
      const auto value = net::number_of(replica_.connection(), watched_);
      if (!value.ok()) return value.status();
      if (*value != told_) {
        told_ = *value;
        const std::string text = std::to_string(told_);
        answers_.push_back({Blob(text.begin(), text.end()), true});
      }
    }
    if (flood_ > 0 && answers_.empty()) {
      --flood_;
      answers_.push_back({Blob(65536, 'f'), false});
    }
    if (answers_.empty()) return false;
    ++messages_made;
    message = std::move(answers_.front());
    answers_.pop_front();
    return true;
  }

  Status tick(std::int64_t) noexcept override { return {}; }
  [[nodiscard]] sync::Traffic traffic() const noexcept override { return {}; }

 private:
  Replica replica_;
  std::deque<sync::Message> answers_;
  std::string watched_;
  std::int64_t told_ = -1;
  int flood_ = 0;
};

}  // namespace

std::atomic<int> messages_made = 0;

net::Protocol echo_protocol() {
  net::Protocol protocol;
  protocol.name = "echo";
  protocol.claim = [](const net::Greeting& greeting) -> std::optional<net::Claim> {
    const auto& offered = greeting.subprotocols;
    if (std::find(offered.begin(), offered.end(), "echo") == offered.end()) return std::nullopt;
    return net::Claim{greeting.path.substr(1), greeting.bearer, "echo"};
  };
  protocol.make = [](const net::RoomView& room) -> Result<std::unique_ptr<sync::Peer>> {
    return std::unique_ptr<sync::Peer>(std::make_unique<EchoPeer>(room.replica));
  };
  return protocol;
}

net::HubOptions HubTest::options() const {
  net::HubOptions options;
  options.data = path("rooms").string();
  options.port = 0;
  options.threads = 2;
  options.protocols = {echo_protocol()};
  return options;
}

void HubTest::start(net::HubOptions options) {
  hub_.reset();
  auto hub = net::Hub::start(std::move(options));
  ASSERT_TRUE(hub.ok()) << hub.status().message();
  hub_ = std::move(hub).value();
}

void HubTest::write_file(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
}

test::Database HubTest::beside(const std::string& name) const {
  test::Database db(path(name).string(), test::Engine::kAbsent);
  // Before the engine is attached, which reads the file.
  sqlite3_busy_timeout(db.handle(), 60000);
  EXPECT_TRUE(Replica::on(db.handle()).ok());
  return db;
}

}  // namespace rejoin::net_test
