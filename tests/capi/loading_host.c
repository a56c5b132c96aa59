/* A program that was written for cr-sqlite: it loads the library by its path without a suffix, and SQLite derives the
 * entry point from the file's name. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int run(sqlite3* db, const char* sql) {
  char* error = NULL;
  const int code = sqlite3_exec(db, sql, NULL, NULL, &error);
  if (code != SQLITE_OK) printf("%s: %s\n", sql, error);
  sqlite3_free(error);
  return code == SQLITE_OK;
}

static int first(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = NULL;
  int value = -1;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    value = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  return value;
}

int main(int argc, char** argv) {
  sqlite3* db = NULL;
  char* error = NULL;
  char path[4096];
  if (argc != 2 || strlen(argv[1]) >= sizeof path) return 2;
  strcpy(path, argv[1]);
  if (strrchr(path, '.') != NULL) *strrchr(path, '.') = '\0';
  if (sqlite3_open(":memory:", &db) != SQLITE_OK || sqlite3_enable_load_extension(db, 1) != SQLITE_OK) return 2;
  if (sqlite3_load_extension(db, path, NULL, &error) != SQLITE_OK) {
    printf("%s\n", error);
    return 1;
  }
  if (!run(db,
           "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
           "INSERT INTO t VALUES (1, 'a'), (2, 'b'); UPDATE t SET v = 'c' WHERE id = 2; DELETE FROM t WHERE id = 1;"
           "INSERT INTO crsql_changes VALUES ('t', x'010903', 'v', 'merged', 1, 1, zeroblob(16), 1, 0)"))
    return 1;
  if (first(db, "SELECT count(*) FROM crsql_changes") != 3 || first(db, "SELECT count(*) FROM t") != 2) return 1;
  if (first(db, "SELECT count(*) FROM rejoin_check") != 0) return 1;
  return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
