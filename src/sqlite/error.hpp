// SQLite's result codes as Status, and back.
#pragma once

#include <string>
#include <string_view>

#include <rejoin/status.hpp>

#include "sqlite/api.hpp"

namespace rejoin::internal {

/// The connection's last error as a Status: "<doing>: <SQLite's message>".
Status sqlite_error(sqlite3* db, int code, std::string_view doing);

inline Status invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }
inline Status no_memory() { return {ErrorCode::kNoMemory, "out of memory", SQLITE_NOMEM}; }

}  // namespace rejoin::internal

/// Returns from the calling function with the Status of `expression` where it is not fine.
#define REJOIN_TRY(expression)                                                                    \
  do {                                                                                            \
    if (::rejoin::Status rejoin_status = (expression); !rejoin_status.ok()) return rejoin_status; \
  } while (false)
