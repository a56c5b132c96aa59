// The tables and triggers that stand beside a CRR: their definitions (format.hpp has the meaning,
// docs/storage-format.md the page).
#pragma once

#include <string>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

/// The tables that a database has once, made where they are missing.
std::string create_engine_tables_sql();

/// `"t__crsql_clock"` and `"t__crsql_pks"` with their indices, made where they are missing.
std::string create_shadow_tables_sql(const Table& table);
std::string drop_shadow_tables_sql(const Table& table);

std::string create_triggers_sql(const Table& table);
std::string drop_triggers_sql(const Table& table);

}  // namespace rejoin::internal
