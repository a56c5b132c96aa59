// A TCP connection, in the clear or under TLS: one type, so that all above it is compiled once.
#pragma once

#include <memory>
#include <utility>

#include <net/boost.hpp>

#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace rejoin::net {

class Stream {
 public:
  using executor_type = tcp::socket::executor_type;

  /// With `tls`, all goes through TLS once the handshake is done.
  Stream(tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, *tls);
  }

  executor_type get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() { return socket_; }
  /// Null where there is none.
  asio::ssl::stream<tcp::socket&>* tls() { return tls_.get(); }

  template <typename Buffers, typename Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    return socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    return socket_.async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// At once; what is under way ends with an error.
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
  std::unique_ptr<asio::ssl::stream<tcp::socket&>> tls_;
};

// How Beast closes what it does not know: after the close frames, and when a time is up.

inline void beast_close_socket(Stream& stream) { stream.close(); }

template <typename Handler>
void async_teardown(boost::beast::role_type role, Stream& stream, Handler&& handler) {
  // Without TLS's own goodbye: the close frames have said it already, and many peers never answer it.
  boost::beast::websocket::async_teardown(role, stream.socket(), std::forward<Handler>(handler));
}

}  // namespace rejoin::net
