// Making a table a CRR and an ordinary one again.
#pragma once

#include <string_view>

#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Makes the table a CRR; its rows get their first clocks under the next version. A CRR already: nothing. On an error nothing has
/// changed, and what the application's transaction did before stays.
Status make_crr(Engine& engine, std::string_view name);

/// Drops the shadow tables and triggers of a CRR; the table stays. No CRR: nothing.
Status make_plain(Engine& engine, std::string_view name);

}  // namespace rejoin::internal
