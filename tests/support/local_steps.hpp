// One step of a random history at one site: writes, alone or in transactions, and what must hold after them.
#pragma once

#include "support/choices.hpp"
#include "support/world.hpp"

namespace rejoin::test {

/// Throws a Violation where the engine did not do as the contract says.
void local_step(World& world, Site& site, Choices& choices);

}  // namespace rejoin::test
