# The Debian package: what `cmake --install` installs, for `cpack -G DEB`; `cmake --workflow --preset deb` does it all.
set(CPACK_PACKAGE_NAME rejoin)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_VENDOR "The Rejoin project")
set(CPACK_PACKAGE_CONTACT "The Rejoin project <rejoin@rejoin.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "Makes ordinary tables of SQLite mergeable, so that databases written apart become equal.
This package has the static library, its headers for C++ and C, what CMake and
pkg-config ask for, and the tool 'rejoin'.")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
# The tool's libraries are read off it; who links the library needs SQLite's headers.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libsqlite3-dev (>= 3.38)")
include(CPack)
