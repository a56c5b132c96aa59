// What the parts of a hub share.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <net/boost.hpp>
#include <net/checkpointer.hpp>
#include <net/gatekeeper.hpp>
#include <net/hub.hpp>
#include <net/metrics.hpp>
#include <net/protocol.hpp>

namespace rejoin::net {

class Connection;
class Room;

struct HubState {
  /// The room of that name for one more visitor, to be followed by leave(); kBusy where it, or the hub, is full.
  Result<std::shared_ptr<Room>> enter(const std::string& name);
  void leave(const std::string& name);
  /// Forgets a room in which there is nobody; false: somebody is.
  bool retire(const std::string& name);

  /// False: there are too many, or the hub stops.
  bool add(const std::shared_ptr<Connection>& connection);
  void remove(const std::shared_ptr<Connection>& connection);

  void log(const std::string& line) const {
    if (options.log) options.log(line);
  }

  HubOptions options;
  std::vector<Protocol> protocols;
  Metrics metrics;
  std::optional<asio::ssl::context> tls;

  // What follows has sockets and timers of it, and goes before it does.
  asio::io_context io;
  // A connection may wait for the gate alone, which is none of io's.
  asio::executor_work_guard<asio::io_context::executor_type> busy{io.get_executor()};
  std::unique_ptr<Gatekeeper> gate;
  Checkpointer checkpointer;
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> pause;  // after an accept() that failed
  std::uint16_t port = 0;
  std::vector<std::thread> threads;

  struct Visited {
    std::shared_ptr<Room> room;
    std::size_t visitors = 0;
  };
  std::mutex mutex;  // of all that follows
  std::condition_variable nobody_left;
  bool stopping = false;
  std::map<std::string, Visited> rooms;
  std::set<std::shared_ptr<Connection>> connections;
};

}  // namespace rejoin::net
