// Replicas and lines between them, without a socket or a clock: a line loses, delays, repeats and reorders what it
// carries as it is told, and is cut and joined again.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/sync/session.hpp>

#include "support/choices.hpp"
#include "support/database.hpp"

namespace rejoin::test {

/// A database that is synced. It outlives its sessions.
struct Device {
  explicit Device(Database opened) : db(std::move(opened)), replica(*Replica::on(db.handle())) {}

  Database db;
  Replica replica;
  std::shared_ptr<sync::Timeline> timeline = sync::make_timeline();
};

/// What a line does to messages.
struct LineFaults {
  unsigned drop = 0;     // in 100
  unsigned repeat = 0;   // in 100
  bool reorder = false;  // any of those under way may arrive next
};

/// A line between two devices, with a session at either end while it is up.
class Line {
 public:
  Line(Device& a, Device& b, LineFaults faults = {}, sync::SessionOptions options = {});

  /// Joins the two, or does it anew: whatever was under way is lost.
  void join();
  void cut();
  [[nodiscard]] bool up() const { return ends_[0].session != nullptr; }

  /// Lets one thing happen: a message is sent or arrives. False: nothing could.
  bool step(Choices& choices);
  /// Time goes by.
  void tick(std::int64_t milliseconds);
  [[nodiscard]] bool settled() const;

  [[nodiscard]] sync::Session& session(int end) { return *ends_[end].session; }
  /// Why an end gave up, if it did: the line is cut then.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t messages() const { return messages_; }

 private:
  struct End {
    Device* device = nullptr;
    std::unique_ptr<sync::Session> session;
    std::deque<sync::Message> under_way;  // towards this end
  };
  bool send(End& from, End& to, Choices& choices);
  bool deliver(End& to, Choices& choices);
  void fail(const Status& status);

  End ends_[2];
  LineFaults faults_;
  sync::SessionOptions options_;
  std::string failure_;
  std::size_t bytes_ = 0;
  std::size_t messages_ = 0;
  std::int64_t now_ = 1;
};

/// Lets a line work until both ends are settled. Fails the test if that does not come.
void settle(Line& line, Choices& choices);

}  // namespace rejoin::test
