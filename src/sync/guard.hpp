// The end of the road for exceptions.
#pragma once

#include <string>

#include <rejoin/status.hpp>

namespace rejoin::sync {

/// `body()`, which returns a Status or a Result. What it throws is about memory: the standard library throws for little
/// else here, and we throw nothing.
template <typename Body>
auto guarded(Body&& body) noexcept -> decltype(body()) {
#if defined(__cpp_exceptions)
  try {
    return body();
  } catch (...) {
    return Status(ErrorCode::kNoMemory, std::string());
  }
#else
  return body();
#endif
}

}  // namespace rejoin::sync
