// Random scripts: tables of all kinds, local writes of all kinds, transactions and savepoints, failing statements,
// made-up changes merged in any order, and changes that travel between two databases.
//
// They keep away from the known differences that a comparison cannot look past (known.hpp): no key changes, no values
// that a column's affinity would change in a merge, no malformed changes, no merges inside a savepoint that is rolled
// back and written after, no failing upgrades.
#pragma once

#include <cstdint>

#include "oracle/script.hpp"

namespace rejoin::oracle {

Script random_script(std::uint64_t seed);

}  // namespace rejoin::oracle
