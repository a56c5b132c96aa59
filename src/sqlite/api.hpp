// SQLite's functions: linked, or, in the loadable flavour of the engine, through the table that the host hands over.
#pragma once

#if defined(REJOIN_LOADABLE)
#include <sqlite3ext.h>
extern "C" {
extern const sqlite3_api_routines* sqlite3_api;  // under this name sqlite3ext.h looks for it; attach.cpp has it
}
#else
#include <sqlite3.h>
#endif
