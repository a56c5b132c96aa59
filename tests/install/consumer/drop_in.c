/* A program written for cr-sqlite that linked it statically: it knows one symbol and the SQL functions. */
#include <rejoin/rejoin.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int count_row(void* count, int columns, char** cells, char** names) {
  (void)columns, (void)cells, (void)names;
  ++*(int*)count;
  return 0;
}

int main(void) {
  sqlite3* db = NULL;
  char* error = NULL;
  int changes = 0;

  sqlite3_auto_extension((void (*)(void))sqlite3_crsqlite_init);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  if (sqlite3_exec(db,
                   "CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, title TEXT, body TEXT);"
                   "SELECT crsql_as_crr('notes');"
                   "INSERT INTO notes VALUES (1, 'plants', 'water them on Friday');",
                   NULL, NULL, &error) != SQLITE_OK ||
      sqlite3_exec(db, "SELECT * FROM crsql_changes", count_row, &changes, &error) != SQLITE_OK) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  printf("rejoin %s: %d changes\n", rejoin_version(), changes);
  return changes == 2 && strlen(rejoin_version()) > 0 && sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
