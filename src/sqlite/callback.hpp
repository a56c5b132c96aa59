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

void function_failed(sqlite3_context* context, const Status& status) noexcept;
int table_failed(sqlite3_vtab* table, const Status& status) noexcept;

/// A callback of an SQL function: the failure of `body` becomes the function's error.
template <typename Body>
void function_callback(sqlite3_context* context, Body&& body) noexcept {
  const Status status = guarded(body);
  if (!status.ok()) function_failed(context, status);
}

/// A callback of a virtual table: the failure of `body` becomes its code and the table's message.
template <typename Body>
int table_callback(sqlite3_vtab* table, Body&& body) noexcept {
  const Status status = guarded(body);
  return status.ok() ? SQLITE_OK : table_failed(table, status);
}

}  // namespace rejoin::internal
