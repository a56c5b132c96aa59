/* Two replicas of a list, in C: each is written for itself, then each takes the other's changes. */
#include "rejoin.h"
#include "sqlite3.h"

#include <stdio.h>

/* Opens a replica in memory and runs `sql` in it; NULL when something fails. */
static rejoin_replica* replica_with(const char* sql) {
  rejoin_replica* replica = NULL;
  if (rejoin_open(":memory:", &replica) == SQLITE_OK &&
      sqlite3_exec(rejoin_connection(replica), "CREATE TABLE list (item TEXT PRIMARY KEY NOT NULL, amount INTEGER)",
                   NULL, NULL, NULL) == SQLITE_OK &&
      rejoin_make_crr(replica, "list") == SQLITE_OK &&
      sqlite3_exec(rejoin_connection(replica), sql, NULL, NULL, NULL) == SQLITE_OK) {
    return replica;
  }
  rejoin_close(replica);
  return NULL;
}

/* Merges into `into` all changes of `from`, a thousand at a time. */
static int pull(rejoin_replica* into, rejoin_replica* from) {
  const rejoin_place start = {0, REJOIN_WHOLE_VERSION};
  const rejoin_change* changes = NULL;
  rejoin_stream* stream = NULL;
  size_t count = 0;
  int code = rejoin_changes_after(from, start, NULL, 0, &stream);
  while (code == SQLITE_OK) {
    code = rejoin_stream_next(stream, 1000, 1 << 20, &changes, &count);
    if (code != SQLITE_OK || count == 0) break;
    code = rejoin_merge(into, changes, count, INT64_MAX, NULL, NULL);
  }
  rejoin_stream_close(stream);
  return code;
}

static int print_row(void* unused, int columns, char** cells, char** names) {
  (void)unused, (void)columns, (void)names;
  printf("%s %s\n", cells[0], cells[1]);
  return 0;
}

int main(void) {
  rejoin_replica* phone = replica_with("INSERT INTO list VALUES ('milk', 1), ('bread', 2)");
  rejoin_replica* laptop = replica_with("INSERT INTO list VALUES ('apples', 6)");
  int code = SQLITE_ERROR;
  if (phone != NULL && laptop != NULL) code = pull(laptop, phone);
  if (code == SQLITE_OK) code = pull(phone, laptop);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(rejoin_connection(phone), "SELECT item, amount FROM list ORDER BY item", print_row, NULL, NULL);
  }
  rejoin_close(phone);
  rejoin_close(laptop);
  return code == SQLITE_OK ? 0 : 1;
}
