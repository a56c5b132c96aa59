#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

ErrorCode error_code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_READONLY:
      return ErrorCode::kReadOnly;
    case SQLITE_NOMEM:
      return ErrorCode::kNoMemory;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    default:
      return ErrorCode::kSqlite;
  }
}

}  // namespace

Status sqlite_error(sqlite3* db, int code, const char* doing) {
  // The connection's message belongs to its last failed call, which is not always the one that returned `code`.
  const bool from_connection = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
  return {error_code_of(code), compose("%s: %s", {doing, from_connection ? sqlite3_errmsg(db) : sqlite3_errstr(code)}),
          code};
}

Status failure(ErrorCode code, const char* message) { return {code, message}; }

Status composed_failure(ErrorCode code, const char* form, const Piece* pieces) {
  return {code, compose_pieces(form, pieces)};
}

Status no_memory() { return {ErrorCode::kNoMemory, "out of memory", SQLITE_NOMEM}; }

}  // namespace rejoin::internal

namespace rejoin {

int result_code(const Status& status) noexcept {
  if (status.ok()) return SQLITE_OK;
  if (status.sqlite_code() != 0) return status.sqlite_code();
  switch (status.code()) {
    case ErrorCode::kNoMemory:
      return SQLITE_NOMEM;
    case ErrorCode::kBusy:
      return SQLITE_BUSY;
    case ErrorCode::kReadOnly:
      return SQLITE_READONLY;
    case ErrorCode::kCorrupt:
      return SQLITE_CORRUPT;
    default:
      return SQLITE_ERROR;
  }
}

}  // namespace rejoin
