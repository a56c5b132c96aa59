# What holds for everything that is built here, and only where this is the top-level project: a host project that adds
# Rejoin as a subdirectory keeps its own settings.

if(PROJECT_IS_TOP_LEVEL)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()

  find_program(REJOIN_CCACHE ccache)
  mark_as_advanced(REJOIN_CCACHE)
  if(REJOIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${REJOIN_CCACHE}")
  endif()

  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()

if(REJOIN_FUZZER)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "REJOIN_FUZZER needs clang; use the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(REJOIN_SANITIZE)
  string(REPLACE ";" "," sanitizers "${REJOIN_SANITIZE}")
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()
