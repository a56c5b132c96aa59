// A hub in the test's own process, over a protocol that is simple enough to see what the hub itself does.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <net/hub.hpp>

#include "net/sockets.hpp"
#include "support/database.hpp"
#include "support/temporary.hpp"

namespace rejoin::net_test {

/// Sec-WebSocket-Protocol: echo, room and token as in rejoin.1. Each message comes back as it is, but for
/// "fail REASON" and "crash REASON" (the Peer fails, by the client's fault and by ours), "write SQL" (runs it in the
/// room's database), "tell SQL" (answers with its first value now and after each commit) and "flood N" (N messages of
/// 64 KiB).
net::Protocol echo_protocol();

/// How many messages echo Peers have made.
extern std::atomic<int> messages_made;

inline const std::string kEcho = "Sec-WebSocket-Protocol: echo\r\n";

class HubTest : public ::testing::Test {
 protected:
  /// A hub with the echo protocol, on any port, in a folder of the test's own.
  net::HubOptions options() const;
  void start(net::HubOptions options);
  void start() { start(options()); }

  [[nodiscard]] std::uint16_t port() const { return hub_->port(); }
  WebSocket echo(const std::string& room = "room") { return {port(), "/" + room, kEcho}; }
  std::filesystem::path path(const std::string& name) const { return dir_.path() / name; }
  void write_file(const std::string& name, const std::string& text) const;
  /// A database that a hub or a client has open too: it waits for its locks.
  test::Database beside(const std::string& name) const;

  test::TemporaryDirectory dir_;
  std::unique_ptr<net::Hub> hub_;
};

}  // namespace rejoin::net_test
