#include <net/client_link.hpp>

#include <net/schema.hpp>
#include <net/sql.hpp>
#include <net/text.hpp>

#include <boost/asio/connect.hpp>
#include <boost/beast/websocket/error.hpp>

#include <chrono>
#include <utility>

namespace rejoin::net {
namespace {

namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;

constexpr std::int64_t kTick = 1000;
constexpr std::chrono::milliseconds kGoodbye{2000};
constexpr std::size_t kWriteBuffer = std::size_t{64} << 10;
constexpr std::uint32_t kLongestAnswer = 1 << 16;

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

ClientLink::ClientLink(asio::io_context& io, asio::ssl::context* tls, const sync::ClientOptions& options,
                       const Url& url, LinkMemory& memory, Replica replica, LinkEvents events)
    : options_(options),
      url_(url),
      memory_(memory),
      replica_(std::move(replica)),
      events_(std::move(events)),
      resolver_(io),
      socket_(tcp::socket(io), tls),
      deadline_(io),
      look_(io) {}

void ClientLink::begin() {
  set_deadline(options_.connect_timeout);
  resolver_.async_resolve(url_.host, url_.port,
                          [self = shared_from_this()](error_code error, const tcp::resolver::results_type& addresses) {
                            if (error) return self->end(self->failure("its name cannot be looked up", error));
                            self->connect(addresses);
                          });
}

// Whatever is under way when the time is up ends with an error.
void ClientLink::set_deadline(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this()](error_code error) {
    if (error) return;
    self->timed_out_ = true;
    self->resolver_.cancel();
    self->socket_.next_layer().close();
  });
}

void ClientLink::connect(const tcp::resolver::results_type& addresses) {
  asio::async_connect(socket_.next_layer().socket(), addresses,
                      [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                        if (error) return self->end(self->failure("no connection", error));
                        error_code ignored;
                        self->socket_.next_layer().socket().set_option(tcp::no_delay(true), ignored);
                        self->secure();
                      });
}

void ClientLink::secure() {
  auto* tls = socket_.next_layer().tls();
  if (tls == nullptr) return shake_hands();
  SSL_set_tlsext_host_name(tls->native_handle(), url_.host.c_str());
  error_code error;
  tls->set_verify_mode(asio::ssl::verify_peer, error);
  if (!error) tls->set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
  if (error) return end(failure("no TLS", error));
  tls->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](error_code failed) {
    if (failed) return self->end(self->failure("no TLS", failed));
    self->shake_hands();
  });
}

void ClientLink::shake_hands() {
  socket_.set_option(websocket::stream_base::timeout{options_.connect_timeout, options_.idle_timeout, true});
  socket_.set_option(websocket::stream_base::decorator([token = options_.token](websocket::request_type& request) {
    request.set(http::field::sec_websocket_protocol, sync::kProtocol);
    request.set(http::field::user_agent, "rejoin/" REJOIN_VERSION);
    if (!token.empty()) request.set(http::field::authorization, cat("Bearer ", token));
  }));
  socket_.read_message_max(options_.message_bytes);
  socket_.auto_fragment(false);
  socket_.write_buffer_bytes(kWriteBuffer);
  socket_.async_handshake(response_, url_.authority, url_.target, [self = shared_from_this()](error_code error) {
    if (error == websocket::error::upgrade_declined) {
      const std::string said = text_of(self->response_.body()).substr(0, kLongestAnswer);
      return self->end({ErrorCode::kInvalidArgument,
                        cat(self->url_.authority, " answers ", std::to_string(self->response_.result_int()), ": ",
                            utf8_cut(said.substr(0, said.find('\n')), 200))});
    }
    if (error) return self->end(self->failure("no WebSocket", error));
    if (text_of(self->response_[http::field::sec_websocket_protocol]) != sync::kProtocol) {
      return self->end({ErrorCode::kInvalidArgument, cat(self->url_.authority, " does not speak ", sync::kProtocol)});
    }
    self->begin_session();
  });
}

sync::SessionOptions ClientLink::session_options() {
  sync::SessionOptions session;
  session.describe = [replica = replica_] { return describe_schema(replica); };
  if (!options_.fixed_schema) {
    session.adopt = [replica = replica_](const std::vector<sync::TableSpec>& tables) mutable {
      return adopt_schema(replica, tables);
    };
  }
  session.repair = options_.repair && !memory_.repaired;
  session.timeline = memory_.timeline;
  return session;
}

void ClientLink::begin_session() {
  deadline_.cancel();
  if (over_ || closing_) return end(Status());
  auto session = sync::Session::begin(replica_, session_options());
  if (!session.ok()) return end(session.status());
  session_ = std::move(session).value();
  // It is told the time at once, so that what it puts off counts from now.
  last_tick_ = milliseconds_now();
  if (const Status status = session_->tick(last_tick_); !status.ok()) return end(status);
  events_.changed();
  read();
  look();
  pump();
}

void ClientLink::read() {
  in_.clear();
  socket_.async_read(in_, [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void ClientLink::on_read(error_code error) {
  if (over_ || closing_) return;
  if (error == websocket::error::closed) {
    const std::string reason = text_of(socket_.reason().reason);
    return end({ErrorCode::kInvalidArgument,
                cat(url_.authority, " has closed the connection", reason.empty() ? "" : ": ", reason)});
  }
  if (error) return end(failure("the connection is lost", error));
  const auto bytes = in_.cdata();
  const Status status =
      session_->receive({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, socket_.got_text());
  if (!status.ok()) return end(status);
  pump();
  if (!over_ && !closing_) read();
}

void ClientLink::pump() {
  if (!session_ || writing_ || over_ || closing_) return;
  const Result<bool> more = session_->next(out_);
  if (!more.ok()) return end(more.status());
  check_settled(!*more);
  if (!*more || over_ || closing_) return;
  writing_ = true;
  socket_.text(out_.text);
  socket_.async_write(asio::buffer(out_.bytes), [self = shared_from_this()](error_code error, std::size_t) {
    self->writing_ = false;
    if (self->over_ || self->closing_) return;
    if (error) return self->end(self->failure("the connection is lost", error));
    self->pump();
  });
}

void ClientLink::look() {
  look_.expires_after(options_.poll);
  look_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && !self->over_ && !self->closing_) self->watch();
  });
}

// Once in a moment: whether another connection has written to the file, and what the time is.
void ClientLink::watch() {
  const auto version = number_of(replica_.connection(), "PRAGMA data_version");
  const std::int64_t now = milliseconds_now();
  bool news = version.ok() && *version != data_version_;
  if (version.ok()) data_version_ = *version;
  if (now - last_tick_ >= kTick) {
    last_tick_ = now;
    if (const Status status = session_->tick(now); !status.ok()) return end(status);
    news = true;
  }
  if (news) pump();
  if (!over_ && !closing_) look();
}

void ClientLink::check_settled(bool nothing_to_say) {
  const bool settled = nothing_to_say && session_->settled();
  memory_.repaired = memory_.repaired || settled;
  if (std::exchange(settled_, settled) != settled) events_.changed();
}

sync::Traffic ClientLink::traffic() const { return session_ ? session_->traffic() : last_traffic_; }

void ClientLink::close() {
  if (over_ || closing_) return;
  if (!session_) return end(Status());
  closing_ = true;
  set_deadline(kGoodbye);
  socket_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) { self->end(Status()); });
}

void ClientLink::abort() { end(Status()); }

Status ClientLink::failure(const std::string& what, error_code error) const {
  const std::string why = timed_out_ || error == boost::beast::error::timeout ? "the time is up" : error.message();
  return {ErrorCode::kSqlite, cat(url_.authority, ": ", what, ": ", why)};
}

void ClientLink::end(const Status& status) {
  if (std::exchange(over_, true)) return;
  const auto self = shared_from_this();
  last_traffic_ = traffic();
  // A peer that has said what it must not is told so; nobody waits for its answer.
  if (session_ && !status.ok() && socket_.is_open() && !closing_) {
    const websocket::close_reason reason(websocket::close_code::policy_error, close_reason(status.message()));
    set_deadline(kGoodbye);
    socket_.async_close(reason, [self](error_code) {
      self->deadline_.cancel();
      self->socket_.next_layer().close();
    });
  } else {
    deadline_.cancel();
    socket_.next_layer().close();
  }
  session_.reset();
  settled_ = false;
  look_.cancel();
  resolver_.cancel();
  events_.over(status);
}

}  // namespace rejoin::net
