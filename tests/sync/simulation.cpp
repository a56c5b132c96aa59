#include "sync/simulation.hpp"

#include <gtest/gtest.h>

namespace rejoin::test {

Line::Line(Device& a, Device& b, LineFaults faults, sync::SessionOptions options)
    : faults_(faults), options_(std::move(options)) {
  ends_[0].device = &a;
  ends_[1].device = &b;
  options_.reliable = faults.drop == 0 && faults.repeat == 0 && !faults.reorder;
}

void Line::cut() {
  for (End& end : ends_) {
    end.session.reset();
    end.under_way.clear();
  }
}

void Line::join() {
  cut();
  failure_.clear();
  for (End& end : ends_) {
    sync::SessionOptions options = options_;
    options.timeline = end.device->timeline;
    auto session = sync::Session::begin(end.device->replica, options);
    ASSERT_TRUE(session.ok()) << session.status().message();
    end.session = std::move(session).value();
  }
}

void Line::fail(const Status& status) {
  failure_ = status.message();
  cut();
}

bool Line::send(End& from, End& to, Choices& choices) {
  sync::Message message;
  const Result<bool> more = from.session->next(message);
  if (!more.ok()) {
    fail(more.status());
    return true;
  }
  if (!*more) return false;
  bytes_ += message.bytes.size();
  ++messages_;
  if (choices.chance(faults_.drop)) return true;
  if (choices.chance(faults_.repeat)) to.under_way.push_back(message);
  to.under_way.push_back(std::move(message));
  return true;
}

bool Line::deliver(End& to, Choices& choices) {
  if (to.under_way.empty()) return false;
  const std::size_t at = faults_.reorder ? choices.index(to.under_way.size()) : 0;
  const sync::Message message = std::move(to.under_way[at]);
  to.under_way.erase(to.under_way.begin() + static_cast<std::ptrdiff_t>(at));
  const Status status = to.session->receive(message.bytes, message.text);
  if (!status.ok()) fail(status);
  return true;
}

bool Line::step(Choices& choices) {
  const std::size_t first = choices.index(4);
  for (std::size_t i = 0; i < 4 && up(); ++i) {
    const std::size_t what = (first + i) % 4;
    End& here = ends_[what % 2];
    End& there = ends_[1 - what % 2];
    if (what < 2 ? send(here, there, choices) : deliver(here, choices)) return true;
  }
  return false;
}

void Line::tick(std::int64_t milliseconds) {
  now_ += milliseconds;
  for (End& end : ends_) {
    const Status status = end.session ? end.session->tick(now_) : Status();
    EXPECT_EQ(status.message(), "");
  }
}

bool Line::settled() const {
  if (!up()) return false;
  for (const End& end : ends_) {
    if (!end.session->settled()) return false;
  }
  return true;
}

void settle(Line& line, Choices& choices) {
  for (int quiet = 0; quiet < 5000;) {
    if (line.up() && line.settled()) return;
    if (!line.failure().empty()) break;
    if (line.step(choices)) continue;
    line.tick(500);
    ++quiet;
  }
  FAIL() << "the line does not settle: " << line.failure();
}

}  // namespace rejoin::test
