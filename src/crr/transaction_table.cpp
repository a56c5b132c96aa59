#include "crr/transaction_table.hpp"

#include <new>

#include "sqlite/callback.hpp"

namespace rejoin::internal {

namespace {

struct InternalTable : sqlite3_vtab {
  Engine* engine = nullptr;
};

Engine& engine_of(sqlite3_vtab* table) { return *static_cast<InternalTable*>(table)->engine; }

int connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  const int code = sqlite3_declare_vtab(db, "CREATE TABLE x(x)");
  if (code != SQLITE_OK) return code;
  auto* table = new (std::nothrow) InternalTable();
  if (table == nullptr) return SQLITE_NOMEM;
  table->engine = static_cast<Engine*>(engine);
  *out = table;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<InternalTable*>(table);
  return SQLITE_OK;
}

int disconnect_guard(sqlite3_vtab* table) {
  engine_of(table).on_close();
  return disconnect(table);
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }

// Both tables are always empty.
int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  *out = new (std::nothrow) sqlite3_vtab_cursor();
  return *out == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}
int close(sqlite3_vtab_cursor* cursor) {
  delete cursor;
  return SQLITE_OK;
}
int filter(sqlite3_vtab_cursor*, int, const char*, int, sqlite3_value**) { return SQLITE_OK; }
int next(sqlite3_vtab_cursor*) { return SQLITE_OK; }
int eof(sqlite3_vtab_cursor*) { return 1; }
int column(sqlite3_vtab_cursor*, sqlite3_context*, int) { return SQLITE_OK; }
int rowid(sqlite3_vtab_cursor*, sqlite3_int64* out) {
  *out = 0;
  return SQLITE_OK;
}

int update(sqlite3_vtab* table, int, sqlite3_value**, sqlite3_int64* row) {
  *row = sqlite3_last_insert_rowid(engine_of(table).db());  // as if nothing had been inserted
  return SQLITE_OK;
}
int begin(sqlite3_vtab* table) {
  return table_callback(table, [&] { return engine_of(table).on_begin(); });
}
int sync(sqlite3_vtab* table) {
  return table_callback(table, [&] { return engine_of(table).on_sync(); });
}
int commit(sqlite3_vtab* table) {
  engine_of(table).on_commit();
  return SQLITE_OK;
}
int rollback(sqlite3_vtab* table) {
  engine_of(table).on_rollback();
  return SQLITE_OK;
}
int savepoint(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] {
    engine_of(table).recorder().savepoint(number);
    return Status();
  });
}
int release(sqlite3_vtab* table, int number) {
  engine_of(table).recorder().release(number);
  return SQLITE_OK;
}
int rollback_to(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] {
    engine_of(table).on_rollback_to(number);
    return Status();
  });
}

sqlite3_module internal_module() {
  sqlite3_module module{};
  module.iVersion = 2;
  module.xConnect = connect;  // and no xCreate: the tables are there without being created
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

sqlite3_module transaction_module() {
  sqlite3_module module = internal_module();
  module.xUpdate = update;
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
