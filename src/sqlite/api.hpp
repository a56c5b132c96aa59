// SQLite's functions: linked, or, in the loadable flavour of the engine, through the table that the host hands over.
#pragma once

#if defined(REJOIN_LOADABLE)
// sqlite3ext.h looks for this name, which every other extension that is linked into the same program has too.
#define sqlite3_api rejoin_sqlite3_api
#include <sqlite3ext.h>
extern "C" {
extern const sqlite3_api_routines* sqlite3_api;  // in attach.cpp
}
#else
#include <sqlite3.h>
#endif
