/* A program written for cr-sqlite: it knows one symbol, the SQL functions, and that crsql_finalize comes before close.
 * Nothing in it is of Rejoin. */
#include <sqlite3.h>
#include <stdio.h>

int sqlite3_crsqlite_init(sqlite3* db, char** error, const sqlite3_api_routines* api);

static int print_row(void* unused, int columns, char** cells, char** names) {
  (void)unused, (void)names;
  for (int i = 0; i < columns; ++i) printf("%s%s", cells[i], i + 1 < columns ? " " : "\n");
  return 0;
}

static int run(sqlite3* db, const char* sql) {
  char* error = NULL;
  const int code = sqlite3_exec(db, sql, print_row, NULL, &error);
  if (code != SQLITE_OK) fprintf(stderr, "%s: %s\n", sql, error);
  sqlite3_free(error);
  return code == SQLITE_OK;
}

int main(void) {
  sqlite3* db = NULL;
  sqlite3_auto_extension((void (*)(void))sqlite3_crsqlite_init);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
      !run(db, "CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, title TEXT, body TEXT)") ||
      !run(db, "SELECT crsql_as_crr('notes')") ||
      !run(db, "INSERT INTO notes VALUES (1, 'plants', 'water them on Friday')") ||
      !run(db, "SELECT \"table\", cid, val, col_version FROM crsql_changes") || !run(db, "SELECT crsql_finalize()")) {
    return 1;
  }
  return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
