/* Has every connection of this SQLite be a replica. */
#include "rejoin/rejoin.h"
#include "sqlite3.h"

int rejoin_in_every_connection(const char* unused) {
  (void)unused;
  return sqlite3_auto_extension((void (*)(void))sqlite3_crsqlite_init);
}
