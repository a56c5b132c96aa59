// What is wrong with a message of the peer.
#pragma once

#include <string>
#include <string_view>

#include <rejoin/status.hpp>

namespace rejoin::sync {

inline Status bad_message(std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string("a message of the peer: ").append(what)};
}

}  // namespace rejoin::sync
