/// @file
/// Packed keys: how a change names its row.
#pragma once

#include <vector>

#include <rejoin/export.h>
#include <rejoin/status.hpp>
#include <rejoin/value.hpp>

namespace rejoin {

/// The values of a row's key columns, in the order of the primary key, as crsql_pack_columns packs them
/// (docs/storage-format.md): at most 255, else kInvalidArgument. Needs no connection; from any thread.
REJOIN_API Result<Blob> pack_key(const std::vector<Value>& values) noexcept;

/// The values of a packed key; kInvalidArgument, with what is wrong and where, unless `pk` is exactly one packed key.
/// Needs no connection; from any thread.
REJOIN_API Result<std::vector<Value>> unpack_key(const Blob& pk) noexcept;

}  // namespace rejoin
