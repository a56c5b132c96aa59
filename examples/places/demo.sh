#!/usr/bin/env bash
# Two copies of a list of capitals drift apart for a week and are merged: demo.sh PATH_TO_REJOIN
# Works in a folder of its own that goes at the end. README.md beside this file says where the data is from.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 PATH_TO_REJOIN" >&2
  exit 2
fi
tool=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
remark() { printf '  %s\n' "$@"; }
run() {
  printf '\n$ rejoin %s\n' "$*"
  "$tool" "$@"
}
rows="SELECT country, name, population, visited, note FROM capitals
      WHERE country IN ('FR', 'GS', 'KZ', 'MS', 'PT') ORDER BY country, name"
show() {
  printf '\n%s\n' "$1"
  "$tool" sql "$1" "$rows"
}

say "Monday. The phone holds the capitals of the world (its file was written by cr-sqlite); the laptop gets the list."
cp "$here/phone-monday.db" phone.db
"$tool" sql --create laptop.db < "$here/schema.sql"
run init laptop.db capitals
run merge laptop.db phone.db

say "Until Friday both go on for themselves, offline: the phone with cr-sqlite, the laptop with Rejoin."
cp "$here/phone-friday.db" phone.db
"$tool" sql laptop.db < "$here/laptop-week.sql"
show laptop.db
show phone.db

say "Friday. One command, and only what each lacks travels:"
run merge laptop.db phone.db

say "Both hold the same rows now:"
show laptop.db
remark \
  "FR  Paris: the laptop's population and the phone's tick, two columns of one row: both are kept." \
  "GS  Grytviken: the laptop deleted it, the phone wrote a note: a deletion wins over edits of the row." \
  "KZ  Astana: the laptop changed the row's key; the phone gets the new row and loses the old one." \
  "MS  Brades was added on both sides: one row, with the laptop's numbers and the phone's note." \
  "MS  Plymouth: deleted on the phone, gone on the laptop." \
  "PT  Lisbon: both wrote the same cell: one of the two notes, the same one everywhere."
run merge --check laptop.db phone.db

say "Merging again finds nothing to do:"
run merge laptop.db phone.db
