// A room: one database file, its connection, and a Peer for each client that is in.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <net/boost.hpp>
#include <net/checkpointer.hpp>
#include <net/protocol.hpp>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>
#include <rejoin/sync/peer.hpp>
#include <rejoin/sync/session.hpp>

namespace rejoin::net {

struct HubState;
class Room;

/// A client's socket as its seat in the room sees it. To be called from any thread.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// Sends a message; Seat::ready() follows when the next one can be taken.
  virtual void send(sync::Message&& message) = 0;
  /// Reads on: Seat::arrived() follows.
  virtual void read_on() = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;
};

/// A client's place in a room. The public calls come from any thread; the rest happens in the room's strand.
class Seat : public std::enable_shared_from_this<Seat> {
 public:
  Seat(std::shared_ptr<Room> room, std::size_t protocol, std::shared_ptr<Outlet> outlet);

  /// A message has arrived. No other one is read until it is dealt with.
  void arrived(std::shared_ptr<const sync::Message> message);
  /// The socket can take a message. `used` is one whose memory can serve again.
  void ready(sync::Message&& used);
  /// The socket is gone.
  void leave();

 private:
  friend class Room;
  void receive(const sync::Message& message);
  void pump();
  void tick(std::int64_t now);
  void account();
  void fail(const Status& status);

  std::shared_ptr<Room> room_;
  std::size_t protocol_;
  std::shared_ptr<Outlet> outlet_;
  std::unique_ptr<sync::Peer> peer_;  // null: it is over
  sync::Message message_;
  bool ready_ = false;
  sync::Traffic counted_;
};

class Room : public std::enable_shared_from_this<Room> {
 public:
  Room(HubState& hub, std::string name);
  ~Room();

  /// Gives a client a seat, from any thread; `then` is called in the room's strand.
  void sit(std::size_t protocol, std::shared_ptr<Outlet> outlet,
           std::function<void(Result<std::shared_ptr<Seat>>)> then);

  /// Lets go of the file, from any thread; `then` is called in the room's strand.
  void close(std::function<void()> then);

 private:
  friend class Seat;
  using Strand = asio::strand<asio::io_context::executor_type>;

  Status open();
  Result<std::shared_ptr<Seat>> make_seat(std::size_t protocol, std::shared_ptr<Outlet> outlet);
  Status require_schema(const Seat* asking, const std::string& name, std::int64_t version);
  void shut();
  void wait();
  void tick();
  void pump_all();
  void finish_log();
  void pump_soon();
  void remove(const std::shared_ptr<Seat>& seat);

  HubState& hub_;
  std::string name_;
  Strand strand_;
  asio::steady_timer timer_;
  LogKeeper log_;  // the replica's connection writes to it
  std::optional<Replica> replica_;
  std::shared_ptr<sync::Timeline> timeline_ = sync::make_timeline();
  std::int64_t listener_ = 0;
  std::vector<std::shared_ptr<Seat>> seats_;
  std::shared_ptr<std::atomic<bool>> pumping_ = std::make_shared<std::atomic<bool>>(false);
  std::chrono::steady_clock::time_point last_used_{};
  bool waiting_ = false;
  bool closed_ = false;
};

}  // namespace rejoin::net
