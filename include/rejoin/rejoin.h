/* The C face of Rejoin, for programs in C and bindings of other languages, and for programs written for cr-sqlite.
 *
 * Functions that can fail return SQLITE_OK (0) or a result code of SQLite; rejoin_message() then says what was wrong.
 * Whatever fails leaves the database as it was. What is handed out is borrowed until the next call on the same handle,
 * unless said otherwise. A handle and what came from it are used by one thread at a time. Text is UTF-8, and NUL ends
 * it. Passing NULL for a handle is a mistake, except where one is closed. */
#ifndef REJOIN_REJOIN_H
#define REJOIN_REJOIN_H

#include <stddef.h>
#include <stdint.h>

#include <rejoin/export.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct sqlite3_api_routines;

/* "MAJOR.MINOR.PATCH"; static. */
REJOIN_API const char* rejoin_version(void);

/* ---- the engine on a connection ---- */

/* Attaches the engine to a connection, as rejoin::attach does (attach.hpp says what that means). Returns SQLITE_OK or a
 * result code of SQLite; on an error, where `error` is not NULL, *error is a message to be freed with sqlite3_free. */
REJOIN_API int rejoin_attach(struct sqlite3* db, char** error);

/* The same under the name and signature of cr-sqlite's entry point, for programs that linked it statically and for
 * sqlite3_auto_extension. `api` is not needed and may be NULL. */
REJOIN_API int sqlite3_crsqlite_init(struct sqlite3* db, char** error, const struct sqlite3_api_routines* api);

/* ---- replicas ---- */

/* A replica: a connection with the engine. */
typedef struct rejoin_replica rejoin_replica;

/* Opens the database file `path` (":memory:" for one in memory), which is made if it is not there, attaches the engine,
 * and waits up to five seconds for locks. *out is a handle also on an error, for rejoin_message(), unless there is no
 * memory for it (NULL); it is given back with rejoin_close(), which closes the connection. */
REJOIN_API int rejoin_open(const char* path, rejoin_replica** out);

/* The same on a connection of the caller's, which must outlive the handle and is not closed with it. */
REJOIN_API int rejoin_on(struct sqlite3* db, rejoin_replica** out);

/* Gives a handle back; its streams and watchers must have been given back before. NULL: nothing. */
REJOIN_API void rejoin_close(rejoin_replica* replica);

/* What the last failed call on this handle, or on a stream or watcher of it, has to say; never NULL. */
REJOIN_API const char* rejoin_message(const rejoin_replica* replica);

/* The connection, for SQL; NULL where opening failed. */
REJOIN_API struct sqlite3* rejoin_connection(const rejoin_replica* replica);

/* Makes a table a CRR, as crsql_as_crr does; a CRR already: nothing. */
REJOIN_API int rejoin_make_crr(rejoin_replica* replica, const char* table);

/* This database's site id, 16 bytes. */
REJOIN_API int rejoin_site_id(rejoin_replica* replica, unsigned char site_id[16]);

/* Gives a copied file, before it is written to, a site id of its own (Replica::renew_site_id). */
REJOIN_API int rejoin_renew_site_id(rejoin_replica* replica, unsigned char site_id[16]);

/* The highest version committed here; 0: nothing was ever recorded. */
REJOIN_API int rejoin_db_version(rejoin_replica* replica, int64_t* version);

/* The version of the peer up to which its changes are merged here; 0: none. */
REJOIN_API int rejoin_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t* version);
REJOIN_API int rejoin_set_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t version);

/* A digest of all CRRs (table NULL) or of one, equal exactly when the replicas are: two halves, the high one first. */
REJOIN_API int rejoin_digest(rejoin_replica* replica, const char* table, uint64_t digest[2]);

/* Verifies the shadow tables; *faults is how many faults there are. `tell`, if not NULL, is called with each: the
 * table, the packed key (may be of no bytes) and what is wrong. */
REJOIN_API int rejoin_check(rejoin_replica* replica,
                            void (*tell)(void* context, const char* table, const void* pk, size_t pk_size,
                                         const char* fault),
                            void* context, int64_t* faults);

/* ---- changes ---- */

/* A value: `type` is SQLITE_INTEGER (1), SQLITE_FLOAT (2), SQLITE_TEXT (3), SQLITE_BLOB (4) or SQLITE_NULL (5). */
typedef struct rejoin_value {
  int type;
  int64_t integer;
  double real;
  const void* bytes; /* of text or blob; may be NULL where there are none */
  size_t size;
} rejoin_value;

/* A change, a row of crsql_changes (change.hpp says what the parts mean). */
typedef struct rejoin_change {
  const char* table;
  const void* pk;
  size_t pk_size;
  const char* column;
  rejoin_value value;
  int64_t column_version;
  int64_t db_version;
  const void* site_id; /* of no bytes: the database it is merged into */
  size_t site_id_size;
  int64_t causal_length;
  int64_t seq;
} rejoin_change;

/* A place in a replica's changes (change_stream.hpp); REJOIN_WHOLE_VERSION as seq: behind all of the version. */
typedef struct rejoin_place {
  int64_t db_version;
  int64_t seq;
} rejoin_place;

#define REJOIN_WHOLE_VERSION INT64_MAX

/* A walk over a replica's changes, with what holds for a ChangeStream (change_stream.hpp). */
typedef struct rejoin_stream rejoin_stream;

/* Starts one behind `after`, leaving out what the site `not_from` wrote (of no bytes: nothing). *out is NULL on an
 * error. */
REJOIN_API int rejoin_changes_after(rejoin_replica* replica, rejoin_place after, const void* not_from,
                                    size_t not_from_size, rejoin_stream** out);

/* The next changes: a batch ends with the change that reaches `most` or `most_bytes`. *count 0: the end. */
REJOIN_API int rejoin_stream_next(rejoin_stream* stream, size_t most, size_t most_bytes, const rejoin_change** changes,
                                  size_t* count);

/* Behind what was handed out: where to go on from later. */
REJOIN_API rejoin_place rejoin_stream_place(const rejoin_stream* stream);

REJOIN_API void rejoin_stream_close(rejoin_stream* stream);

/* Merges `count` changes, all of them or, where one fails, none; the message names it by its place. `won` and
 * `conflicts`, if not NULL, are how many were written and how many met a conflict (Replica::merge); `seen_by_sender`
 * below INT64_MAX asks for conflicts. */
REJOIN_API int rejoin_merge(rejoin_replica* replica, const rejoin_change* changes, size_t count, int64_t seen_by_sender,
                            int64_t* won, int64_t* conflicts);

/* ---- watching ---- */

/* A row that was written. */
typedef struct rejoin_row {
  const char* table;
  const void* pk;
  size_t pk_size;
  int deleted; /* 1: the row is gone */
  int merged;  /* 1: something of it came from another replica */
} rejoin_row;

/* Watches for rows that change, with what holds for a Watcher (watcher.hpp). */
typedef struct rejoin_watcher rejoin_watcher;

/* Starts one behind `after`, or, where that is NULL, behind what is there now. */
REJOIN_API int rejoin_watch(rejoin_replica* replica, const rejoin_place* after, rejoin_watcher** out);

/* The rows written since the last call, at most `most` changes being looked at; *count 0: no more news. */
REJOIN_API int rejoin_watcher_poll(rejoin_watcher* watcher, size_t most, const rejoin_row** rows, size_t* count);

REJOIN_API rejoin_place rejoin_watcher_place(const rejoin_watcher* watcher);

REJOIN_API void rejoin_watcher_close(rejoin_watcher* watcher);

/* Has `call` called after each commit of this connection that wrote to a CRR, from within SQLite's commit: it must not
 * use the connection. *listener is for rejoin_forget_commit. */
REJOIN_API int rejoin_on_commit(rejoin_replica* replica, void (*call)(void* context), void* context, int64_t* listener);
REJOIN_API void rejoin_forget_commit(rejoin_replica* replica, int64_t listener);

#ifdef __cplusplus
}
#endif

#endif
