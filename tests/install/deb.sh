#!/bin/sh
# Makes the Debian package of a build, installs it, and uses the library, the tool and what CMake and pkg-config find.
# Root or sudo installs it as anyone would, and takes it off again; elsewhere it is unpacked into a directory.
#   deb.sh BUILD VERSION
set -eu
build=$(cd "$1" && pwd) version=$2
cd "$(dirname "$0")/../.."
rm -rf "$build/packages"
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$build/packages" >/dev/null
deb=$(ls "$build/packages/rejoin_${version}_"*.deb)
[ "$(dpkg-deb -f "$deb" Version)" = "$version" ]
for needed in libsqlite3-dev libsqlite3-0 libstdc++6; do
  dpkg-deb -f "$deb" Depends | grep -q "$needed "
done

as_root=
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
if ! dpkg-query -s rejoin >/dev/null 2>&1 && $as_root true 2>/dev/null; then
  trap '$as_root dpkg -r rejoin >/dev/null' EXIT
  $as_root dpkg -i "$deb" >/dev/null
  PREFIX=/usr
  [ "$(pkg-config --modversion rejoin)" = "$version" ]
  echo "installed $(basename "$deb")"
else
  PREFIX=$build/packages/unpacked
  dpkg-deb -x "$deb" "$PREFIX"
  PREFIX=$PREFIX/usr
  PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
  export PKG_CONFIG_PATH
  echo "unpacked $(basename "$deb"), without root"
fi
export PREFIX
"$PREFIX/bin/rejoin" --version | grep -F "$version"
for example in find_package auto_extension; do
  sh tests/examples/type.sh $example "$build/packages/$example" c++ cc "" 2>/dev/null
  echo "examples/$example: built and run"
done
