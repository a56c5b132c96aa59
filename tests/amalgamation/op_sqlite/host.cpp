// A host as op-sqlite is one: the sources of the application's c_sources are part of it, their functions are called on
// each connection that is opened, without a table of SQLite's functions, and whatever they return is dropped.
#include <cstdio>
#include <string>

#include "tokenizers.h"

namespace opsqlite {

static sqlite3* open(const char* path) {
  char* errMsg;
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) !=
      SQLITE_OK)
    return nullptr;
  sqlite3_enable_load_extension(db, 1);
  TOKENIZER_LIST
  return db;
}

}  // namespace opsqlite

static bool run(sqlite3* db, const char* sql, int rows) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
  if (code == SQLITE_OK) {
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) --rows;
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE || rows != 0) std::printf("%s: %s\n", sql, sqlite3_errmsg(db));
  return code == SQLITE_DONE && rows == 0;
}

int main(int, char** argv) {
  const std::string file = std::string(argv[0]) + ".db";
  std::remove(file.c_str());
  for (int opened = 0; opened < 2; ++opened) {
    sqlite3* db = opsqlite::open(file.c_str());
    if (db == nullptr || !run(db, "CREATE TABLE IF NOT EXISTS t (id TEXT PRIMARY KEY NOT NULL, v)", 0) ||
        !run(db, "SELECT crsql_as_crr('t')", 1) || !run(db, "INSERT OR REPLACE INTO t VALUES ('a', 1), ('b', 2)", 0) ||
        !run(db, "SELECT * FROM crsql_changes", 2) || !run(db, "SELECT * FROM rejoin_check", 0))
      return 1;
    if (sqlite3_close_v2(db) != SQLITE_OK) return 1;
  }
  return 0;
}
