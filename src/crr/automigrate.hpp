// Bringing a database to a wanted schema: what crsql_automigrate does.
#pragma once

#include <string>

#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Compares the schema that `schema` (CREATE statements and crsql_as_crr calls) makes in an empty database with the
/// present one. Tables, columns and indices that are gone are dropped, new ones made, indices of another definition
/// rebuilt, tables that are CRRs there made CRRs here; a CRR's change is one alter. Views and triggers are made or
/// replaced, never dropped; a view that is replaced keeps its triggers. A table whose clset table is gone stays where
/// it is wanted. `cleanup` runs in that other database at the end. A change of a primary key is refused. On an error
/// nothing has changed.
Status automigrate(Engine& engine, const std::string& schema, const std::string& cleanup);

}  // namespace rejoin::internal
