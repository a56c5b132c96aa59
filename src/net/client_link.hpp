// One connection of a Client to its hub, from the first packet to the last. All in the thread that runs its io_context.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <net/boost.hpp>
#include <net/stream.hpp>
#include <net/url.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <rejoin/replica.hpp>
#include <rejoin/sync/client.hpp>
#include <rejoin/sync/session.hpp>

namespace rejoin::net {

/// What a link tells of itself.
struct LinkEvents {
  std::function<void()> changed;            ///< connected, or settled, or no more so
  std::function<void(const Status&)> over;  ///< once, as the last: fine where it was asked to close
};

/// What the links of one Client have in common, one after another.
struct LinkMemory {
  std::shared_ptr<sync::Timeline> timeline = sync::make_timeline();
  bool repaired = false;  ///< all rows were compared, if that was asked for
};

class ClientLink : public std::enable_shared_from_this<ClientLink> {
 public:
  ClientLink(asio::io_context& io, asio::ssl::context* tls, const sync::ClientOptions& options, const Url& url,
             LinkMemory& memory, Replica replica, LinkEvents events);

  void begin();
  /// Says goodbye.
  void close();
  /// Ends it at once.
  void abort();
  /// There may be news in the file.
  void pump();

  [[nodiscard]] bool connected() const { return session_ != nullptr; }
  /// Settled, and nothing more to say.
  [[nodiscard]] bool settled() const { return settled_; }
  [[nodiscard]] sync::Traffic traffic() const;

 private:
  using Socket = boost::beast::websocket::stream<Stream>;

  void set_deadline(std::chrono::milliseconds time);
  void connect(const tcp::resolver::results_type& addresses);
  void secure();
  void shake_hands();
  void begin_session();
  sync::SessionOptions session_options();
  void read();
  void on_read(error_code error);
  void watch();
  void look();
  void check_settled(bool nothing_to_say);
  void end(const Status& status);
  Status failure(const std::string& what, error_code error) const;

  const sync::ClientOptions& options_;
  const Url& url_;
  LinkMemory& memory_;
  Replica replica_;
  LinkEvents events_;
  tcp::resolver resolver_;
  Socket socket_;
  asio::steady_timer deadline_;
  asio::steady_timer look_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  boost::beast::flat_buffer in_;
  sync::Message out_;
  std::unique_ptr<sync::Session> session_;
  sync::Traffic last_traffic_;
  std::int64_t data_version_ = -1;
  std::int64_t last_tick_ = 0;
  bool writing_ = false;
  bool settled_ = false;
  bool closing_ = false;
  bool timed_out_ = false;
  bool over_ = false;
};

}  // namespace rejoin::net
