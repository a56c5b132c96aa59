#include "crr/transaction_table.hpp"

#include "sqlite/callback.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

// Both tables are always empty.
using InternalTable = OwnedTable<Engine>;

Engine& transaction_engine_of(sqlite3_vtab* table) { return *static_cast<InternalTable*>(table)->owner; }

int transaction_connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  return connect_owned<InternalTable>(db, "CREATE TABLE x(x)", engine, out);
}

int disconnect_guard(sqlite3_vtab* table) {
  transaction_engine_of(table).on_close();
  return delete_table<InternalTable>(table);
}

int transaction_update(sqlite3_vtab* table, int, sqlite3_value**, sqlite3_int64* row) {
  *row = sqlite3_last_insert_rowid(transaction_engine_of(table).db());  // as if nothing had been inserted
  return SQLITE_OK;
}
int begin(sqlite3_vtab* table) {
  return table_callback(table, [&] { return transaction_engine_of(table).on_begin(); });
}
int sync(sqlite3_vtab* table) {
  return table_callback(table, [&] { return transaction_engine_of(table).on_sync(); });
}
int commit(sqlite3_vtab* table) {
  transaction_engine_of(table).on_commit();
  return SQLITE_OK;
}
int rollback(sqlite3_vtab* table) {
  transaction_engine_of(table).on_rollback();
  return SQLITE_OK;
}
int savepoint(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] { return transaction_engine_of(table).on_savepoint(number); });
}
int release(sqlite3_vtab* table, int number) {
  transaction_engine_of(table).recorder().release(number);
  return SQLITE_OK;
}
int rollback_to(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] {
    transaction_engine_of(table).on_rollback_to(number);
    return Status();
  });
}

sqlite3_module internal_module() {
  sqlite3_module module = empty_module();
  module.xConnect = transaction_connect;  // and no xCreate: the tables are there without being created
  module.xDisconnect = delete_table<InternalTable>;
  return module;
}

sqlite3_module transaction_module() {
  sqlite3_module module = internal_module();
  module.iVersion = 2;
  module.xUpdate = transaction_update;
  module.xBegin = begin;
  module.xSync = sync;
  module.xCommit = commit;
  module.xRollback = rollback;
  module.xSavepoint = savepoint;
  module.xRelease = release;
  module.xRollbackTo = rollback_to;
  return module;
}

sqlite3_module guard_module() {
  sqlite3_module module = internal_module();
  module.xDisconnect = disconnect_guard;
  return module;
}

}  // namespace

int register_transaction_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = transaction_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "crsql_internal_transaction", &kModule, engine, &Engine::drop);
}

int register_guard_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = guard_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "crsql_internal_guard", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal
