// Steps of a random history between sites: deliveries of all kinds, held against the model, and the settling at the
// end.
#pragma once

#include "support/choices.hpp"
#include "support/merge_model.hpp"
#include "support/world.hpp"

namespace rejoin::test {

/// The site's schema has what the change is about.
bool knows(Site& site, const Change& change);

/// Throws a Violation unless the site came to what the model says, its version included.
void require_as_model(Site& site, const MergeModel& model, const std::string& after);

/// Something goes, well or badly, from one site to another. Throws a Violation where the engine did not do as the
/// model.
void sync_step(World& world, Choices& choices);

/// The replicas exchange, in the world's way of settling, until there is nothing new. Throws a Violation where that
/// does not come to an end.
void settle(World& world, Choices& choices);

}  // namespace rejoin::test
