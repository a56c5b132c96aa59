#include <net/hub.hpp>

#include <net/connection.hpp>
#include <net/hub_state.hpp>
#include <net/room.hpp>
#include <net/text.hpp>

#include <base/try.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <utility>

#include <fcntl.h>

namespace rejoin::net {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::seconds kGoodbye{3};  // how long clients may take to answer it
constexpr std::chrono::seconds kRest{2};

Status invalid(const std::string& what) { return {ErrorCode::kInvalidArgument, what}; }

Result<std::optional<asio::ssl::context>> make_tls(const HubOptions& options) {
  if (options.tls_certificate.empty() && options.tls_key.empty()) return std::optional<asio::ssl::context>();
  if (options.tls_certificate.empty() || options.tls_key.empty()) {
    return invalid("TLS needs both a certificate and its key");
  }
  asio::ssl::context tls(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_RENEGOTIATION);
  error_code error;
  tls.use_certificate_chain_file(options.tls_certificate, error);
  if (error) return invalid(cat(options.tls_certificate, ": no certificate can be read: ", error.message()));
  tls.use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
  if (error) return invalid(cat(options.tls_key, ": no key of that certificate can be read: ", error.message()));
  return std::optional(std::move(tls));
}

Status make_folder(const HubOptions& options) {
  std::error_code error;
  if (std::filesystem::create_directories(options.data, error)) {
    std::filesystem::permissions(options.data, std::filesystem::perms::owner_all,
                                 error);  // tokens guard the port alone
  }
  if (!std::filesystem::is_directory(options.data, error)) {
    return invalid(cat(options.data, ": no folder can be made there"));
  }
  if (!options.schemas.empty() && !std::filesystem::is_directory(options.schemas, error)) {
    return invalid(cat(options.schemas, ": there is no such folder"));
  }
  return Status();
}

Status listen(HubState& state) {
  error_code error;
  const auto address = asio::ip::make_address(state.options.host, error);
  if (error) return invalid(cat(state.options.host, ": no address of a machine; 127.0.0.1 and ::1 are this one"));
  const tcp::endpoint endpoint(address, state.options.port);
  state.acceptor.emplace(asio::make_strand(state.io));
  state.pause.emplace(state.acceptor->get_executor());
  tcp::acceptor& acceptor = *state.acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return {ErrorCode::kInvalidArgument,
            cat(state.options.host, ":", std::to_string(state.options.port), ": ", error.message())};
  }
  fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  state.port = acceptor.local_endpoint(error).port();
  return Status();
}

void accept_next(HubState& state);

void on_accept(HubState& state, error_code error, tcp::socket socket) {
  if (!state.acceptor->is_open()) return;
  if (error) {
    // No descriptors are left, say: the next one would fail as well, and at once.
    state.pause->expires_after(kAcceptPause);
    state.pause->async_wait([&state](error_code stopped) {
      if (!stopped) accept_next(state);
    });
    return;
  }
  // Commands that ask who may enter must not inherit it.
  fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  accept_next(state);  // first: what fails below must not end it
  socket.set_option(tcp::no_delay(true), error);
  auto connection = std::make_shared<Connection>(state, std::move(socket));
  if (state.add(connection)) connection->begin();
}

void accept_next(HubState& state) {
  state.acceptor->async_accept(asio::make_strand(state.io), [&state](error_code error, tcp::socket socket) {
    on_accept(state, error, std::move(socket));
  });
}

void work(HubState& state) {
  for (;;) {
    try {
      state.io.run();
      return;
    } catch (const std::exception& error) {
      // No memory, most likely. What it was about is given up; the others go on.
      ++state.metrics.internal_errors;
      state.log(cat("internal error: ", error.what()));
    }
  }
}

Status begin(HubState& state) {
  if (state.protocols.empty()) {
    state.protocols = standard_protocols({state.options.fixed_schema, state.options.message_bytes});
  }
  REJOIN_TRY(make_folder(state.options));
  auto gate = Gatekeeper::make({state.options.tokens_file, state.options.auth_command, state.options.auth_timeout});
  if (!gate.ok()) return gate.status();
  state.gate = std::move(gate).value();
  auto tls = make_tls(state.options);
  if (!tls.ok()) return tls.status();
  if (*tls) state.tls.emplace(std::move(**tls));
  REJOIN_TRY(listen(state));
  accept_next(state);
  unsigned threads = state.options.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) state.threads.emplace_back([&state] { work(state); });
  return Status();
}

}  // namespace

Result<std::shared_ptr<Room>> HubState::enter(const std::string& name) {
  const std::lock_guard lock(mutex);
  if (stopping) return Status(ErrorCode::kBusy, "the hub stops");
  auto place = rooms.find(name);
  if (place == rooms.end()) {
    if (rooms.size() >= options.rooms) return Status(ErrorCode::kBusy, "too many rooms are open");
    place = rooms.emplace(name, Visited{std::make_shared<Room>(*this, name), 0}).first;
  }
  if (place->second.visitors >= options.connections_per_room) return Status(ErrorCode::kBusy, "the room is full");
  ++place->second.visitors;
  return place->second.room;
}

void HubState::leave(const std::string& name) {
  const std::lock_guard lock(mutex);
  if (const auto place = rooms.find(name); place != rooms.end()) --place->second.visitors;
}

bool HubState::retire(const std::string& name) {
  const std::lock_guard lock(mutex);
  const auto place = rooms.find(name);
  if (stopping || place == rooms.end() || place->second.visitors > 0) return false;
  rooms.erase(place);
  return true;
}

bool HubState::add(const std::shared_ptr<Connection>& connection) {
  ++metrics.accepted;
  const std::lock_guard lock(mutex);
  if (stopping || connections.size() >= options.connections) {
    ++metrics.refused;
    return false;
  }
  connections.insert(connection);
  ++metrics.sockets;
  return true;
}

void HubState::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex);
  if (connections.erase(connection) == 0) return;
  --metrics.sockets;
  if (connections.empty()) nobody_left.notify_all();
}

struct Hub::State : HubState {};

Hub::Hub(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

Hub::~Hub() { stop(); }

Result<std::unique_ptr<Hub>> Hub::start(HubOptions options) noexcept try {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  state->protocols = state->options.protocols;
  std::unique_ptr<Hub> hub(new Hub(std::move(state)));
  if (const Status begun = begin(*hub->state_); !begun.ok()) return begun;
  return hub;
} catch (const std::exception& error) {
  return Status(ErrorCode::kNoMemory, error.what());
}

std::uint16_t Hub::port() const noexcept { return state_->port; }

std::string Hub::metrics() const { return metrics_text(state_->metrics, state_->protocols); }

void Hub::stop() noexcept {
  HubState& state = *state_;
  if (state.threads.empty()) return;
  asio::post(state.acceptor->get_executor(), [&state] {
    error_code ignored;
    state.acceptor->close(ignored);
    state.pause->cancel();
  });
  std::unique_lock lock(state.mutex);
  state.stopping = true;
  for (const auto& connection : state.connections) connection->stop();
  lock.unlock();
  state.gate->stop();
  lock.lock();
  const auto nobody = [&state] { return state.connections.empty(); };
  if (!state.nobody_left.wait_for(lock, kGoodbye, nobody)) {
    for (const auto& connection : state.connections) connection->abort();
    state.nobody_left.wait_for(lock, kRest, nobody);
  }
  const auto rooms = std::exchange(state.rooms, {});
  lock.unlock();
  // The files are closed in their strands, behind all that waits there.
  auto left = std::make_shared<std::atomic<std::size_t>>(rooms.size());
  for (const auto& [name, visited] : rooms) {
    visited.room->close([&state, left] {
      if (--*left == 0) state.io.stop();
    });
  }
  if (rooms.empty()) state.io.stop();
  for (std::thread& thread : state.threads) thread.join();
  state.threads.clear();
  state.checkpointer.stop();
}

}  // namespace rejoin::net
