// What a Watcher holds.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <rejoin/watcher.hpp>

#include "crr/engine.hpp"

namespace rejoin {

struct Watcher::State {
  struct Before {
    using Row = std::pair<std::string_view, const Blob*>;
    bool operator()(const Row& a, const Row& b) const {
      return a.first != b.first ? a.first < b.first : *a.second < *b.second;
    }
  };

  explicit State(internal::Engine& of) : engine(of) {}
  Status poll(std::vector<ChangedRow>& rows, const BatchLimits& limits);

  internal::Engine& engine;
  Cursor cursor;
  std::vector<Change> changes;  // kept for their room
};

}  // namespace rejoin
