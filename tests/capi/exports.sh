#!/bin/sh
# The names that a file of the library shows to a linker, held to what is promised:
#   exports.sh NM shared FILE HEADER   each function that the header declares, under the version of rejoin.map, no more
#   exports.sh NM loadable FILE        cr-sqlite's entry point, and no more; and it asks for none of SQLite's, which
#                                      some hosts rename: all go through the table that the entry point is given
#   exports.sh NM object FILE…         namespace rejoin, rejoin_… and the entry point; what is weak may be there too,
#                                      such as templates of the standard library, which every program brings
set -eu
nm=$1 kind=$2 file=$3
shift 2

case $kind in
shared)
  version=$(sed -n 's/^\(REJOIN_[0-9.]*\) {.*/\1/p' "$(dirname "$0")/../../src/capi/rejoin.map")
  wanted=$(sed -n "s/^REJOIN_API [^(]*[ *]\([a-z0-9_]*\)(.*/\1@@$version/p" "$2" && echo "$version")
  shown=$("$nm" -D --defined-only "$file" | awk '{ print $NF }')
  ;;
loadable)
  if "$nm" -D --undefined-only "$file" | grep sqlite3; then exit 1; fi
  wanted=sqlite3_crsqlite_init
  shown=$("$nm" -D --defined-only "$file" | awk '{ print $NF }')
  ;;
object)
  wanted=""
  shown=$("$nm" -g --defined-only "$@" | awk 'NF == 3 && $2 !~ /[WVu]/ { print $3 }')
  echo "$shown" | grep -qx sqlite3_crsqlite_init
  echo "$shown" | grep -qx rejoin_open
  shown=$(echo "$shown" | grep -vxE '_Z(TV|TI|TS|GV)?NK?6rejoin.*|rejoin_[a-z0-9_]+|sqlite3_crsqlite_init' || true)
  ;;
*) exit 2 ;;
esac

wanted=$(echo "$wanted" | sort)
shown=$(echo "$shown" | sort)
if [ "$shown" != "$wanted" ]; then
  printf '%s shows:\n%s\nand not:\n%s\n' "$file" "$shown" "$wanted"
  exit 1
fi
