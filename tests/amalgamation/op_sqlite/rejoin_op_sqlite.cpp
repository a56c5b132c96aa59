#include "rejoin.h"
#include "tokenizers.h"  // op-sqlite writes it; it includes <sqlite3.h>

int opsqlite::opsqlite_rejoin_init(sqlite3* db, char** error, const sqlite3_api_routines*) {
  return rejoin_attach(db, error);
}
