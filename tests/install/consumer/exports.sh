#!/bin/sh
# What a shared object with Rejoin in it shows to others: the public names, and nothing of the inside.
#   exports.sh NM SHARED-OBJECT
set -eu
names=$("$1" -D --defined-only "$2")
echo "$names" | grep -q sqlite3_crsqlite_init
! echo "$names" | grep internal
