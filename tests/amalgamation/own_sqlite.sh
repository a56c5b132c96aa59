#!/bin/sh
# The two files over a sqlite3.c of the host's own, from which the host has left out what it does not need: the programs
# of the examples and of the C face run on it. SQLite's grammar is in sqlite3.c as generated, so what is left out here
# is what that allows.
#   own_sqlite.sh AMALGAMATION SQLITE DIR CXX CC LAUNCHER   (LAUNCHER may be empty)
set -eu
made=$1 sqlite=$2 dir=$3 cxx=$4 cc=$5 launcher=$6
sources=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$dir"
mkdir -p "$dir/include/rejoin"
echo "#include \"$made/rejoin.h\"" >"$dir/include/rejoin/rejoin.h"

options="-DSQLITE_THREADSAFE=0 -DSQLITE_DQS=0 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_EXPR_DEPTH=0
  -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_STRICT_SUBTYPE=1 -DSQLITE_UNTESTABLE"
for feature in LOAD_EXTENSION DEPRECATED SHARED_CACHE PROGRESS_CALLBACK AUTHORIZATION TRACE DECLTYPE UTF16 GET_TABLE \
  JSON COMPLETE INCRBLOB TCL_VARIABLE DESERIALIZE COMPILEOPTION_DIAGS LOOKASIDE DATETIME_FUNCS; do
  options="$options -DSQLITE_OMIT_$feature"
done
# shellcheck disable=SC2086  # launcher and options are words
{
  $launcher "$cc" -w $options -c "$sqlite/sqlite3.c" -o "$dir/sqlite3.o"
  $launcher "$cxx" -std=c++20 -I "$sqlite" -c "$made/rejoin.cpp" -o "$dir/rejoin.o"
}
program() {
  "$cc" -std=c99 -I "$sqlite" -I "$made" -I "$dir/include" -c "$sources/$1" -o "$dir/program.o"
  "$cxx" "$dir/program.o" "$dir/rejoin.o" "$dir/sqlite3.o" -o "$dir/program"
  "$dir/program"
}
program tests/capi/rejoin_c_test.c
program examples/amalgamation/list.c
program examples/auto_extension/notes.c
