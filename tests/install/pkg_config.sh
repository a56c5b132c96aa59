#!/bin/sh
# Builds the program in the README and one in C by what rejoin.pc says, and runs them.
#   pkg_config.sh PREFIX VERSION SCRATCH C++-COMPILER [FLAG…]
set -eu
prefix=$1 version=$2 scratch=$3 cxx=$4
shift 4
top=$(cd "$(dirname "$0")/../.." && pwd)

pc=$(find "$prefix" -name rejoin.pc)
PKG_CONFIG_PATH=$(cd "$(dirname "$pc")" && pwd)
export PKG_CONFIG_PATH
[ "$(pkg-config --modversion rejoin)" = "$version" ]

rm -rf "$scratch"
mkdir -p "$scratch"
awk '/^```/ { inside = /^```cpp$/; next } inside' "$top/README.md" >"$scratch/list.cpp"
[ "$(wc -l <"$scratch/list.cpp")" -le 30 ]
cd "$scratch"
# shellcheck disable=SC2046  # the words are flags
"$cxx" -std=c++20 "$@" list.cpp $(pkg-config --cflags --libs rejoin) -o list
# shellcheck disable=SC2046
cc "$@" "$top/examples/auto_extension/notes.c" -o notes $(pkg-config --cflags --libs rejoin)
[ "$(./list)" = equal ]
./notes | grep -Fx 'notes body water them on Friday 1'
