#include <rejoin/sync/peer.hpp>

namespace rejoin::sync {

Peer::~Peer() = default;

}  // namespace rejoin::sync
