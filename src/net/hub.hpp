// A server of rooms: each a database file that whoever connects to it keeps in sync.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rejoin/status.hpp>

#include <net/protocol.hpp>

namespace rejoin::net {

struct HubOptions {
  std::string data;                ///< the folder of the rooms' files; made if it is not there
  std::string host = "127.0.0.1";  ///< an address of this machine
  std::uint16_t port = 8787;       ///< 0: any that is free
  unsigned threads = 0;            ///< 0: as many as there are cores
  std::string schemas;             ///< a folder of .sql files for vlcn's clients; empty: none
  bool fixed_schema = false;       ///< do not make tables and columns that clients have and a room lacks
  std::string tokens_file;         ///< lines "ROOM TOKEN" or "* TOKEN"; empty: no such list
  std::string auth_command;        ///< see Gatekeeper; empty: none
  /// Of browsers' pages that may connect, "*": all. Empty: all where a token is asked for, else those of this machine
  /// and of the host that is connected to: a page from elsewhere must not reach what its reader can reach.
  std::vector<std::string> origins;
  std::string tls_certificate;  ///< PEM, the chain; with tls_key: wss
  std::string tls_key;
  std::size_t message_bytes = std::size_t{16} << 20;  ///< the largest message that is taken
  std::size_t connections = 1000;                     ///< at most, in all
  std::size_t connections_per_room = 1000;
  std::size_t rooms = 1000;  ///< open at once, at most
  std::chrono::milliseconds handshake_timeout{10000};
  std::chrono::milliseconds idle_timeout{60000};  ///< without a sign of life; a ping is sent at half of it
  std::chrono::milliseconds room_idle{30000};     ///< how long a room without connections stays open
  std::chrono::milliseconds auth_timeout{5000};
  std::vector<Protocol> protocols;              ///< empty: standard_protocols()
  std::function<void(const std::string&)> log;  ///< what an operator should know; called from any thread
};

class Hub {
 public:
  /// Listens, and serves on threads of its own. What is wrong with the options is said here.
  static Result<std::unique_ptr<Hub>> start(HubOptions options) noexcept;
  ~Hub();

  /// The port that it listens on.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Takes no more connections, closes those that are there and the rooms, and returns when that is done.
  void stop() noexcept;

  /// The numbers of GET /metrics.
  [[nodiscard]] std::string metrics() const;

 private:
  struct State;
  explicit Hub(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace rejoin::net
