# What Rejoin is built from. Everything is found on the machine; scripts/install-deps installs what is missing.

if(NOT REJOIN_SQLITE_TARGET)
  find_package(SQLite3 3.38 REQUIRED)
endif()

# Header-only use (XXH_INLINE_ALL): no link, nothing that a user of the library would need.
find_path(REJOIN_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
mark_as_advanced(REJOIN_XXHASH_INCLUDE_DIR)

if(REJOIN_BUILD_SYNC)
  include(RejoinFindZstd)
endif()
if(REJOIN_BUILD_NET)
  set(Boost_NO_WARN_NEW_VERSIONS ON)
  find_package(Boost 1.74 REQUIRED)
  find_package(OpenSSL REQUIRED)
  find_package(Threads REQUIRED)
endif()

if(REJOIN_BUILD_SYNC)
  find_package(nlohmann_json 3.9 REQUIRED)
endif()
if(REJOIN_BUILD_TOOL)
  find_package(CLI11 2.1 REQUIRED)
endif()

if(REJOIN_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

if(REJOIN_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
