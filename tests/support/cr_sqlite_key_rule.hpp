// cr-sqlite's rule for changes of keys, played on Rejoin's shadow tables: the fault that the generator must be able to
// find.
#pragma once

#include "support/site.hpp"
#include "support/writes.hpp"

namespace rejoin::test {

/// Makes the changes of keys of `write` with the engine's triggers held off, and its clocks by hand: the old key is
/// deleted in this version, the cells' clock rows go over to the new key as they are. Must be called in a transaction.
/// Throws SqlError.
void change_keys_as_cr_sqlite(Site& site, const Write& write);

}  // namespace rejoin::test
