/* The C face of Rejoin: what a program needs that was written for cr-sqlite, or in C. */
#ifndef REJOIN_REJOIN_H
#define REJOIN_REJOIN_H

#include <rejoin/export.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct sqlite3_api_routines;

/* Attaches the engine to a connection, as rejoin::attach does (attach.hpp says what that means). Returns SQLITE_OK or a
 * result code of SQLite; on an error, where `error` is not NULL, *error is a message to be freed with sqlite3_free. */
REJOIN_API int rejoin_attach(struct sqlite3* db, char** error);

/* The same under the name and signature of cr-sqlite's entry point, for programs that linked it statically and for
 * sqlite3_auto_extension. `api` is not needed and may be NULL. */
REJOIN_API int sqlite3_crsqlite_init(struct sqlite3* db, char** error, const struct sqlite3_api_routines* api);

/* "MAJOR.MINOR.PATCH"; static. */
REJOIN_API const char* rejoin_version(void);

#ifdef __cplusplus
}
#endif

#endif
