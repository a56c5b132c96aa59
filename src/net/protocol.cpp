#include <net/protocol.hpp>

#include <net/schema.hpp>
#include <net/sql.hpp>
#include <net/text.hpp>

#include <sync/partykit_peer.hpp>
#include <sync/vlcn_peer.hpp>

#include <rejoin/sync/session.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace rejoin::net {
namespace {

std::string token_of(const Greeting& greeting) {
  return greeting.bearer.empty() ? query_value(greeting.query, "token") : greeting.bearer;
}

std::optional<Claim> claim_rejoin(const Greeting& greeting) {
  const auto& offered = greeting.subprotocols;
  if (std::find(offered.begin(), offered.end(), sync::kProtocol) == offered.end()) return std::nullopt;
  return Claim{greeting.path.empty() ? "" : greeting.path.substr(1), token_of(greeting), sync::kProtocol};
}

// The only token is base64 of "[auth=TOKEN,]room=ROOM", and the answer must repeat it.
std::optional<Claim> claim_vlcn(const Greeting& greeting) {
  if (greeting.subprotocols.size() != 1) return std::nullopt;
  const auto decoded = base64_decoded(greeting.subprotocols[0]);
  if (!decoded) return std::nullopt;
  Claim claim;
  bool has_room = false;
  for (const std::string& entry : list_of(*decoded)) {
    const std::size_t sign = entry.find('=');
    if (sign == entry.npos) continue;
    const std::string key = entry.substr(0, sign);
    const std::string value = utf8_of_latin1(entry.substr(sign + 1, entry.find('=', sign + 1) - sign - 1));
    if (key == "auth") claim.token = value;
    if (key == "room") {
      claim.room = value;
      has_room = true;
    }
  }
  if (!has_room) return std::nullopt;
  claim.subprotocol = greeting.subprotocols[0];
  return claim;
}

// /party/ROOM or /parties/NAME/ROOM.
std::optional<Claim> claim_partykit(const Greeting& greeting) {
  if (!greeting.subprotocols.empty()) return std::nullopt;
  std::string_view path = greeting.path;
  if (path.starts_with("/party/")) {
    path.remove_prefix(7);
  } else if (path.starts_with("/parties/")) {
    path.remove_prefix(9);
    path.remove_prefix(std::min(path.find('/'), path.size() - 1) + 1);
  } else {
    return std::nullopt;
  }
  return Claim{std::string(path), token_of(greeting), ""};
}

Protocol rejoin_protocol(const ProtocolOptions& options) {
  Protocol protocol{sync::kProtocol, Frames::kAny, 0, false, claim_rejoin, {}};
  protocol.make = [options](const RoomView& room) -> Result<std::unique_ptr<sync::Peer>> {
    sync::SessionOptions session;
    session.describe = [replica = room.replica] { return describe_schema(replica); };
    if (!options.fixed_schema) {
      session.adopt = [replica = room.replica](const std::vector<sync::TableSpec>& tables) mutable {
        // A room whose schema clients of the vlcn protocol have named keeps it: they break at rows of other tables and
        // columns.
        const auto schema =
            number_of(replica.connection(), "SELECT count(*) FROM main.crsql_master WHERE key = 'schema_name'");
        if (!schema.ok()) return schema.status();
        return *schema > 0 ? Status() : adopt_schema(replica, tables);
      };
    }
    session.timeline = room.timeline;
    session.message_bytes = std::min(session.message_bytes, options.message_bytes);
    auto begun = sync::Session::begin(room.replica, std::move(session));
    if (!begun.ok()) return begun.status();
    return std::unique_ptr<sync::Peer>(std::move(begun).value());
  };
  return protocol;
}

Protocol vlcn_protocol() {
  // Its clients send all that they have in one message; their own server takes 100 MiB.
  Protocol protocol{"vlcn", Frames::kBinary, std::size_t{100} << 20, true, claim_vlcn, {}};
  protocol.make = [](const RoomView& room) -> Result<std::unique_ptr<sync::Peer>> {
    sync::VlcnOptions vlcn;
    vlcn.require_schema = room.require_schema;
    return std::unique_ptr<sync::Peer>(std::make_unique<sync::VlcnPeer>(room.replica, std::move(vlcn)));
  };
  return protocol;
}

Protocol partykit_protocol() {
  Protocol protocol{"partykit", Frames::kText, 0, false, claim_partykit, {}};
  protocol.make = [](const RoomView& room) -> Result<std::unique_ptr<sync::Peer>> {
    return std::unique_ptr<sync::Peer>(std::make_unique<sync::PartykitPeer>(room.replica));
  };
  return protocol;
}

}  // namespace

std::vector<Protocol> standard_protocols(const ProtocolOptions& options) {
  return {rejoin_protocol(options), vlcn_protocol(), partykit_protocol()};
}

}  // namespace rejoin::net
