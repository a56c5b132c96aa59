/// @file
/// Keeps a database file in sync with a hub (`rejoin serve`), from a thread and a connection of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <rejoin/export.h>
#include <rejoin/status.hpp>
#include <rejoin/sync/peer.hpp>

namespace rejoin::sync {

/// How a Client is doing.
struct ClientState {
  bool connected = false;                 ///< there is a conversation with the hub
  bool settled = false;                   ///< and each side has all that the other had
  std::string error;                      ///< why there is none; empty: nothing has gone wrong
  std::chrono::milliseconds next_try{0};  ///< after an error: how long until the hub is tried again
  Traffic traffic;                        ///< what has gone through so far, in all conversations
};

/// What a Client is to sync, and how.
struct ClientOptions {
  std::string path;           ///< the database file, which is made if it is not there
  std::string url;            ///< ws://HOST[:PORT]/ROOM, or wss:// for TLS
  std::string token;          ///< sent as "Authorization: Bearer …"; empty: none
  std::string ca_file;        ///< PEM: whom to trust with wss:// instead of the system's authorities; empty: those
  bool fixed_schema = false;  ///< do not make tables and columns that the hub has and the file lacks
  bool repair = false;        ///< compare all rows, whatever both sides remember (SessionOptions::repair)
  /// The hub's messages may be this large.
  std::size_t message_bytes = std::size_t{16} << 20;
  /// How long a connection may take to come about.
  std::chrono::milliseconds connect_timeout{15000};
  /// How long the hub may be silent; at half of it, it is sent a ping.
  std::chrono::milliseconds idle_timeout{60000};
  /// After a failure the hub is tried again: after half of this to all of it, and twice as long each time, …
  std::chrono::milliseconds first_retry{1000};
  /// … up to this.
  std::chrono::milliseconds last_retry{60000};
  /// How often the file is looked at for commits of other connections.
  std::chrono::milliseconds poll{100};
  /// Called by the Client's thread (in sync_once(): by the caller's) whenever something but the traffic has changed. It
  /// must neither throw nor call the Client, but may note the news or wake someone.
  std::function<void(const ClientState&)> on_state;
};

/// A file's line to its hub. The application goes on to use the file by connections of its own, also in other
/// processes; what it commits is found and sent within moments. All that arrives is merged by the Client's own
/// connection: a Watcher, or SQLite's data_version, tells an application of it.
///
/// All calls may come from any thread, but no two of start(), stop() and sync_once() at a time.
class REJOIN_API Client {
 public:
  /// Opens the file and reads the options; nothing is sent yet. kInvalidArgument for a URL or a CA file that is none.
  static Result<std::unique_ptr<Client>> open(ClientOptions options) noexcept;

  /// Stops.
  ~Client();

  /// Begins to sync on a thread of its own, and goes on until stop(): a connection that fails is tried again.
  /// kInvalidArgument if it has begun already.
  Status start() noexcept;

  /// Hangs up and returns when all is quiet. Nothing, if it has not begun.
  void stop() noexcept;

  /// Syncs until each side has what the other had, at most this long, and hangs up; what has gone through meanwhile. A
  /// connection that fails is an error, and is not tried again. kBusy when the time is up: what has arrived by then is
  /// merged, and the next time goes on from there. kInvalidArgument while start() is in force.
  Result<Traffic> sync_once(std::chrono::milliseconds deadline) noexcept;

  /// Says that the file has news, so that they go out at once and not only at the next look.
  void notify() noexcept;

  struct State;  ///< the library's own

 private:
  explicit Client(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace rejoin::sync
