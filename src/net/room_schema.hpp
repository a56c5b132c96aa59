// Schemas that vlcn's clients name: files in a folder.
#pragma once

#include <cstdint>
#include <string>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

namespace rejoin::net {

/// Makes a room have the schema `name` of the folder in this version, which is the
/// hash of its text; whether that changed something. It fails where the
/// folder has another version, or the room another schema.
Result<bool> bring_schema(Replica& replica, const std::string& folder, const std::string& name, std::int64_t version);

}  // namespace rejoin::net
