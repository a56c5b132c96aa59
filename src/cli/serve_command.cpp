// rejoin serve: a hub, until it is told to stop.
#include <cli/commands.hpp>
#include <cli/database.hpp>
#include <cli/text.hpp>

#include <net/hub.hpp>

#include <signal.h>
#include <sys/resource.h>

#include <charconv>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace rejoin::cli {
namespace {

// "HOST:PORT", where the host may be an IPv6 address in brackets.
void read_address(const std::string& text, net::HubOptions& hub) {
  const std::size_t colon = text.rfind(':');
  const auto* end = text.data() + text.size();
  const auto* port = colon == text.npos ? end : text.data() + colon + 1;
  const auto [rest, error] = std::from_chars(port, end, hub.port);
  if (colon == text.npos || error != std::errc() || rest != end) {
    throw Failure(cat("--listen: '", printable(text), "' is no HOST:PORT"));
  }
  hub.host = text.substr(0, colon);
  if (hub.host.starts_with('[') && hub.host.ends_with(']')) hub.host = hub.host.substr(1, hub.host.size() - 2);
  if (hub.host == "localhost") hub.host = "127.0.0.1";
}

net::HubOptions hub_options(const ServeOptions& serve) {
  net::HubOptions hub;
  read_address(serve.listen, hub);
  hub.data = serve.data;
  hub.threads = serve.threads;
  hub.schemas = serve.schemas;
  hub.fixed_schema = serve.fixed_schema;
  hub.tokens_file = serve.tokens;
  hub.auth_command = serve.auth_command;
  hub.origins = serve.origins;
  hub.tls_certificate = serve.tls_cert;
  hub.tls_key = serve.tls_key;
  hub.message_bytes = serve.max_message;
  hub.connections = serve.max_connections;
  hub.connections_per_room = serve.max_room_connections;
  hub.rooms = serve.max_rooms;
  hub.idle_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(serve.idle * 1000));
  hub.log = [lock = std::make_shared<std::mutex>()](const std::string& line) {
    const std::lock_guard guard(*lock);
    std::cerr << "rejoin: " << printable(line) << '\n' << std::flush;
  };
  return hub;
}

}  // namespace

// As many descriptors as the machine lets us have: each connection takes one, each room three.
static void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run_serve(const Options& options) {
  raise_descriptor_limit();
  net::HubOptions hub_is = hub_options(options.serve);
  // Before the hub has threads, which take the mask over: the signals are for sigwait() alone.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const bool open_to_all = hub_is.tokens_file.empty() && hub_is.auth_command.empty();
  const bool reachable = !hub_is.host.starts_with("127.") && hub_is.host != "::1";
  const std::string host = hub_is.host.find(':') == std::string::npos ? hub_is.host : cat("[", hub_is.host, "]");
  const char* scheme = hub_is.tls_certificate.empty() ? "ws" : "wss";
  auto hub = net::Hub::start(std::move(hub_is));
  if (!hub.ok()) throw Failure(printable(hub.status().message()));
  if (open_to_all && reachable) {
    std::cerr << "rejoin: whoever reaches " << host << " may read and write all rooms: no --tokens\n" << std::flush;
  }
  std::cout << "listening on " << scheme << "://" << host << ':' << (*hub)->port() << '\n' << std::flush;
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*hub)->stop();
  return kExitFine;
}

}  // namespace rejoin::cli
