// SQLite's callbacks, as JavaScript functions: each is known by a number that glue.js has given it.
#include <sqlite3.h>

#include <cstdint>

#include <rejoin/rejoin.h>

// Implemented in library.js.
extern "C" {
void jsFunction(int id, sqlite3_context* context, int count, sqlite3_value** values);
void jsStep(int id, sqlite3_context* context, int count, sqlite3_value** values);
void jsFinal(int id, sqlite3_context* context);
void jsUpdateHook(int id, int type, const char* database, const char* table, const sqlite3_int64* row);
void jsRollbackHook(sqlite3* db);
int jsAuthorize(sqlite3* db, int action, const char* a, const char* b, const char* database, const char* trigger);
int jsProgress(sqlite3* db);
}

namespace {

void* pointer_of(int id) { return reinterpret_cast<void*>(static_cast<std::intptr_t>(id)); }
int id_of(void* pointer) { return static_cast<int>(reinterpret_cast<std::intptr_t>(pointer)); }
int id_of(sqlite3_context* context) { return id_of(sqlite3_user_data(context)); }

void call(sqlite3_context* context, int count, sqlite3_value** values) {
  jsFunction(id_of(context), context, count, values);
}

void step(sqlite3_context* context, int count, sqlite3_value** values) {
  jsStep(id_of(context), context, count, values);
}

void final(sqlite3_context* context) { jsFinal(id_of(context), context); }

void updated(void* id, int type, const char* database, const char* table, sqlite3_int64 row) {
  jsUpdateHook(id_of(id), type, database, table, &row);
}

int authorize(void* db, int action, const char* a, const char* b, const char* database, const char* trigger) {
  return jsAuthorize(static_cast<sqlite3*>(db), action, a, b, database, trigger);
}

int progress(void* db) { return jsProgress(static_cast<sqlite3*>(db)); }

void rolled_back(void* db) { jsRollbackHook(static_cast<sqlite3*>(db)); }

// New connections become replicas within sqlite3_open_v2(): that call's caller waits while it reads and writes the
// file, as no caller of a function of our own would.
[[maybe_unused]] const int kRegistered = sqlite3_auto_extension(reinterpret_cast<void (*)()>(sqlite3_crsqlite_init));

}  // namespace

extern "C" {

/// Called for each new connection, which is a replica already.
int RegisterExtensionFunctions(sqlite3*) { return SQLITE_OK; }

/// What frees the memory of texts and blobs that were bound.
void* getSqliteFree() { return reinterpret_cast<void*>(&sqlite3_free); }

int create_function(sqlite3* db, const char* name, int arguments, int encoding, int id, int is_aggregate) {
  return is_aggregate != 0
             ? sqlite3_create_function_v2(db, name, arguments, encoding, pointer_of(id), nullptr, step, final, nullptr)
             : sqlite3_create_function_v2(db, name, arguments, encoding, pointer_of(id), call, nullptr, nullptr,
                                          nullptr);
}

/// An `id` below 0 takes the hook away.
void update_hook(sqlite3* db, int id) { sqlite3_update_hook(db, id < 0 ? nullptr : updated, pointer_of(id)); }

void rollback_hook(sqlite3* db) { sqlite3_rollback_hook(db, rolled_back, db); }

int set_authorizer(sqlite3* db, int is_on) { return sqlite3_set_authorizer(db, is_on != 0 ? authorize : nullptr, db); }

void progress_handler(sqlite3* db, int operations) {
  sqlite3_progress_handler(db, operations, operations > 0 ? progress : nullptr, db);
}

}  // extern "C"
