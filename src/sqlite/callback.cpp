#include "sqlite/callback.hpp"

namespace rejoin::internal {

void function_failed(sqlite3_context* context, const Status& status) noexcept {
  if (status.code() == ErrorCode::kNoMemory) {
    sqlite3_result_error_nomem(context);
    return;
  }
  sqlite3_result_error(context, status.message().c_str(), static_cast<int>(status.message().size()));
  if (status.sqlite_code() != 0) sqlite3_result_error_code(context, status.sqlite_code());
}

int table_failed(sqlite3_vtab* table, const Status& status) noexcept {
  if (table != nullptr && !status.message().empty()) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", status.message().c_str());
  }
  return result_code(status);
}

}  // namespace rejoin::internal
