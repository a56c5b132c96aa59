/** @file
 * The C face of Rejoin, for programs in C and bindings of other languages, and for programs written for cr-sqlite.
 *
 * Functions that can fail return SQLITE_OK (0) or a result code of SQLite; rejoin_message() then says what was wrong,
 * and what was to be written through a pointer is left alone, unless said otherwise. Whatever fails leaves the database
 * as it was, and a transaction of the caller's open: none of these calls begins or ends one, but each that writes is
 * one of its own where none is open. Which call can fail of what is said with the same in C++ (replica.hpp).
 *
 * Text is UTF-8, and NUL ends it. A handle, what came from it, and its connection are used by one thread at a time; two
 * handles of two connections by two. Passing NULL for a handle, or for what is to be written, is a mistake, except
 * where it is said to be none. */
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

/** This library's version, "MAJOR.MINOR.PATCH"; static, from any thread. */
REJOIN_API const char* rejoin_version(void);

/* ---- the engine on a connection ---- */

/** Attaches the engine to a connection, as rejoin::attach does (attach.hpp says what that means). Returns SQLITE_OK or
 * a result code of SQLite. Where `error` is not NULL, *error becomes NULL, or on an error a message to be freed with
 * sqlite3_free. */
REJOIN_API int rejoin_attach(struct sqlite3* db, char** error);

/** The same under the name and signature of cr-sqlite's entry point, for programs that linked it statically and for
 * sqlite3_auto_extension. `api` is not needed and may be NULL (but in the loadable flavour, crsqlite.so, which goes
 * through it). */
REJOIN_API int sqlite3_crsqlite_init(struct sqlite3* db, char** error, const struct sqlite3_api_routines* api);

/* ---- replicas ---- */

/** A replica: a connection with the engine. Given back with rejoin_close(). */
typedef struct rejoin_replica rejoin_replica;

/** Opens the database file `path` (":memory:" for one in memory; NULL is an error), which is made if it is not there,
 * attaches the engine, and waits up to five seconds for locks. *out is a handle also on an error, for rejoin_message(),
 * unless there is no memory for it (NULL); every other call on such a handle fails. It is given back with
 * rejoin_close(), which closes the connection. */
REJOIN_API int rejoin_open(const char* path, rejoin_replica** out);

/** The same on a connection of the caller's, which must outlive the handle and is not closed with it. `db` NULL is an
 * error. */
REJOIN_API int rejoin_on(struct sqlite3* db, rejoin_replica** out);

/** Gives a handle back; its streams and watchers must have been given back before. NULL: nothing. */
REJOIN_API void rejoin_close(rejoin_replica* replica);

/** Why the last call on this handle, or on a stream or watcher of it, failed; "" where it did not. Never NULL; lives
 * until the next such call. */
REJOIN_API const char* rejoin_message(const rejoin_replica* replica);

/** The connection, for SQL; NULL where opening failed. */
REJOIN_API struct sqlite3* rejoin_connection(const rejoin_replica* replica);

/** Makes a table a CRR, as crsql_as_crr does (Replica::make_crr); a CRR already: nothing. */
REJOIN_API int rejoin_make_crr(rejoin_replica* replica, const char* table);

/** This database's site id: 16 bytes, which are written to `site_id`. */
REJOIN_API int rejoin_site_id(rejoin_replica* replica, unsigned char site_id[16]);

/** Gives a copied file, before it is written to, a site id of its own (rejoin::Replica::renew_site_id), and writes
 * it to `site_id`. */
REJOIN_API int rejoin_renew_site_id(rejoin_replica* replica, unsigned char site_id[16]);

/** The highest version committed here is written to *version; 0: nothing was ever recorded. */
REJOIN_API int rejoin_db_version(rejoin_replica* replica, int64_t* version);

/** The version of the peer of this site id (`size` is 16) up to which its changes are merged here; 0: none. */
REJOIN_API int rejoin_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t* version);

/** Notes it. Merging does not do that by itself (Replica::set_cursor). */
REJOIN_API int rejoin_set_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t version);

/** A digest of all CRRs (table NULL or "") or of one, equal exactly when the replicas are: two halves, the high one
 * first. A name that is no CRR's has that of nothing, 0 and 0. */
REJOIN_API int rejoin_digest(rejoin_replica* replica, const char* table, uint64_t digest[2]);

/** Verifies the shadow tables, open transaction included; *faults is how many faults there are. `tell`, if not NULL, is
 * called with each, and with `context`: the table, the packed key (may be of no bytes) and what is wrong, which live
 * until it returns. It must not throw or jump out. Takes work in proportion to the rows. */
REJOIN_API int rejoin_check(rejoin_replica* replica,
                            void (*tell)(void* context, const char* table, const void* pk, size_t pk_size,
                                         const char* fault),
                            void* context, int64_t* faults);

/* ---- changes ---- */

/** A value, of one of SQLite's five storage classes. */
typedef struct rejoin_value {
  int type;          /**< SQLITE_INTEGER (1), SQLITE_FLOAT (2), SQLITE_TEXT (3), SQLITE_BLOB (4) or SQLITE_NULL (5) */
  int64_t integer;   /**< of an integer */
  double real;       /**< of a float */
  const void* bytes; /**< of a text (NUL need not end it) or blob; may be NULL where there are none */
  size_t size;       /**< how many bytes */
} rejoin_value;

/** A change, a row of crsql_changes (rejoin::Change says what the parts mean, and their bounds). */
typedef struct rejoin_change {
  const char* table;      /**< the table's name */
  const void* pk;         /**< the packed key */
  size_t pk_size;         /**< its bytes */
  const char* column;     /**< the column's name, or "-1" for a change about the whole row */
  rejoin_value value;     /**< the cell's value; NULL for a whole row */
  int64_t column_version; /**< how often the cell was written in this life of the row */
  int64_t db_version;     /**< the sending database's version that it was stored under */
  const void* site_id;    /**< who wrote it; of no bytes: the database it is merged into */
  size_t site_id_size;    /**< its bytes, at most 16 */
  int64_t causal_length;  /**< odd: the row is alive in this life; even: deleted */
  int64_t seq;            /**< place within db_version */
} rejoin_change;

/** A place in a replica's changes (rejoin::Cursor). {0, REJOIN_WHOLE_VERSION} is before all of them. */
typedef struct rejoin_place {
  int64_t db_version; /**< the version of that replica */
  int64_t seq;        /**< the place within it */
} rejoin_place;

/** As seq: behind all of the version. */
#define REJOIN_WHOLE_VERSION INT64_MAX

/** A walk over a replica's changes, with what holds for a rejoin::ChangeStream. It holds a read transaction open until
 * it is closed. */
typedef struct rejoin_stream rejoin_stream;

/** Starts one behind `after`, leaving out what the site `not_from` wrote (of no bytes: nothing). *out is NULL on an
 * error, else to be given back with rejoin_stream_close(). */
REJOIN_API int rejoin_changes_after(rejoin_replica* replica, rejoin_place after, const void* not_from,
                                    size_t not_from_size, rejoin_stream** out);

/** The next changes: a batch ends with the change that reaches `most` or `most_bytes`. *count 0: the end. They are
 * borrowed until the next call for this stream, or until it is closed; merging them elsewhere is what they are for. On
 * an error *count is 0 too, and the stream is of no more use. */
REJOIN_API int rejoin_stream_next(rejoin_stream* stream, size_t most, size_t most_bytes, const rejoin_change** changes,
                                  size_t* count);

/** Behind what was handed out: where to go on from later. */
REJOIN_API rejoin_place rejoin_stream_place(const rejoin_stream* stream);

/** Ends a walk and gives it back. NULL: nothing. */
REJOIN_API void rejoin_stream_close(rejoin_stream* stream);

/** Merges `count` changes, all of them or, where one fails, none; the message names it by its place or its row
 * (rejoin::Replica::merge). `won` and `conflicts`, if not NULL, are how many were written and how many met a conflict
 * (rejoin::Replica::merge); `seen_by_sender` below INT64_MAX asks for conflicts. */
REJOIN_API int rejoin_merge(rejoin_replica* replica, const rejoin_change* changes, size_t count, int64_t seen_by_sender,
                            int64_t* won, int64_t* conflicts);

/* ---- watching ---- */

/** A row that was written. */
typedef struct rejoin_row {
  const char* table; /**< the CRR */
  const void* pk;    /**< the packed key */
  size_t pk_size;    /**< its bytes */
  int deleted;       /**< 1: the row is gone */
  int merged;        /**< 1: something of it came from another replica */
} rejoin_row;

/** Watches for rows that change, with what holds for a rejoin::Watcher. */
typedef struct rejoin_watcher rejoin_watcher;

/** Starts one behind `after`, or, where that is NULL, behind what is there now. *out is NULL on an error, else to be
 * given back with rejoin_watcher_close(). */
REJOIN_API int rejoin_watch(rejoin_replica* replica, const rejoin_place* after, rejoin_watcher** out);

/** The rows written since the last call, at most `most` changes being looked at; *count 0: no more news. They
 * are borrowed until the next call for this watcher, or until it is closed. */
REJOIN_API int rejoin_watcher_poll(rejoin_watcher* watcher, size_t most, const rejoin_row** rows, size_t* count);

/** What was told of so far: a watcher that starts behind it tells what came later. */
REJOIN_API rejoin_place rejoin_watcher_place(const rejoin_watcher* watcher);

/** Gives a watcher back. NULL: nothing. */
REJOIN_API void rejoin_watcher_close(rejoin_watcher* watcher);

/** Has `call` called with `context` after each commit of this connection that wrote to a CRR, from within SQLite's
 * commit, by the thread that commits: it must not use the connection, throw or jump out. It ends with the connection,
 * not with the handle, or with rejoin_forget_commit(), which wants *listener. */
REJOIN_API int rejoin_on_commit(rejoin_replica* replica, void (*call)(void* context), void* context, int64_t* listener);

/** Ends what rejoin_on_commit() began; a number that is not known: nothing. */
REJOIN_API void rejoin_forget_commit(rejoin_replica* replica, int64_t listener);

#ifdef __cplusplus
}
#endif

#endif
