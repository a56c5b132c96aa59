#include <net/room.hpp>

#include <net/hub_state.hpp>
#include <net/room_schema.hpp>
#include <net/sql.hpp>
#include <net/text.hpp>
#include <sync/timeline.hpp>

#include <base/try.hpp>

#include <algorithm>
#include <utility>

namespace rejoin::net {
namespace {

constexpr std::size_t kLongestLine = 500;  // of what a peer has brought about, in the log

constexpr std::chrono::milliseconds kTick{1000};
// Memory of a message that is kept for the next one.
constexpr std::size_t kKept = std::size_t{1} << 20;

// The file's fault is not the peer's: 1011 says that, and 1008 that the peer has said what it must not.
std::uint16_t close_code(const Status& status) {
  switch (status.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnknownSchema:
    case ErrorCode::kNotEligible:
    case ErrorCode::kUnsupported:
      return 1008;
    default:
      return 1011;
  }
}

}  // namespace

Seat::Seat(std::shared_ptr<Room> room, std::size_t protocol, std::shared_ptr<Outlet> outlet)
    : room_(std::move(room)), protocol_(protocol), outlet_(std::move(outlet)) {}

void Seat::arrived(std::shared_ptr<const sync::Message> message) {
  asio::post(room_->strand_, [self = shared_from_this(), message = std::move(message)] { self->receive(*message); });
}

void Seat::ready(sync::Message&& used) {
  asio::post(room_->strand_, [self = shared_from_this(), used = std::move(used)]() mutable {
    self->message_ = std::move(used);
    if (self->message_.bytes.capacity() > kKept) self->message_ = {};
    self->ready_ = true;
    self->pump();
  });
}

void Seat::leave() {
  asio::post(room_->strand_, [self = shared_from_this()] { self->room_->remove(self); });
}

void Seat::receive(const sync::Message& message) {
  if (!peer_) return;
  const Status status = peer_->receive(message.bytes, message.text);
  account();
  if (!status.ok()) return fail(status);
  outlet_->read_on();
  pump();
}

void Seat::pump() {
  if (!peer_ || !ready_) return;
  const Result<bool> more = peer_->next(message_);
  account();
  if (!more.ok()) return fail(more.status());
  if (!*more) return;
  ready_ = false;
  outlet_->send(std::move(message_));
  message_ = {};
}

void Seat::tick(std::int64_t now) {
  if (!peer_) return;
  if (const Status status = peer_->tick(now); !status.ok()) return fail(status);
  pump();
}

void Seat::account() {
  Metrics& metrics = room_->hub_.metrics;
  const sync::Traffic now = peer_->traffic();
  metrics.changes_in += now.changes_in - counted_.changes_in;
  metrics.changes_won += now.changes_won - counted_.changes_won;
  metrics.changes_out += now.changes_out - counted_.changes_out;
  counted_ = now;
}

void Seat::fail(const Status& status) {
  ++room_->hub_.metrics.peer_errors;
  room_->hub_.log(cat("room ", room_->name_, ": ", room_->hub_.protocols[protocol_].name, ": ",
                      utf8_cut(status.message(), kLongestLine)));
  outlet_->close(close_code(status), status.message());
  room_->remove(shared_from_this());
}

Room::Room(HubState& hub, std::string name)
    : hub_(hub), name_(std::move(name)), strand_(asio::make_strand(hub.io)), timer_(hub.io) {}

Room::~Room() { shut(); }

void Room::sit(std::size_t protocol, std::shared_ptr<Outlet> outlet,
               std::function<void(Result<std::shared_ptr<Seat>>)> then) {
  asio::post(strand_, [self = shared_from_this(), protocol, outlet = std::move(outlet), then = std::move(then)] {
    self->last_used_ = std::chrono::steady_clock::now();
    if (!self->waiting_) self->wait();
    then(self->make_seat(protocol, outlet));
  });
}

void Room::close(std::function<void()> then) {
  asio::post(strand_, [self = shared_from_this(), then = std::move(then)] {
    self->shut();
    then();
  });
}

Status Room::open() {
  if (closed_) return {ErrorCode::kBusy, "the room is closed"};
  if (replica_) return Status();
  std::string path = cat(hub_.options.data, "/", name_, ".db");
  auto replica = Replica::open(path);
  if (!replica.ok()) return replica.status();
  REJOIN_TRY(execute(replica->connection(),
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216; "
                     // Other rooms wait for the thread that waits for a lock.
                     "PRAGMA busy_timeout = 1000"));
  log_.begin(replica->connection(), std::move(path));
  // Called within a commit: all it may do is to have the others told soon.
  const auto listener = replica->on_commit([room = weak_from_this()] {
    if (const auto self = room.lock()) self->pump_soon();
  });
  if (!listener.ok()) return listener.status();
  replica_ = std::move(replica).value();
  listener_ = *listener;
  ++hub_.metrics.rooms;
  return Status();
}

void Room::shut() {
  closed_ = true;
  error_code ignored;
  timer_.cancel(ignored);
  for (const auto& seat : std::exchange(seats_, {})) {
    --hub_.metrics.connections[std::min(seat->protocol_, Metrics::kMostProtocols - 1)];
    seat->peer_.reset();
  }
  if (!replica_) return;
  replica_->forget_commit(listener_);
  replica_.reset();
  --hub_.metrics.rooms;
}

Result<std::shared_ptr<Seat>> Room::make_seat(std::size_t protocol, std::shared_ptr<Outlet> outlet) {
  REJOIN_TRY(open());
  auto seat = std::make_shared<Seat>(shared_from_this(), protocol, std::move(outlet));
  const RoomView view{*replica_, name_, timeline_,
                      [this, own = seat.get()](const std::string& schema, std::int64_t version) {
                        return require_schema(own, schema, version);
                      }};
  auto peer = hub_.protocols[protocol].make(view);
  if (!peer.ok()) return peer.status();
  // It is told the time at once, so that what it puts off counts from now.
  REJOIN_TRY((*peer)->tick(milliseconds_now()));
  seat->peer_ = std::move(peer).value();
  seats_.push_back(seat);
  ++hub_.metrics.connections[std::min(protocol, Metrics::kMostProtocols - 1)];
  return seat;
}

Status Room::require_schema(const Seat* asking, const std::string& name, std::int64_t version) {
  const auto changed = bring_schema(*replica_, hub_.options.schemas, name, version);
  if (!changed.ok()) return changed.status();
  if (!*changed) return Status();
  // Rows of the new shape would poison clients of this protocol that still have the old one.
  for (const auto& seat : seats_) {
    if (seat.get() != asking && hub_.protocols[seat->protocol_].schema_bound) {
      seat->outlet_->close(1012, "the schema of this room has changed");
    }
  }
  return Status();
}

void Room::wait() {
  waiting_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait(asio::bind_executor(strand_, [room = weak_from_this()](error_code error) {
    const auto self = room.lock();
    if (!self || error || self->closed_) return;
    self->wait();
    self->tick();
  }));
}

void Room::tick() {
  if (replica_) {
    log_.tick(hub_.checkpointer, [room = weak_from_this()] {
      const auto self = room.lock();
      if (self) asio::post(self->strand_, [self] { self->finish_log(); });
    });
  }
  const auto now = std::chrono::steady_clock::now();
  if (seats_.empty()) {
    if (now - last_used_ >= hub_.options.room_idle && hub_.retire(name_)) shut();
    return;
  }
  last_used_ = now;
  // Each is asked for news then, and so those of another process that writes to the file go out too.
  const std::int64_t milliseconds = milliseconds_now();
  for (const auto& seat : std::vector(seats_)) seat->tick(milliseconds);
}

void Room::finish_log() {
  if (!replica_) return;
  timeline_->let_go();
  log_.finish();
}

void Room::pump_soon() {
  if (pumping_->exchange(true)) return;
  asio::post(strand_, [self = shared_from_this()] { self->pump_all(); });
}

void Room::pump_all() {
  pumping_->store(false);
  for (const auto& seat : std::vector(seats_)) seat->pump();
}

void Room::remove(const std::shared_ptr<Seat>& seat) {
  const auto place = std::find(seats_.begin(), seats_.end(), seat);
  if (place == seats_.end()) return;
  seats_.erase(place);
  --hub_.metrics.connections[std::min(seat->protocol_, Metrics::kMostProtocols - 1)];
  seat->peer_.reset();
  last_used_ = std::chrono::steady_clock::now();
}

}  // namespace rejoin::net
