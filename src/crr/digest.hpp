// A digest that is equal exactly when replicas are.
#pragma once

#include <string_view>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// The digest of one CRR, or of all where `table` is empty. Defined in docs/merge.md; DO NOT CHANGE: others compute it
/// too.
Status compute_digest(Engine& engine, std::string_view table, Digest& digest);

}  // namespace rejoin::internal
