#!/bin/sh
# Builds the pages of our headers and documents without a warning, and sees that a name without a comment would be one.
#   doxygen.sh DIR
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
dir=$1
rm -rf "$dir"
"$sources/scripts/docs" "$dir"
for name in rejoin::Replica rejoin::ChangeStream rejoin_open sqlite3_crsqlite_init crsql_changes; do
  grep -rqF "$name" "$dir/html" || { echo "no page has $name"; exit 1; }
done

mkdir -p "$dir/copy/tests/scripts"
cp "$sources/tests/scripts/README.md" "$dir/copy/tests/scripts"
cp -R "$sources/CMakeLists.txt" "$sources/README.md" "$sources/CHANGELOG.md" "$sources/scripts" "$sources/docs" \
  "$sources/include" "$sources/examples" "$dir/copy"
echo 'extern "C" int rejoin_without_a_comment(void);' >>"$dir/copy/include/rejoin/rejoin.h"
if "$dir/copy/scripts/docs" "$dir/bad" >"$dir/bad.txt" 2>&1; then
  echo "a name without a comment was no error"
  exit 1
fi
grep -F 'rejoin_without_a_comment(void) (function)' "$dir/bad.txt"
if grep -vF rejoin_without_a_comment "$dir/bad.txt"; then exit 1; fi
