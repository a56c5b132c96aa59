#include <rejoin/sync/client.hpp>

#include <net/boost.hpp>
#include <net/client_link.hpp>
#include <net/text.hpp>
#include <net/url.hpp>

#include <base/try.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include <openssl/x509_vfy.h>

namespace rejoin::sync {

namespace asio = boost::asio;
using boost::system::error_code;

struct Client::State {
  explicit State(ClientOptions given) : options(std::move(given)) {}

  Status prepare();
  void connect();
  void over(const Status& status);
  void retry(const std::string& error);
  void report();
  void add(const Traffic& traffic);

  ClientOptions options;
  net::Url url;
  net::LinkMemory memory;
  std::optional<Replica> replica;
  std::optional<asio::ssl::context> tls;
  asio::io_context io{1};
  asio::steady_timer again{io};
  std::shared_ptr<net::ClientLink> link;
  std::thread thread;
  std::minstd_rand random{std::random_device()()};
  int failures = 0;
  bool once = false;
  bool reached = false;  // once, and all was there
  bool stopping = false;
  Status outcome;
  Traffic before;  // of the links that are over
  ClientState said;
};

namespace {

Result<std::optional<asio::ssl::context>> make_tls(const net::Url& url, const std::string& ca_file) {
  if (!url.tls) return std::optional<asio::ssl::context>();
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  error_code error;
  if (ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(ca_file, error);
  }
  if (error) {
    return Status(ErrorCode::kInvalidArgument, net::cat(ca_file.empty() ? "the system's authorities" : ca_file,
                                                        ": cannot be read: ", error.message()));
  }
  return std::optional(std::move(tls));
}

// What a field of HTTP can hold.
bool is_token(const std::string& token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

Status Client::State::prepare() {
  const std::chrono::milliseconds least{1};  // or it would do nothing else
  options.poll = std::max(options.poll, least);
  options.first_retry = std::max(options.first_retry, least);
  options.last_retry = std::max(options.last_retry, options.first_retry);
  auto parsed = net::parse_url(options.url);
  if (!parsed.ok()) return parsed.status();
  url = std::move(parsed).value();
  if (!is_token(options.token)) return {ErrorCode::kInvalidArgument, "a token has no blanks and is plain ASCII"};
  auto context = make_tls(url, options.ca_file);
  if (!context.ok()) return context.status();
  if (*context) tls.emplace(std::move(**context));
  auto opened = Replica::open(options.path);
  // To open a file reads nothing of it yet.
  const Status readable = opened.ok() ? opened->site_id().status() : opened.status();
  if (!readable.ok()) {
    return {readable.code(), net::cat(options.path, ": ", readable.message()), readable.sqlite_code()};
  }
  replica = std::move(opened).value();
  return Status();
}

void Client::State::connect() {
  net::LinkEvents events;
  events.changed = [this] {
    if (link->settled()) failures = 0;
    report();
    if (once && link->settled()) {
      reached = true;
      link->close();
    }
  };
  events.over = [this](const Status& status) { over(status); };
  link =
      std::make_shared<net::ClientLink>(io, tls ? &*tls : nullptr, options, url, memory, *replica, std::move(events));
  link->begin();
}

void Client::State::over(const Status& status) {
  add(link->traffic());
  link.reset();
  outcome = status;
  if (once || stopping) return report();
  retry(status.message());
}

void Client::State::retry(const std::string& error) {
  auto longest = options.first_retry;
  for (int i = 0; i < failures && longest < options.last_retry; ++i) longest *= 2;
  longest = std::min(longest, options.last_retry);
  ++failures;
  // Clients that have lost the same hub do not all come back in the same moment.
  std::uniform_int_distribution<std::int64_t> spread(longest.count() / 2, longest.count());
  said.next_try = std::chrono::milliseconds(spread(random));
  said.error = error;
  report();
  again.expires_after(said.next_try);
  again.async_wait([this](error_code cancelled) {
    if (!cancelled && !stopping) connect();
  });
}

void Client::State::add(const Traffic& traffic) {
  before.changes_in += traffic.changes_in;
  before.changes_won += traffic.changes_won;
  before.changes_out += traffic.changes_out;
}

void Client::State::report() {
  ClientState now;
  now.connected = link && link->connected();
  now.settled = link && link->settled();
  if (!now.connected) {
    now.error = said.error;
    now.next_try = said.next_try;
  }
  now.traffic = before;
  if (link) {
    const Traffic traffic = link->traffic();
    now.traffic.changes_in += traffic.changes_in;
    now.traffic.changes_won += traffic.changes_won;
    now.traffic.changes_out += traffic.changes_out;
  }
  said = now;
  if (options.on_state) options.on_state(now);
}

Client::Client(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

Client::~Client() { stop(); }

Result<std::unique_ptr<Client>> Client::open(ClientOptions options) noexcept try {
  auto state = std::make_unique<State>(std::move(options));
  if (const Status prepared = state->prepare(); !prepared.ok()) return prepared;
  return std::unique_ptr<Client>(new Client(std::move(state)));
} catch (const std::exception& error) {
  return Status(ErrorCode::kNoMemory, error.what());
}

Status Client::start() noexcept try {
  State& state = *state_;
  if (state.thread.joinable()) return {ErrorCode::kInvalidArgument, "the client has begun already"};
  state.io.restart();
  state.once = false;
  state.stopping = false;
  state.failures = 0;
  asio::post(state.io, [&state] { state.connect(); });
  state.thread = std::thread([&state] {
    for (;;) {
      try {
        state.io.run();
        return;
      } catch (const std::exception& error) {
        // No memory, most likely. The link is given up, and made anew later.
        if (state.link) {
          state.link->abort();
        } else if (!state.stopping) {
          state.retry(error.what());
        }
      }
    }
  });
  return Status();
} catch (const std::exception& error) {
  return {ErrorCode::kNoMemory, error.what()};
}

void Client::stop() noexcept {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  asio::post(state.io, [&state] {
    state.stopping = true;
    state.again.cancel();
    if (state.link) state.link->close();
  });
  state.thread.join();
}

Result<Traffic> Client::sync_once(std::chrono::milliseconds deadline) noexcept try {
  State& state = *state_;
  if (state.thread.joinable()) return Status(ErrorCode::kInvalidArgument, "the client syncs already");
  const Traffic start = state.before;
  state.io.restart();
  state.once = true;
  state.reached = false;
  bool late = false;
  asio::steady_timer timer(state.io, deadline);
  timer.async_wait([&](error_code cancelled) {
    if (cancelled || !state.link) return;
    late = !state.reached;
    state.link->abort();
  });
  state.connect();
  while (state.link && state.io.run_one() > 0) {
  }
  timer.cancel();
  // What the link has left behind refers to it alone; a little is enough for that.
  state.io.run_for(std::chrono::milliseconds(200));
  if (late) return Status(ErrorCode::kBusy, "the time was up before both sides had all");
  if (!state.outcome.ok()) return state.outcome;
  Traffic done = state.before;
  done.changes_in -= start.changes_in;
  done.changes_won -= start.changes_won;
  done.changes_out -= start.changes_out;
  return done;
} catch (const std::exception& error) {
  return Status(ErrorCode::kNoMemory, error.what());
}

void Client::notify() noexcept try {
  asio::post(state_->io, [state = state_.get()] {
    if (state->link) state->link->pump();
  });
} catch (const std::exception&) {
  // There is no memory to be told; the next look at the file finds the news.
}

}  // namespace rejoin::sync
