#include <rejoin/rejoin.h>
#include <rejoin/attach.hpp>

#include <new>

#include "crr/changes_table.hpp"
#include "crr/check_table.hpp"
#include "crr/clock_walk.hpp"
#include "crr/clocks_table.hpp"
#include "crr/clset_table.hpp"
#include "crr/engine.hpp"
#include "crr/rows_table.hpp"
#include "crr/sql_functions.hpp"
#include "crr/transaction_table.hpp"
#include "crr/unpack_table.hpp"
#include "crr/wanted_key_table.hpp"
#include "sqlite/api.hpp"
#include "sqlite/callback.hpp"

#ifndef REJOIN_VERSION
#error "the build defines REJOIN_VERSION"
#endif

namespace rejoin {

namespace internal {

namespace {

int register_all(sqlite3* db, Engine* engine) {
  int code = register_transaction_table(db, engine);
  if (code == SQLITE_OK) code = register_guard_table(db, engine);
  if (code == SQLITE_OK) code = register_rows_table(db, engine);
  if (code == SQLITE_OK) code = register_clocks_table(db, engine);
  if (code == SQLITE_OK) code = register_changes_table(db, engine);
  if (code == SQLITE_OK) code = register_check_table(db, engine);
  if (code == SQLITE_OK) code = register_clset_table(db, engine);
  if (code == SQLITE_OK) code = register_unpack_table(db);
  if (code == SQLITE_OK) code = register_wanted_key_table(db);
  if (code == SQLITE_OK) code = register_clock_walk(db);
  if (code == SQLITE_OK) code = register_functions(db, engine);
  return code;
}

void unregister_all(sqlite3* db) {
  unregister_functions(db);
  unregister_clock_walk(db);
  for (const char* name :
       {"crsql_changes", "rejoin_check", "crsql_unpack_columns", "clset", "crsql_internal_transaction",
        "crsql_internal_guard", "crsql_internal_rows", "crsql_internal_clocks", "crsql_internal_wanted_key"}) {
    sqlite3_create_module_v2(db, name, nullptr, nullptr, nullptr);
  }
}

/// Trouble that may be over when the engine is first used, or that only hinders what writes.
bool may_wait(const Status& status) {
  const int code = status.sqlite_code() & 0xff;
  return status.code() == ErrorCode::kBusy || status.code() == ErrorCode::kReadOnly || code == SQLITE_NOTADB;
}

Status attach_new(sqlite3* db) {
  auto* engine = new (std::nothrow) Engine(db);
  if (engine == nullptr) return no_memory();
  engine->hold();
  bool exist = false;
  Status status = guarded([&] { return engine->check_layout(exist); });
  const bool known = status.ok();
  if (known || may_wait(status)) {
    // Registering can be taken back, so it comes before the tables, which then are the last thing that can fail.
    const int code = register_all(db, engine);
    status = code == SQLITE_OK ? Status() : guarded([&] { return sqlite_error(db, code, "registering the engine"); });
    if (status.ok() && known) status = guarded([&] { return engine->provide_storage(exist); });
    if (may_wait(status)) status = {};
    if (!status.ok()) unregister_all(db);
    // What could not be read yet must not be the connection's last error: sqlite3_open() would take it for its own
    // where this is an automatic extension.
    if (status.ok()) sqlite3_exec(db, "", nullptr, nullptr, nullptr);
  }
  Engine::drop(engine);
  return status;
}

}  // namespace

}  // namespace internal

Status attach(sqlite3* db) noexcept {
  if (db == nullptr) return internal::invalid("no connection to attach to");
  return internal::guarded([&] { return internal::Engine::of(db) != nullptr ? Status() : internal::attach_new(db); });
}

const char* version() noexcept { return REJOIN_VERSION; }

}  // namespace rejoin

extern "C" {

#if defined(REJOIN_LOADABLE)
const sqlite3_api_routines* sqlite3_api = nullptr;

// The only way in, and the only name that is shown: before it nothing of SQLite can be called.
#if defined(_WIN32)
__declspec(dllexport)
#else
[[gnu::visibility("default")]]
#endif
    int sqlite3_crsqlite_init(sqlite3* db, char** error, const sqlite3_api_routines* api) {
  if (api == nullptr) return SQLITE_ERROR;
  sqlite3_api = api;
  return rejoin_attach(db, error);
}
#else
int sqlite3_crsqlite_init(sqlite3* db, char** error, const sqlite3_api_routines*) { return rejoin_attach(db, error); }
#endif

int rejoin_attach(sqlite3* db, char** error) {
  const rejoin::Status status = rejoin::attach(db);
  if (error != nullptr) *error = status.ok() ? nullptr : sqlite3_mprintf("%s", status.message().c_str());
  return rejoin::result_code(status);
}

}  // extern "C"
