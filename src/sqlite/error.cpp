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

Status sqlite_error(sqlite3* db, int code, std::string_view doing) {
  std::string message(doing);
  message += ": ";
  // The connection's message belongs to its last failed call, which is not always the one that returned `code`.
  const bool from_connection = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
  message += from_connection ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return {error_code_of(code), std::move(message), code};
}

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
