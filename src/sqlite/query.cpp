#include "sqlite/query.hpp"

#include "sqlite/error.hpp"

namespace rejoin::internal {

Query::Query(sqlite3* db, const std::string& sql, const char* doing)
    : db_(db), doing_(doing), code_(statement_.prepare(db, sql.c_str())) {}

bool Query::step() {
  if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(get());
  return code_ == SQLITE_ROW;
}

Status Query::status() const {
  const bool fine = code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE;
  return fine ? Status() : sqlite_error(db_, code_, doing_);
}

std::string Query::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
  return text == nullptr ? "" : text;
}

}  // namespace rejoin::internal
