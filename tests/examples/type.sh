#!/bin/sh
# Types what the README of an example says, at the top of the sources: its blocks of sh in their order. What its blocks
# of text show must then have been printed. build/ is SCRATCH here; c++ and cc are the compilers of this build.
#   type.sh EXAMPLE SCRATCH C++-COMPILER C-COMPILER LAUNCHER [FLAG…]   (LAUNCHER may be empty)
set -eu
example=$1 scratch=$2 cxx=$(command -v "$3") cc=$(command -v "$4") launcher=$5
shift 5
cd "$(dirname "$0")/../.."
readme=examples/$example/README.md

rm -rf "$scratch"
mkdir -p "$scratch/bin"
for name in c++ g++ cc gcc; do
  case $name in *++) compiler=$cxx ;; *) compiler=$cc ;; esac
  printf '#!/bin/sh\nexec %s "%s" "$@" %s\n' "$launcher" "$compiler" "$*" >"$scratch/bin/$name"
  chmod +x "$scratch/bin/$name"
done
# (Where ccache looks for the compiler that it stands for, it shall not find these.)
export CCACHE_PATH="${CCACHE_PATH:-$PATH}" PATH="$scratch/bin:$PATH" CMAKE_GENERATOR=Ninja
unset CC CXX
# Node's headers lie beside it; without this node-gyp would fetch them.
if node=$(command -v node); then
  npm_config_nodedir=$(dirname "$(dirname "$(readlink -f "$node")")")
  export npm_config_nodedir
fi

blocks() { awk -v start="^\`\`\`$1\$" '/^```/ { inside = $0 ~ start; next } inside' "$readme"; }

{ echo 'set -eux' && blocks sh | sed -E "s#(^|[ \"(])build/#\1$scratch/#g"; } >"$scratch/typed"
grep -q "$scratch" "$scratch/typed"
sh "$scratch/typed" >"$scratch/printed" || { cat "$scratch/printed"; exit 1; }
blocks text >"$scratch/shown"
[ -s "$scratch/shown" ]
while read -r line; do
  grep -Fxq "$line" "$scratch/printed" || { cat "$scratch/printed" && echo "not printed: $line"; exit 1; }
done <"$scratch/shown"
