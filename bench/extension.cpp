// The library again, as one that is loaded at run time: "another engine" for trying --engine out.
#include <rejoin/rejoin.h>

extern "C" REJOIN_API int sqlite3_rejoinextension_init(sqlite3* db, char** error, const sqlite3_api_routines* api) {
  return sqlite3_crsqlite_init(db, error, api);
}
