// A client's socket: TLS, the HTTP request, and then a WebSocket whose messages go to and from a seat in a room.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <net/boost.hpp>
#include <net/http.hpp>
#include <net/protocol.hpp>
#include <net/room.hpp>
#include <net/stream.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace rejoin::net {

class Connection : public Outlet, public std::enable_shared_from_this<Connection> {
 public:
  /// `socket` has a strand of its own, in which all of the connection happens.
  Connection(HubState& hub, tcp::socket socket);

  void begin();

  // From any thread.
  void send(sync::Message&& message) override;
  void read_on() override;
  void close(std::uint16_t code, const std::string& reason) override;
  /// The hub stops: says goodbye where there is somebody to say it to.
  void stop();
  /// Ends it at once.
  void abort();

 private:
  enum class Phase { kHttp, kOpen, kClosing, kOver };

  void set_deadline(std::chrono::milliseconds time);
  void read_request();
  void on_request(error_code error);
  void upgrade(const Greeting& greeting);
  void enter(bool allowed);
  void sit();
  void on_seat(Result<std::shared_ptr<Seat>> seat);
  void accept();
  void on_accept(error_code error);
  void answer(Answer answer);
  void refuse(Answer answer);
  void linger();
  void read();
  void on_read(error_code error);
  void write();
  void start_closing(std::uint16_t code, const std::string& reason);
  void finish();

  HubState& hub_;
  boost::beast::websocket::stream<Stream> socket_;
  asio::steady_timer deadline_;
  boost::beast::flat_buffer in_;
  std::optional<RequestParser> parser_;
  Request request_;
  std::size_t protocol_ = 0;
  Claim claim_;
  bool entered_ = false;  // counted as a visitor of the room
  std::shared_ptr<Room> room_;
  std::shared_ptr<Seat> seat_;
  sync::Message out_;
  Phase phase_ = Phase::kHttp;
  bool reading_ = false;
};

}  // namespace rejoin::net
