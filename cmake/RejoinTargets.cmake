# How a target of ours is compiled: language level, warnings, visibility.

function(rejoin_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(REJOIN_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ sees uninitialised reads in std::regex and the like once the sanitizers have rewritten them.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  if(REJOIN_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
