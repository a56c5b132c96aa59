// The one wrapper around every function that SQLite calls: nothing thrown gets past it, every failure becomes a code
// and a message.
#pragma once

#include <rejoin/status.hpp>

#include "sqlite/api.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

/// Runs `body`, which returns a Status (or a Result); running out of memory becomes one too.
template <typename Body>
auto guarded(Body&& body) noexcept -> decltype(body()) {
#if defined(__cpp_exceptions)
  try {
    return body();
  } catch (...) {  // the standard library throws on no memory and impossible sizes alone, and we throw nothing
    return Status(ErrorCode::kNoMemory, std::string(), SQLITE_NOMEM);
  }
#else
  return body();
#endif
}

/// A callback of an SQL function: the failure of `body` becomes the function's error.
template <typename Body>
void function_callback(sqlite3_context* context, Body&& body) noexcept {
  const Status status = guarded(body);
  if (status.ok()) return;
  if (status.code() == ErrorCode::kNoMemory) {
    sqlite3_result_error_nomem(context);
    return;
  }
  sqlite3_result_error(context, status.message().c_str(), static_cast<int>(status.message().size()));
  if (status.sqlite_code() != 0) sqlite3_result_error_code(context, status.sqlite_code());
}

/// A callback of a virtual table: the failure of `body` becomes its code and the table's message.
template <typename Body>
int table_callback(sqlite3_vtab* table, Body&& body) noexcept {
  const Status status = guarded(body);
  if (status.ok()) return SQLITE_OK;
  if (table != nullptr && !status.message().empty()) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", status.message().c_str());
  }
  return result_code(status);
}

}  // namespace rejoin::internal
