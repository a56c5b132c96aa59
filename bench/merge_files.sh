#!/usr/bin/env bash
# Time and memory of `rejoin merge`: bench/merge_files.sh PATH_TO_REJOIN [ROWS [DIFFERING]]
# Two files with the same ROWS rows (default 100,000) of a key and six columns; then DIFFERING rows (default 10,000)
# are edited in each, other ones but for a tenth. Prints how long each step takes and the most memory that it needs.
set -euo pipefail

if [ $# -lt 1 ]; then
  echo "usage: $0 PATH_TO_REJOIN [ROWS [DIFFERING]]" >&2
  exit 2
fi
tool=$(realpath "$1")
rows=${2:-100000}
differing=${3:-10000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# Runs a command and tells its wall time, its processor time and its peak resident memory (Python has wait4 for that).
measure() {
  local what=$1
  shift
  python3 - "$what" "$@" <<'PYTHON'
import os, subprocess, sys, time
begin = time.monotonic()
child = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE)
report = child.stdout.read().decode()
_, status, usage = os.wait4(child.pid, 0)
took = time.monotonic() - begin
cpu = usage.ru_utime + usage.ru_stime
print(f"{sys.argv[1]:<46} {took:7.2f} s  {cpu:7.2f} s cpu  {usage.ru_maxrss / 1024:6.1f} MiB")
print(f"    {report.strip().splitlines()[-1]}")
sys.exit(os.waitstatus_to_exitcode(status))
PYTHON
}

schema="CREATE TABLE items (id INTEGER PRIMARY KEY NOT NULL, name TEXT, place TEXT, price REAL, stock INTEGER,
  note TEXT, changed INTEGER); SELECT crsql_as_crr('items')"
numbers="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
edit() { # FILE FIRST_ROW: all six columns of DIFFERING rows
  "$tool" sql "$1" "UPDATE items SET name = name || ' $1', place = place || '!', price = price + 1, stock = stock + $2,
    note = '$1', changed = 2 WHERE id >= $2 AND id < $2 + $differing"
}

"$tool" sql --create a.db "$schema" >/dev/null
"$tool" sql --create b.db "$schema" >/dev/null
"$tool" sql a.db "$numbers $rows) INSERT INTO items SELECT i, 'item number ' || i, 'shelf ' || i % 997,
  i * 0.25, i % 100, 'a note on item ' || i, 1 FROM n"
measure "first merge of $rows rows into an empty file" "$tool" merge a.db b.db
echo "each file: $(($(stat -c %s a.db) / 1024 / 1024)) MiB"
edit a.db 1
edit b.db $((1 + differing * 9 / 10))
measure "dry run, $differing rows differ in each" "$tool" merge --dry-run a.db b.db
measure "merge, $differing rows differ in each" "$tool" merge a.db b.db
measure "merge without news" "$tool" merge a.db b.db
measure "check" "$tool" merge --check a.db b.db
