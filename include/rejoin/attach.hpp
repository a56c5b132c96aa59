// Attaching the engine to a SQLite connection, and what this build is.
#pragma once

#include <rejoin/export.h>
#include <rejoin/status.hpp>

struct sqlite3;

namespace rejoin {

/// Makes `db` a replica: registers the crsql_* functions and the virtual table crsql_changes on this connection and,
/// the first time in a database's life, creates its bookkeeping tables and its site id (docs/storage-format.md).
///
/// Attaching again to the same connection does nothing and is fine. A read-only database, and one that another
/// connection has locked right now, are attached too: what needs the bookkeeping tables reports the trouble when it is
/// used. On an error (the database was written by a version that this build refuses, or memory ran out) the connection
/// and the database are as they were. The engine takes none of the connection's hooks and changes none of its settings;
/// it lives until the connection is closed, and closing needs no other call first. Use one connection from one thread
/// at a time.
REJOIN_API Status attach(sqlite3* db) noexcept;

/// This library's version, "MAJOR.MINOR.PATCH". Static; never null.
REJOIN_API const char* version() noexcept;

}  // namespace rejoin
