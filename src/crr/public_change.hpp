// Changes as the public headers have them, from and to the engine's own.
#pragma once

#include <rejoin/change.hpp>
#include <rejoin/change_stream.hpp>
#include <rejoin/status.hpp>

#include "crr/change_reader.hpp"
#include "crr/engine.hpp"
#include "crr/merger.hpp"

namespace rejoin::internal {

inline ByteView bytes_of(const Blob& blob) { return {blob.data(), blob.size()}; }

/// The change that the reader stands on.
Status copy_change(ChangeReader& reader, Change& change);

/// `change` for the merger; it borrows from it.
IncomingChange incoming_of(const Change& change);

/// Enters the engine, and starts a walk behind `after` (all of its version but what is above its seq is passed over by
/// the caller), without what the site `not_from` wrote. `last` is the last version of the walk.
Status open_after(Engine& engine, const Cursor& after, const Blob& not_from, ChangeReader& reader, std::int64_t& last);

}  // namespace rejoin::internal
