# better-sqlite3 as npm has it, its SQLite with its options, and Rejoin's two files, in one addon.
{
  'variables': { 'host': 'node_modules/better-sqlite3' },
  'target_defaults': { 'include_dirs': ['<(host)/deps/sqlite3'] },
  'targets': [
    {
      'target_name': 'sqlite3',
      'type': 'static_library',
      'includes': ['node_modules/better-sqlite3/deps/defines.gypi'],
      # SQLite calls this when it has started, before the first connection.
      'defines': ['SQLITE_EXTRA_INIT=rejoin_in_every_connection'],
      'sources': ['<(host)/deps/sqlite3/sqlite3.c', 'every_connection.c'],
      'cflags': ['-w'],
    },
    {
      'target_name': 'rejoin',
      'type': 'static_library',
      'sources': ['rejoin/rejoin.cpp'],
      'cflags_cc': ['-std=c++20'],
      'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-std=c++20'] },
    },
    {
      'target_name': 'better_sqlite3',
      'dependencies': ['sqlite3', 'rejoin'],
      'sources': ['<(host)/src/better_sqlite3.cpp'],
      'cflags_cc': ['-std=c++20'],
      'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-std=c++20'] },
    },
  ],
}
