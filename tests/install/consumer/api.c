/* The pieces of docs/api.md in C, and a program that runs them: two files, written apart, become equal. */
#include <rejoin/rejoin.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* Merges into `into` what is in `from` behind the cursor that `into` keeps of it. */
static int pull(rejoin_replica* into, rejoin_replica* from) {
  unsigned char peer[16], self[16];
  rejoin_place place = {0, REJOIN_WHOLE_VERSION};
  rejoin_stream* stream = NULL;
  const rejoin_change* changes;
  size_t count = 0;
  int code = rejoin_site_id(from, peer);
  if (code == SQLITE_OK) code = rejoin_site_id(into, self);
  if (code == SQLITE_OK) code = rejoin_cursor(into, peer, sizeof peer, &place.db_version);
  if (code == SQLITE_OK) code = rejoin_changes_after(from, place, self, sizeof self, &stream);
  if (code != SQLITE_OK) return code;
  do {
    code = rejoin_stream_next(stream, 1000, 1 << 20, &changes, &count);
    if (code == SQLITE_OK) code = rejoin_merge(into, changes, count, INT64_MAX, NULL, NULL);
  } while (code == SQLITE_OK && count > 0);
  place = rejoin_stream_place(stream); /* at the end: behind the last version that there was */
  rejoin_stream_close(stream);
  return code == SQLITE_OK ? rejoin_set_cursor(into, peer, sizeof peer, place.db_version) : code;
}

/* From now on every connection of this process has the engine as soon as it is opened. */
static int attach_everywhere(void) { return sqlite3_auto_extension((void (*)(void))sqlite3_crsqlite_init); }

static rejoin_replica* open_notes(const char* path) {
  rejoin_replica* notes = NULL;
  int code = rejoin_open(path, &notes);
  if (code == SQLITE_OK)
    code = sqlite3_exec(rejoin_connection(notes),
                        "CREATE TABLE IF NOT EXISTS note (id TEXT PRIMARY KEY NOT NULL, text TEXT, done INTEGER)", NULL,
                        NULL, NULL);
  if (code == SQLITE_OK) code = rejoin_make_crr(notes, "note");
  if (code == SQLITE_OK) return notes;
  if (notes != NULL) fprintf(stderr, "%s\n", rejoin_message(notes));
  rejoin_close(notes);
  return NULL;
}

static int run(rejoin_replica* replica, const char* sql) {
  return sqlite3_exec(rejoin_connection(replica), sql, NULL, NULL, NULL);
}

int main(void) {
  rejoin_replica *phone = open_notes(":memory:"), *laptop = open_notes(":memory:");
  uint64_t of_phone[2], of_laptop[2];
  sqlite3* db = NULL;
  int whole = 0;
  if (phone == NULL || laptop == NULL) return 1;
  whole = run(phone, "INSERT INTO note VALUES ('cake', 'buy eggs', 0)") == SQLITE_OK &&
          run(laptop, "INSERT INTO note VALUES ('car', NULL, 1)") == SQLITE_OK && pull(laptop, phone) == SQLITE_OK &&
          pull(phone, laptop) == SQLITE_OK && rejoin_digest(phone, NULL, of_phone) == SQLITE_OK &&
          rejoin_digest(laptop, "note", of_laptop) == SQLITE_OK && memcmp(of_phone, of_laptop, sizeof of_phone) == 0 &&
          of_phone[0] != 0;
  rejoin_close(phone);
  rejoin_close(laptop);
  if (!whole || attach_everywhere() != SQLITE_OK || sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  whole = sqlite3_exec(db, "SELECT crsql_site_id()", NULL, NULL, NULL) == SQLITE_OK;
  return whole && sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
