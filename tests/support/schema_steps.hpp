// Steps of a random history that bring a site's schema nearer to the newest one.
#pragma once

#include "support/choices.hpp"
#include "support/world.hpp"

namespace rejoin::test {

/// Makes the table of `shape` and upgrades it to a CRR; `with_rows`: it may hold some before that.
void create_table(World& world, Site& site, const Shape& shape, bool with_rows, Choices& choices);

/// `newest` as it was before any column was added to it.
Shape oldest(const Shape& newest);

/// One schema change: a table or a column that the site lacks. Nothing where it has all. What was held for it must be
/// merged by it, as the model says.
void alter_step(World& world, Site& site, Choices& choices);

/// All that the site lacks.
void bring_up_to_date(World& world, Site& site, Choices& choices);

}  // namespace rejoin::test
