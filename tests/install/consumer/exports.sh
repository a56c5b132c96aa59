#!/bin/sh
# What a shared object with Rejoin in it shows to others: the public names, and nothing of the inside. (What is weak is
# the standard library's, which the module shows with or without us.)
#   exports.sh NM SHARED-OBJECT
set -eu
names=$("$1" -D --defined-only "$2")
echo "$names" | grep -q sqlite3_crsqlite_init
if echo "$names" | grep internal; then exit 1; fi
if echo "$names" | awk '$2 !~ /[WVu]/ { print $3 }' |
  grep -vxE '_ZNK?6rejoin.*|rejoin_[a-z_]+|sqlite3_crsqlite_init|host_module_engine'; then exit 1; fi
