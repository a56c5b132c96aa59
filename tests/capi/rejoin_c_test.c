/* The C face from C: two replicas sync through it, and what is wrong is reported. */
#include <rejoin/rejoin.h>
#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) {                                              \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                    \
    }                                                                \
  } while (0)

static rejoin_replica* open_with_table(const char* rows) {
  rejoin_replica* replica = NULL;
  CHECK(rejoin_open(":memory:", &replica) == SQLITE_OK);
  CHECK(sqlite3_exec(rejoin_connection(replica), "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b)", NULL, NULL,
                     NULL) == SQLITE_OK);
  CHECK(rejoin_make_crr(replica, "t") == SQLITE_OK);
  CHECK(sqlite3_exec(rejoin_connection(replica), rows, NULL, NULL, NULL) == SQLITE_OK);
  return replica;
}

/* Merges into `into` what `from` has behind the cursor that `into` keeps of it; gives how many changes won. */
static int64_t pull(rejoin_replica* into, rejoin_replica* from, size_t most) {
  unsigned char source[16], self[16];
  rejoin_place place = {0, REJOIN_WHOLE_VERSION};
  rejoin_stream* stream = NULL;
  const rejoin_change* changes = NULL;
  size_t count = 0;
  int64_t all = 0, won = 0;
  CHECK(rejoin_site_id(from, source) == SQLITE_OK && rejoin_site_id(into, self) == SQLITE_OK);
  CHECK(rejoin_cursor(into, source, 16, &place.db_version) == SQLITE_OK);
  CHECK(rejoin_changes_after(from, place, self, 16, &stream) == SQLITE_OK);
  do {
    CHECK(rejoin_stream_next(stream, most, 1 << 20, &changes, &count) == SQLITE_OK);
    CHECK(rejoin_merge(into, changes, count, INT64_MAX, &won, NULL) == SQLITE_OK);
    all += won;
  } while (count > 0);
  place = rejoin_stream_place(stream);
  CHECK(place.seq == REJOIN_WHOLE_VERSION);
  CHECK(rejoin_set_cursor(into, source, 16, place.db_version) == SQLITE_OK);
  rejoin_stream_close(stream);
  return all;
}

static void count_call(void* context) { ++*(int*)context; }

static void count_fault(void* context, const char* table, const void* pk, size_t pk_size, const char* fault) {
  (void)pk;
  (void)pk_size;
  CHECK(strcmp(table, "t") == 0 && fault[0] != '\0');
  ++*(int*)context;
}

static void two_replicas_become_equal(void) {
  rejoin_replica* a = open_with_table("INSERT INTO t VALUES (1, 'text', x'00ff'), (2, 1.5, NULL), (3, -7, x'')");
  rejoin_replica* b = open_with_table("INSERT INTO t VALUES (1, 'other', 2), (9, 'nine', 9)");
  uint64_t of_a[2], of_b[2];
  int calls = 0, told = 0;
  int64_t listener = 0, faults = -1, version = 0;
  rejoin_watcher* watcher = NULL;
  const rejoin_row* rows = NULL;
  size_t count = 0;
  CHECK(rejoin_watch(a, NULL, &watcher) == SQLITE_OK);
  CHECK(rejoin_on_commit(a, count_call, &calls, &listener) == SQLITE_OK);
  CHECK(pull(a, b, 1) > 0);
  CHECK(calls > 0);
  CHECK(rejoin_watcher_poll(watcher, 1000, &rows, &count) == SQLITE_OK);
  CHECK(count == 2 && strcmp(rows[0].table, "t") == 0 && rows[0].pk_size == 3 && rows[0].merged && !rows[0].deleted);
  CHECK(rejoin_watcher_poll(watcher, 1000, &rows, &count) == SQLITE_OK && count == 0);
  CHECK(rejoin_watcher_place(watcher).db_version > 0);
  CHECK(pull(b, a, 3) > 0);
  CHECK(pull(a, b, 100) == 0);
  CHECK(rejoin_digest(a, NULL, of_a) == SQLITE_OK && rejoin_digest(b, "t", of_b) == SQLITE_OK);
  CHECK(memcmp(of_a, of_b, sizeof of_a) == 0);
  CHECK(rejoin_check(a, count_fault, &told, &faults) == SQLITE_OK && faults == 0 && told == 0);
  CHECK(sqlite3_exec(rejoin_connection(a), "DELETE FROM t__crsql_clock", NULL, NULL, NULL) == SQLITE_OK);
  CHECK(rejoin_check(a, count_fault, &told, &faults) == SQLITE_OK && faults > 0 && told == faults);
  CHECK(rejoin_db_version(b, &version) == SQLITE_OK && version >= 2);
  calls = 0;
  rejoin_forget_commit(a, listener);
  CHECK(sqlite3_exec(rejoin_connection(a), "UPDATE t SET a = 0", NULL, NULL, NULL) == SQLITE_OK && calls == 0);
  rejoin_watcher_close(watcher);
  rejoin_close(a);
  rejoin_close(b);
}

static void what_is_wrong_is_reported(void) {
  rejoin_replica* replica = open_with_table("INSERT INTO t VALUES (1, 1, 1)");
  rejoin_replica* borrowed = NULL;
  unsigned char before[16], after[16];
  rejoin_change changes[2];
  int64_t version = 0;
  memset(changes, 0, sizeof changes);
  changes[0].table = "t";
  changes[0].pk = "\x01\x09\x05";
  changes[0].pk_size = 3;
  changes[0].column = "a";
  changes[0].value.type = SQLITE_TEXT;
  changes[0].value.bytes = "five";
  changes[0].value.size = 4;
  changes[0].column_version = 1;
  changes[0].db_version = 1;
  changes[0].site_id = "0123456789abcdef";
  changes[0].site_id_size = 16;
  changes[0].causal_length = 1;
  changes[1] = changes[0];
  changes[1].value.type = 6;
  CHECK(rejoin_merge(replica, changes, 2, INT64_MAX, NULL, NULL) != SQLITE_OK);
  CHECK(strncmp(rejoin_message(replica), "change 2 of 2: ", 15) == 0);
  changes[1].value.type = SQLITE_NULL;
  changes[1].table = "nowhere";
  CHECK(rejoin_merge(replica, changes, 2, INT64_MAX, NULL, NULL) != SQLITE_OK);
  CHECK(strstr(rejoin_message(replica), "nowhere") != NULL);
  changes[1].table = NULL;
  CHECK(rejoin_merge(replica, changes, 2, INT64_MAX, NULL, NULL) != SQLITE_OK);
  CHECK(rejoin_db_version(replica, &version) == SQLITE_OK && version == 1);
  CHECK(rejoin_merge(replica, changes, 1, INT64_MAX, NULL, NULL) == SQLITE_OK);
  CHECK(rejoin_merge(replica, NULL, 0, INT64_MAX, &version, NULL) == SQLITE_OK && version == 0);
  CHECK(rejoin_make_crr(replica, "nothing") != SQLITE_OK && rejoin_message(replica)[0] != '\0');
  CHECK(rejoin_make_crr(replica, NULL) != SQLITE_OK && rejoin_message(replica)[0] != '\0');
  CHECK(rejoin_make_crr(replica, "t") == SQLITE_OK && rejoin_message(replica)[0] == '\0');

  CHECK(rejoin_on(rejoin_connection(replica), &borrowed) == SQLITE_OK);
  CHECK(rejoin_site_id(borrowed, before) == SQLITE_OK && rejoin_renew_site_id(borrowed, after) == SQLITE_OK);
  CHECK(memcmp(before, after, 16) != 0);
  rejoin_close(borrowed);
  CHECK(rejoin_db_version(replica, &version) == SQLITE_OK);
  rejoin_close(replica);

  CHECK(rejoin_open("/no/such/directory/file.db", &replica) == SQLITE_CANTOPEN);
  CHECK(strstr(rejoin_message(replica), "/no/such/directory/file.db") != NULL);
  CHECK(rejoin_connection(replica) == NULL);
  CHECK(rejoin_make_crr(replica, "t") != SQLITE_OK);
  rejoin_close(replica);
  rejoin_close(NULL);
  rejoin_stream_close(NULL);
  rejoin_watcher_close(NULL);
  CHECK(rejoin_on(NULL, &replica) != SQLITE_OK);
  rejoin_close(replica);
  CHECK(rejoin_open(NULL, &replica) != SQLITE_OK && rejoin_message(replica)[0] != '\0');
  rejoin_close(replica);
}

int main(void) {
  two_replicas_become_equal();
  what_is_wrong_is_reported();
  if (failures == 0) printf("all as it should be, version %s\n", rejoin_version());
  return failures == 0 ? 0 : 1;
}
