// SQLite's result codes as Status, and back.
#pragma once

#include <string>

#include <rejoin/status.hpp>

#include "base/try.hpp"
#include "sqlite/api.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

/// The connection's last error as a Status: "<doing>: <SQLite's message>".
Status sqlite_error(sqlite3* db, int code, const char* doing);
inline Status sqlite_error(sqlite3* db, int code, const std::string& doing) {
  return sqlite_error(db, code, doing.c_str());
}

Status failure(ErrorCode code, const char* message);
inline Status invalid(const char* message) { return failure(ErrorCode::kInvalidArgument, message); }

/// A Status that says compose(form, pieces).
Status composed_failure(ErrorCode code, const char* form, const Piece* pieces);
template <std::size_t Count>
Status failure(ErrorCode code, std::type_identity_t<Form<Count>> form, const Piece (&pieces)[Count]) {
  return composed_failure(code, form.text, pieces);
}
template <std::size_t Count>
Status invalid(std::type_identity_t<Form<Count>> form, const Piece (&pieces)[Count]) {
  return composed_failure(ErrorCode::kInvalidArgument, form.text, pieces);
}

Status no_memory();

}  // namespace rejoin::internal
