// Verifies the shadow tables against the tables: what docs/storage-format.md says under "What must hold".
#pragma once

#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Appends a Fault for whatever does not fit together, as it stands in the open transaction. Nothing is changed; only
/// the log of that transaction is written out first, as before every read. An error is returned where the check could
/// not be done (a lock, no memory), not for what it was to find.
Status find_faults(Engine& engine, std::vector<Fault>& faults);

}  // namespace rejoin::internal
