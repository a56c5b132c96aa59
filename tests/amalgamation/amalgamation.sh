#!/bin/sh
# Makes the amalgamation, compiles it with one call as hosts do that have no exceptions and no run-time types, links a
# program in C with it, and runs that; then as docs/react-native.md has it: as a part of op-sqlite, and as a library
# that is loaded. Then it measures what the engine adds to a program that attaches it, and to one that has all of the C
# face: code, constants and data after the linker took out what is not used, without the tables for unwinding and for
# the dynamic linker. It fails where that is more than a limit.
#   amalgamation.sh DIR CXX CC XXHASH_INCLUDE_DIR
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
tests=$sources/tests
dir=$1 cxx=$2 cc=$3
rm -rf "$dir"
mkdir -p "$dir/include/rejoin"
REJOIN_XXHASH_INCLUDE_DIR=$4 "$sources/scripts/amalgamate" "$dir"
"$cxx" -std=c++20 -Os -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections -Wall -Wextra -Werror \
  -c "$dir/rejoin.cpp" -o "$dir/rejoin.o"
# The program asks for <rejoin/rejoin.h>, and shall get the one beside rejoin.cpp.
echo '#include "../../rejoin.h"' >"$dir/include/rejoin/rejoin.h"
"$cc" -std=c99 -Wall -Wextra -Werror -I"$dir/include" -c "$tests/capi/rejoin_c_test.c" -o "$dir/program.o"
"$cxx" "$dir/program.o" "$dir/rejoin.o" -lsqlite3 -o "$dir/program"
"$dir/program"

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

# The bytes of $dir/$1.c with the engine, all of whose functions of these names are called ($2), less those without it.
added() {
  for with in "" "$dir/rejoin.o"; do
    {
      for name in ${with:+$2}; do echo "void $name(void);"; done
      echo "int sqlite3_libversion_number(void);"
      echo "int main(void) {"
      for name in ${with:+$2}; do echo "  $name();"; done
      echo "  return sqlite3_libversion_number(); }"
    } >"$dir/$1.c"
    "$cc" -Os -c "$dir/$1.c" -o "$dir/$1.o"
    "$cxx" "$dir/$1.o" $with -Wl,--gc-sections -lsqlite3 -o "$dir/$1"
    size -A "$dir/$1"
  done | awk '
    /:$/ { ++program }
    $1 ~ /^\.(text|rodata|data|data\.rel\.ro)$/ { bytes[program] += $2 }
    END { print bytes[2] - bytes[1] }'
}

# Fails where $1, added by what $2 calls, is more than $3 bytes.
check() {
  echo "$2: $1 bytes, at most $3"
  [ "$1" -gt 0 ] && [ "$1" -le "$3" ]
}

[ "$(uname -sm)" = "Linux x86_64" ] || exit 0
face=$(nm --defined-only "$dir/rejoin.o" | awk '$2 == "T" && $3 ~ /^rejoin_/ { print $3 }')
attach=$(added attach sqlite3_crsqlite_init)
whole=$(added whole "sqlite3_crsqlite_init $face")
# In KiB, for g++ 12 and clang 14; another version may need a tenth more.
case $("$cxx" --version) in
*clang*) attach_limit=240 whole_limit=260 measured=14 ;;
*) attach_limit=200 whole_limit=220 measured=12 ;;
esac
slack=1024
[ "$("$cxx" -dumpversion | cut -d. -f1)" = $measured ] || slack=1126
check "$attach" "a program that attaches it" $((attach_limit * slack))
check "$whole" "a program with all of the C face" $((whole_limit * slack))
