#!/bin/sh
# Makes the amalgamation, compiles it with one call as hosts do that have no exceptions and no run-time types, links a
# program in C with it, and runs that.
#   amalgamation.sh DIR CXX CC XXHASH_INCLUDE_DIR
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
dir=$1 cxx=$2 cc=$3
rm -rf "$dir"
mkdir -p "$dir/include/rejoin"
REJOIN_XXHASH_INCLUDE_DIR=$4 "$sources/scripts/amalgamate" "$dir"
"$cxx" -std=c++20 -Os -fno-exceptions -fno-rtti -Wall -Wextra -Werror -c "$dir/rejoin.cpp" -o "$dir/rejoin.o"
[ "$(uname)" = Darwin ] || sh "$sources/tests/capi/exports.sh" nm object "$dir/rejoin.o"
# The program asks for <rejoin/rejoin.h>, and shall get the one beside rejoin.cpp.
echo '#include "../../rejoin.h"' >"$dir/include/rejoin/rejoin.h"
"$cc" -std=c99 -Wall -Wextra -Werror -I"$dir/include" -c "$sources/tests/capi/rejoin_c_test.c" -o "$dir/program.o"
"$cxx" "$dir/program.o" "$dir/rejoin.o" -lsqlite3 -o "$dir/program"
"$dir/program"
size "$dir/rejoin.o" | tail -n 1 | awk '{ print "code and constants: " $1 " bytes" }'
