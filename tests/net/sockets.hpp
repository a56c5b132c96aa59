// Raw sockets and just enough HTTP and WebSocket to say right and wrong things to a hub.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <net/hub.hpp>

namespace rejoin::net_test {

/// A TCP connection to a port of this machine. Reads give up after a minute.
class Socket {
 public:
  explicit Socket(std::uint16_t port, int receive_buffer = 0);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;

  /// False: the other side is gone.
  bool write(const std::string& bytes);
  /// Some bytes; empty: the other side has closed, or says nothing.
  std::string read_some();
  /// All until the other side closes.
  std::string read_all();
  /// Exactly so many; fewer where there are no more.
  std::string read(std::size_t size);
  /// Up to the end of an HTTP header.
  std::string read_header();
  /// Says that there is no more to come.
  void shut();

 private:
  int descriptor_ = -1;
  std::string ahead_;
};

struct Frame {
  int opcode = -1;  // -1: none, the connection is closed
  std::string payload;

  /// Of a close frame.
  [[nodiscard]] int code() const;
  [[nodiscard]] std::string reason() const { return payload.size() > 2 ? payload.substr(2) : ""; }
};

/// A frame as a client must send it, or not quite.
std::string frame_of(int opcode, const std::string& payload, bool masked = true, bool final = true);

/// An upgrade request.
std::string upgrade_request(const std::string& target, const std::string& more_fields);

/// A WebSocket. `fields`: more header lines, each ending in CR LF.
class WebSocket {
 public:
  WebSocket(std::uint16_t port, const std::string& target, const std::string& fields, int receive_buffer = 0);

  /// The first line and the fields of the answer.
  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] int status() const;
  [[nodiscard]] bool is_open() const { return status() == 101; }

  bool send(int opcode, const std::string& payload) { return socket_.write(frame_of(opcode, payload)); }
  bool text(const std::string& payload) { return send(1, payload); }
  bool binary(const std::string& payload) { return send(2, payload); }
  /// The next frame that is no ping.
  Frame read();
  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  std::string header_;
};

/// An HTTP request's whole answer.
std::string http_get(std::uint16_t port, const std::string& target);

/// The value of a line of /metrics; -1: there is none.
std::int64_t metric(const net::Hub& hub, const std::string& name);

/// Waits up to a minute for it: longer than a loaded machine needs.
template <typename Condition>
bool eventually(const Condition& condition);

void sleep_for_a_moment();

template <typename Condition>
bool eventually(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (;;) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    sleep_for_a_moment();
  }
}

}  // namespace rejoin::net_test
