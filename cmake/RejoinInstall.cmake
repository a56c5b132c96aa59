# What `cmake --install` puts where: the library and its headers, the CMake package, rejoin.pc, and the tool.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/rejoin")

install(TARGETS rejoin EXPORT rejoin-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/rejoin" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(EXPORT rejoin-targets NAMESPACE rejoin:: DESTINATION "${package_dir}")

# Sync and net are components: who asks for them also finds what they are built from.
foreach(part sync net)
  if(TARGET rejoin_${part})
    install(TARGETS rejoin_${part} EXPORT rejoin-${part}-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT rejoin-${part}-targets NAMESPACE rejoin:: DESTINATION "${package_dir}")
  endif()
endforeach()
if(TARGET rejoin_sync)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/RejoinFindZstd.cmake" DESTINATION "${package_dir}")
endif()

# With a SQLite of the builder's own the package cannot say where it is: whoever links brings it.
if(REJOIN_SQLITE_TARGET)
  set(find_sqlite "")
  set(pc_requires "")
else()
  set(find_sqlite "include(CMakeFindDependencyMacro)\nfind_dependency(SQLite3)")
  set(pc_requires "sqlite3")
endif()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/rejoin-config.cmake.in"
  "${PROJECT_BINARY_DIR}/rejoin-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/rejoin-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/rejoin-config.cmake" "${PROJECT_BINARY_DIR}/rejoin-config-version.cmake"
  DESTINATION "${package_dir}")

# rejoin.pc finds its prefix from where it lies, so an installed tree can be moved. The C++ runtime is named because a C
# program that links the static library needs it.
if("c++" IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
  set(pc_runtime "-lc++")
else()
  set(pc_runtime "-lstdc++")
endif()
file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/rejoin.pc.in" "${PROJECT_BINARY_DIR}/rejoin.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/rejoin.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(TARGET rejoin_tool)
  install(TARGETS rejoin_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
