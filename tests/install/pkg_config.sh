#!/bin/sh
# Builds a C++ and a C program by what rejoin.pc says and runs them.
#   pkg_config.sh PREFIX VERSION SCRATCH C++-COMPILER [FLAG…]
set -eu
prefix=$1 version=$2 scratch=$3 cxx=$4
shift 4
here=$(dirname "$0")

pc=$(find "$prefix" -name rejoin.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
[ "$(pkg-config --modversion rejoin)" = "$version" ]

rm -rf "$scratch"
mkdir -p "$scratch"
# shellcheck disable=SC2046  # the words are flags
"$cxx" -std=c++20 "$@" "$here/consumer/embed.cpp" -o "$scratch/embed" $(pkg-config --cflags --libs rejoin)
# shellcheck disable=SC2046
cc "$@" "$here/consumer/drop_in.c" -o "$scratch/drop_in" $(pkg-config --cflags --libs rejoin)
"$scratch/embed"
"$scratch/drop_in" | grep -F "rejoin $version:"
