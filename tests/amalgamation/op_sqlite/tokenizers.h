// What op-sqlite 18 makes of {"op-sqlite": {"tokenizers": ["rejoin"]}}: the signature that it wants, and the call that
// it does on each connection that it opens.
#pragma once

#include <sqlite3.h>

#define TOKENIZER_LIST opsqlite_rejoin_init(db, &errMsg, nullptr);

namespace opsqlite {
int opsqlite_rejoin_init(sqlite3* db, char** error, sqlite3_api_routines const* api);
}
