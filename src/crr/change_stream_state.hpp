// What a ChangeStream holds.
#pragma once

#include <vector>

#include <rejoin/change_stream.hpp>

#include "crr/public_change.hpp"

namespace rejoin {

struct ChangeStream::State {
  explicit State(internal::Engine& of) : engine(of), reader(of.catalogue(), of.clock()) {}
  Status open(const Cursor& after, const Blob& not_from);
  Status next(const BatchLimits& limits, std::vector<Change>& batch);

  internal::Engine& engine;
  internal::ChangeReader reader;
  std::int64_t last_version = 0;
  Cursor cursor;
};

}  // namespace rejoin
