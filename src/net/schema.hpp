// The shape of CRRs: told to a peer, and made from what a peer tells.
#pragma once

#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>
#include <rejoin/sync/session.hpp>

namespace rejoin::net {

/// The CRRs of a replica as they are declared. Hidden and generated columns are left out, and so are defaults that are
/// no literals.
Result<std::vector<sync::TableSpec>> describe_schema(const Replica& replica) noexcept;

/// Makes the tables that are not here, as CRRs, makes CRRs of tables that are here and none, and adds the columns that
/// are not here: all of it or, where one cannot be made, nothing. What is here already stays as it is. The specs are
/// strangers': whatever is not a plain declaration is refused with kInvalidArgument and a message that names it.
Status adopt_schema(Replica& replica, const std::vector<sync::TableSpec>& tables) noexcept;

}  // namespace rejoin::net
