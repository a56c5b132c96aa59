#!/bin/sh
# Makes the amalgamation, compiles it with one call as hosts do that have no exceptions and no run-time types, links a
# program in C with it, and runs that; then as docs/react-native.md has it: as a part of op-sqlite, and as a library
# that is loaded.
#   amalgamation.sh DIR CXX CC XXHASH_INCLUDE_DIR
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
tests=$sources/tests
dir=$1 cxx=$2 cc=$3
rm -rf "$dir"
mkdir -p "$dir/include/rejoin"
REJOIN_XXHASH_INCLUDE_DIR=$4 "$sources/scripts/amalgamate" "$dir"
"$cxx" -std=c++20 -Os -fno-exceptions -fno-rtti -Wall -Wextra -Werror -c "$dir/rejoin.cpp" -o "$dir/rejoin.o"
# The program asks for <rejoin/rejoin.h>, and shall get the one beside rejoin.cpp.
echo '#include "../../rejoin.h"' >"$dir/include/rejoin/rejoin.h"
"$cc" -std=c99 -Wall -Wextra -Werror -I"$dir/include" -c "$tests/capi/rejoin_c_test.c" -o "$dir/program.o"
"$cxx" "$dir/program.o" "$dir/rejoin.o" -lsqlite3 -o "$dir/program"
"$dir/program"
size "$dir/rejoin.o" | tail -n 1 | awk '{ print "code and constants: " $1 " bytes" }'

"$cxx" -std=c++20 -Wall -Wextra -Werror -I"$dir" -I"$tests/amalgamation/op_sqlite" \
  "$tests/amalgamation/op_sqlite/host.cpp" "$tests/amalgamation/op_sqlite/rejoin_op_sqlite.cpp" \
  "$dir/rejoin.o" -lsqlite3 -o "$dir/op_sqlite"
"$dir/op_sqlite"

[ "$(uname)" != Darwin ] || exit 0
sh "$tests/capi/exports.sh" nm object "$dir/rejoin.o"
"$cxx" -std=c++20 -O0 -fno-exceptions -fno-rtti -fPIC -shared -DREJOIN_LOADABLE -DREJOIN_API= "$dir/rejoin.cpp" \
  -Wl,--version-script="$sources/src/capi/loadable.map" -o "$dir/libcrsqlite.so"
sh "$tests/capi/exports.sh" nm loadable "$dir/libcrsqlite.so"
"$cc" -Wall -Wextra -Werror "$tests/capi/loading_host.c" -lsqlite3 -o "$dir/loading_host"
"$dir/loading_host" "$dir/libcrsqlite.so"
