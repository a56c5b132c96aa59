// The protocols that the hub speaks, by what an upgrade request says: a table to which more can be added.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>
#include <rejoin/sync/peer.hpp>
#include <rejoin/sync/session.hpp>

namespace rejoin::net {

/// What a client's upgrade request says.
struct Greeting {
  std::string path;                       ///< of the target, as it came
  std::string query;                      ///< behind the question mark
  std::vector<std::string> subprotocols;  ///< of Sec-WebSocket-Protocol
  std::string bearer;                     ///< of "Authorization: Bearer …"
};

/// What a protocol reads from a Greeting: whom it is for and by whose leave.
struct Claim {
  std::string room;         ///< not looked at yet: anything
  std::string token;        ///< empty: none
  std::string subprotocol;  ///< what the answer is to say; empty: nothing
};

/// A room as the maker of a Peer sees it.
struct RoomView {
  const Replica& replica;
  std::string name;
  std::shared_ptr<sync::Timeline> timeline;  ///< the room's, while it is open
  /// Makes the room's database have the schema of that name and version (the vlcn protocol's), or says why not.
  std::function<Status(const std::string& name, std::int64_t version)> require_schema;
};

/// Which kinds of message a protocol knows.
enum class Frames { kAny, kBinary, kText };

struct Protocol {
  std::string name;  ///< for the metrics
  Frames frames = Frames::kAny;
  std::size_t least_message_bytes = 0;  ///< its clients send this much in one message, whatever the hub's limit says
  bool schema_bound = false;  ///< its clients cannot take rows of another schema than the one they have asked for
  /// What the request claims; nothing: it is of another protocol.
  std::function<std::optional<Claim>(const Greeting&)> claim;
  /// A Peer for a connection to that room. Unset: the hub was built without this protocol.
  std::function<Result<std::unique_ptr<sync::Peer>>(const RoomView&)> make;
};

/// What the protocols are to do beyond themselves.
struct ProtocolOptions {
  bool fixed_schema = false;      ///< do not make tables and columns that clients have and a room lacks
  std::size_t message_bytes = 0;  ///< how large a message may be
};

/// rejoin.1, vlcn and PartyKit, in the order in which they are asked.
std::vector<Protocol> standard_protocols(const ProtocolOptions& options);

}  // namespace rejoin::net
