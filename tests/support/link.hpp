// A bad line between two replicas: it loses, repeats and reorders what it is given.
#pragma once

#include <optional>
#include <vector>

#include <rejoin/change.hpp>

#include "support/choices.hpp"

namespace rejoin::test {

/// What one delivery may suffer.
struct LinkFaults {
  bool drop_some = false;    ///< each change may be lost
  bool repeat_some = false;  ///< each change may come twice
  bool reorder = false;      ///< in any order
};

LinkFaults any_faults(Choices& choices);

std::vector<Change> carry(std::vector<Change> changes, LinkFaults faults, Choices& choices);

/// The longest front of `changes` (in db_version order) of at most `limit` changes that does not split a version: what
/// is left when the line breaks and the receiver keeps whole versions only.
std::vector<Change> whole_versions(std::vector<Change> changes, std::size_t limit);

/// A batch under way, as the vlcn protocol frames it: it may be taken in by who has seen everything up to `since`.
struct Message {
  std::size_t from = 0;
  std::size_t to = 0;
  std::int64_t since = 0;
  std::int64_t until = 0;
  std::vector<Change> changes;
};

}  // namespace rejoin::test
