/// @file
/// Attaching the engine to a SQLite connection, and what this build is.
#pragma once

#include <rejoin/export.h>
#include <rejoin/status.hpp>

struct sqlite3;

/// Rejoin: a CRDT merge engine for SQLite.
namespace rejoin {

/// Makes `db` a replica: registers the crsql_* functions and the virtual table crsql_changes on this connection and,
/// the first time in a database's life, creates its bookkeeping tables and its site id (docs/storage-format.md). It is
/// about the schema `main`; databases that are ATTACHed stay as they are.
///
/// Attaching again to the same connection does nothing and is fine; so is attaching inside a transaction: what it
/// creates belongs to that, and is created again by the next call that needs it if that is rolled back. A read-only
/// database, one that another connection has locked right now, and one that cannot be read yet (encrypted and without
/// its key, or no database at all) are attached too: what needs the bookkeeping tables reports the trouble when it is
/// used.
///
/// On an error the connection and the database are as they were: kInvalidArgument where `db` is null, kUnsupported
/// where the database was written by a version that this build refuses, kNoMemory, and what SQLite says where reading
/// it fails.
///
/// The engine takes none of the connection's hooks and changes none of its settings; it lives until the connection is
/// closed, and closing needs no other call first. Two threads may be in two connections at a time; calls of this
/// library on one connection come from one thread at a time. (SQL on it may come from wherever SQLite allows that: the
/// engine then runs within SQLite's own lock of the connection.)
REJOIN_API Status attach(sqlite3* db) noexcept;

/// This library's version, "MAJOR.MINOR.PATCH". Static; never null. From any thread.
REJOIN_API const char* version() noexcept;

}  // namespace rejoin
