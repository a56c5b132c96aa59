#!/usr/bin/env bash
# Runs the commands of the README's section "Sync two devices" as they stand, but for the port, which is any free one.
#   sync_two_devices.sh DIRECTORY-OF-THE-TOOL SCRATCH
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
tools=$(cd "$1" && pwd)
PATH=$tools:$PATH
rm -rf "$2" && mkdir -p "$2" && cd "$2"
awk '/^## /{ here = /^## Sync two devices/ } here && /^```/ { inside = !inside; next } here && inside' \
  "$top/README.md" >commands
[ "$(grep -c '^rejoin' commands)" -eq 5 ]
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -e "s/8787/$port/" -e "s/^rejoin serve.*--data rooms/& --listen 127.0.0.1:$port/" commands >commands.sh
# A person types the next line when the hub has said where it listens.
cat >wait <<END
hub=\$!
for _ in \$(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.1; done
END
sed -i '/^rejoin serve/r wait' commands.sh
printf 'kill $hub; wait $hub\n' >>commands.sh
bash -eu commands.sh | tee out
grep -q milk out
[ -f rooms/home.db ]
