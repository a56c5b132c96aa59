// rejoin sync: a file and a room of a hub, once or for as long as it is let.
#include <cli/commands.hpp>
#include <cli/database.hpp>
#include <cli/text.hpp>

#include <rejoin/sync/client.hpp>

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

namespace rejoin::cli {
namespace {

constexpr std::chrono::hours kNever{24 * 365};

std::string shown_traffic(const sync::Traffic& traffic) {
  return cat(count_of(traffic.changes_out, "change"), " sent, ", count_of(traffic.changes_in, "received", "received"),
             " (", count_of(traffic.changes_won, "new", "new"), ")");
}

void check_file(const Options& options) {
  std::error_code error;
  const auto status = std::filesystem::status(options.file, error);
  if (std::filesystem::is_directory(status)) throw Failure(cat(printable(options.file), ": is a folder"));
  if (!std::filesystem::exists(status) && !options.create) {
    throw Failure(cat(printable(options.file), ": no such file; --create makes one"));
  }
}

// One line whenever the state is another, also in the words that the last one said.
class StatePrinter {
 public:
  void operator()(const sync::ClientState& state) {
    std::string line;
    if (state.settled) {
      line = cat("in sync: ", shown_traffic(state.traffic));
    } else if (state.connected) {
      line = was_connected_ ? "" : "connected";
    } else if (!state.error.empty()) {
      const double seconds = static_cast<double>(state.next_try.count()) / 1000;
      line = cat(printable(state.error), "; next try in ", std::fixed, std::setprecision(1), seconds, " s");
    }
    was_connected_ = state.connected;
    if (line.empty() || line == last_) return;
    last_ = line;
    std::cerr << line << '\n' << std::flush;
  }

 private:
  bool was_connected_ = false;
  std::string last_;
};

int watch(sync::ClientOptions options) {
  // Before the client has its thread, which takes the mask over: the signals are for sigwait() alone.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  options.on_state = [printer = std::make_shared<StatePrinter>()](const sync::ClientState& state) {
    (*printer)(state);
  };
  auto client = sync::Client::open(std::move(options));
  if (!client.ok()) throw Failure(printable(client.status().message()));
  if (const Status begun = (*client)->start(); !begun.ok()) throw Failure(printable(begun.message()));
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*client)->stop();
  return kExitFine;
}

}  // namespace

int run_sync(const Options& options) {
  check_file(options);
  sync::ClientOptions client_is;
  client_is.path = options.file;
  client_is.url = options.sync.url;
  client_is.token = options.sync.token;
  client_is.ca_file = options.sync.ca;
  client_is.repair = options.sync.repair;
  client_is.fixed_schema = options.sync.fixed_schema;
  if (options.sync.watch) return watch(std::move(client_is));
  auto client = sync::Client::open(std::move(client_is));
  if (!client.ok()) throw Failure(printable(client.status().message()));
  std::chrono::milliseconds timeout = kNever;
  if (options.sync.timeout > 0) {
    timeout = std::chrono::milliseconds(static_cast<std::int64_t>(options.sync.timeout * 1000));
  }
  const auto traffic = (*client)->sync_once(timeout);
  if (!traffic.ok()) throw Failure(printable(traffic.status().message()));
  std::cout << shown_traffic(*traffic) << '\n';
  return kExitFine;
}

}  // namespace rejoin::cli
