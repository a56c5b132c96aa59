// The address of a room.
#pragma once

#include <string>
#include <string_view>

#include <rejoin/status.hpp>

namespace rejoin::net {

struct Url {
  bool tls = false;
  std::string host;  ///< without the brackets of an IPv6 address
  std::string port;
  std::string target;     ///< path and query
  std::string authority;  ///< as the Host field wants it
};

/// Reads ws://HOST[:PORT]/ROOM[?QUERY] or wss://…
Result<Url> parse_url(std::string_view text);

}  // namespace rejoin::net
