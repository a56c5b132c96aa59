#include <net/connection.hpp>

#include <net/hub_state.hpp>
#include <net/text.hpp>

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <utility>

namespace rejoin::net {
namespace {

namespace websocket = boost::beast::websocket;

constexpr std::uint32_t kLargestRequest = 16384;
constexpr std::chrono::milliseconds kLinger{2000};

websocket::stream_base::timeout timeouts_of(const HubOptions& options) {
  return {options.handshake_timeout, options.idle_timeout, true};
}

// Origin: scheme "://" host [":" port]. Where no token is asked for, pages of this machine and of the host itself.
bool may_connect(const HubState& hub, const std::string& origin, const std::string& host) {
  const auto& origins = hub.options.origins;
  const auto names = [&](const std::string& one) {
    return std::find(origins.begin(), origins.end(), one) != origins.end();
  };
  if (!origins.empty()) return names(origin) || names("*");
  if (!hub.gate->open_to_all()) return true;
  const std::size_t scheme = origin.find("://");
  const std::string authority = scheme == origin.npos ? origin : origin.substr(scheme + 3);
  const std::size_t bracket = authority.find(']');
  const std::string name = authority.substr(0, bracket == authority.npos ? authority.rfind(':') : bracket + 1);
  return authority == host || name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace

Connection::Connection(HubState& hub, tcp::socket socket)
    : hub_(hub), socket_(std::move(socket), hub.tls ? &*hub.tls : nullptr), deadline_(socket_.get_executor()) {}

void Connection::begin() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->set_deadline(self->hub_.options.handshake_timeout);
    auto* tls = self->socket_.next_layer().tls();
    if (tls == nullptr) return self->read_request();
    tls->async_handshake(asio::ssl::stream_base::server, [self](error_code error) {
      if (!error) return self->read_request();
      ++self->hub_.metrics.refused;
      self->finish();
    });
  });
}

// Whatever is under way when the time is up ends with an error.
void Connection::set_deadline(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->socket_.next_layer().close();
  });
}

void Connection::read_request() {
  parser_.emplace();
  parser_->header_limit(kLargestRequest);
  http::async_read(socket_.next_layer(), in_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
}

void Connection::on_request(error_code error) {
  if (phase_ != Phase::kHttp) return finish();
  // Beast's own errors say what was wrong with the bytes; all others are the socket's.
  const bool rubbish = error && error.category() == http::make_error_code(http::error::bad_method).category() &&
                       error != http::error::end_of_stream && error != http::error::partial_message;
  if (rubbish) return refuse(answer_to_rubbish(error));
  if (error) return finish();
  request_ = parser_->release();
  parser_.reset();
  if (websocket::is_upgrade(request_)) return upgrade(greeting_of(request_));
  ++hub_.metrics.requests;
  answer(page_for(request_, hub_.metrics, hub_.protocols));
}

void Connection::upgrade(const Greeting& greeting) {
  const std::string origin(request_[http::field::origin]);
  if (!origin.empty() && !may_connect(hub_, origin, std::string(request_[http::field::host]))) {
    return refuse(text_answer(http::status::forbidden, "pages of this origin may not connect (--origin)"));
  }
  std::optional<Claim> claim;
  for (protocol_ = 0; protocol_ < hub_.protocols.size(); ++protocol_) {
    claim = hub_.protocols[protocol_].claim(greeting);
    if (claim) break;
  }
  if (!claim) {
    return refuse(text_answer(
        http::status::bad_request,
        cat("no protocol that this hub speaks; Sec-WebSocket-Protocol: ", hub_.protocols.front().name, " for one")));
  }
  if (!hub_.protocols[protocol_].make) {
    return refuse(text_answer(http::status::not_implemented, cat(hub_.protocols[protocol_].name, " is not served")));
  }
  if (!is_room_name(claim->room)) {
    return refuse(
        text_answer(http::status::bad_request, "a room is 1 to 128 of A-Z a-z 0-9 . _ - and begins with no ."));
  }
  claim_ = std::move(*claim);
  deadline_.cancel();
  hub_.gate->ask(claim_.room, claim_.token, [self = shared_from_this()](bool allowed) {
    asio::post(self->socket_.get_executor(), [self, allowed] { self->enter(allowed); });
  });
}

void Connection::enter(bool allowed) {
  if (phase_ != Phase::kHttp) return finish();
  if (!allowed) {
    ++hub_.metrics.unauthorized;
    return refuse(text_answer(http::status::unauthorized, "this room wants another token"));
  }
  auto room = hub_.enter(claim_.room);
  if (!room.ok()) return refuse(text_answer(http::status::service_unavailable, room.status().message()));
  entered_ = true;
  room_ = std::move(room).value();
  room_->sit(protocol_, shared_from_this(), [self = shared_from_this()](Result<std::shared_ptr<Seat>> seat) {
    asio::post(self->socket_.get_executor(),
               [self, seat = std::move(seat)]() mutable { self->on_seat(std::move(seat)); });
  });
}

void Connection::on_seat(Result<std::shared_ptr<Seat>> seat) {
  const Status status = seat.status();
  if (status.ok()) seat_ = std::move(seat).value();
  if (phase_ != Phase::kHttp) return finish();
  if (seat_) return accept();
  ++hub_.metrics.internal_errors;
  hub_.log(cat("room ", claim_.room, " cannot be opened: ", status.message()));
  refuse(text_answer(http::status::internal_server_error, "the room cannot be opened"));
}

void Connection::accept() {
  socket_.set_option(timeouts_of(hub_.options));
  socket_.read_message_max(std::max(hub_.options.message_bytes, hub_.protocols[protocol_].least_message_bytes));
  socket_.auto_fragment(false);
  socket_.set_option(
      websocket::stream_base::decorator([subprotocol = claim_.subprotocol](websocket::response_type& response) {
        response.set(http::field::server, "rejoin/" REJOIN_VERSION);
        if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
      }));
  socket_.async_accept(request_, [self = shared_from_this()](error_code error) { self->on_accept(error); });
}

void Connection::on_accept(error_code error) {
  if (error || phase_ != Phase::kHttp) {
    ++hub_.metrics.refused;
    return finish();
  }
  request_ = {};
  phase_ = Phase::kOpen;
  seat_->ready({});
  read();
}

void Connection::refuse(Answer to_send) {
  ++hub_.metrics.refused;
  answer(std::move(to_send));
}

void Connection::answer(Answer to_send) {
  set_deadline(hub_.options.handshake_timeout);
  auto kept = std::make_shared<Answer>(std::move(to_send));
  http::async_write(socket_.next_layer(), *kept, [self = shared_from_this(), kept](error_code error, std::size_t) {
    if (error) return self->finish();
    error_code ignored;
    self->socket_.next_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
    self->set_deadline(kLinger);
    self->linger();
  });
}

// A socket that is closed with bytes unread takes back what was last sent: so they are read until the client hangs up.
void Connection::linger() {
  in_.clear();
  socket_.next_layer().socket().async_read_some(
      in_.prepare(4096), [self = shared_from_this()](error_code error, std::size_t) {
        return error || self->phase_ == Phase::kOver ? self->finish() : self->linger();
      });
}

void Connection::read_on() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::kOpen) self->read();
  });
}

void Connection::read() {
  if (reading_) return;
  reading_ = true;
  in_.clear();
  in_.shrink_to_fit();
  socket_.async_read(in_, [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void Connection::on_read(error_code error) {
  reading_ = false;
  // Where the hub closes, the end of that is awaited instead.
  if (phase_ == Phase::kClosing) return;
  if (error || phase_ != Phase::kOpen) return finish();
  const bool text = socket_.got_text();
  const Frames frames = hub_.protocols[protocol_].frames;
  if (frames != Frames::kAny && text != (frames == Frames::kText)) {
    return start_closing(websocket::close_code::unknown_data, text ? "only binary messages" : "only text messages");
  }
  auto message = std::make_shared<sync::Message>();
  const auto bytes = in_.cdata();
  const auto* first = static_cast<const std::uint8_t*>(bytes.data());
  message->bytes.assign(first, first + bytes.size());
  message->text = text;
  in_.clear();
  in_.shrink_to_fit();
  ++hub_.metrics.messages_in;
  hub_.metrics.bytes_in += static_cast<std::int64_t>(message->bytes.size());
  seat_->arrived(std::move(message));
}

void Connection::send(sync::Message&& message) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), message = std::move(message)]() mutable {
    if (self->phase_ != Phase::kOpen) return;
    self->out_ = std::move(message);
    self->write();
  });
}

void Connection::write() {
  socket_.text(out_.text);
  socket_.async_write(asio::buffer(out_.bytes), [self = shared_from_this()](error_code error, std::size_t size) {
    if (self->phase_ == Phase::kClosing) return;
    if (error || self->phase_ != Phase::kOpen) return self->finish();
    ++self->hub_.metrics.messages_out;
    self->hub_.metrics.bytes_out += static_cast<std::int64_t>(size);
    self->seat_->ready(std::move(self->out_));
  });
}

void Connection::close(std::uint16_t code, const std::string& reason) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), code, reason] { self->start_closing(code, reason); });
}

void Connection::start_closing(std::uint16_t code, const std::string& reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kOver) return;
  if (phase_ == Phase::kHttp) {
    socket_.next_layer().close();
    return;
  }
  phase_ = Phase::kClosing;
  const websocket::close_reason frame(static_cast<websocket::close_code>(code), close_reason(reason));
  socket_.async_close(frame, [self = shared_from_this()](error_code) { self->finish(); });
}

void Connection::stop() { close(websocket::close_code::going_away, "the hub stops"); }

void Connection::abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->finish(); });
}

void Connection::finish() {
  if (phase_ == Phase::kOver) {
    // A seat that was given after the end.
    if (seat_) std::exchange(seat_, nullptr)->leave();
    return;
  }
  phase_ = Phase::kOver;
  deadline_.cancel();
  socket_.next_layer().close();
  if (seat_) std::exchange(seat_, nullptr)->leave();
  if (entered_) hub_.leave(claim_.room);
  room_.reset();
  hub_.remove(shared_from_this());
}

}  // namespace rejoin::net
