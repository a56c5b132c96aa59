/* A host that offers no more than loadExtension(path, entry). */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char** argv) {
  sqlite3* db = NULL;
  char* error = NULL;
  if (argc != 2 || sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (sqlite3_load_extension(db, argv[1], "sqlite3_crsqlite_init", &error) != SQLITE_OK ||
      sqlite3_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('t');", NULL,
                   NULL, &error) != SQLITE_OK) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
