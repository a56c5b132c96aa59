# How a target of ours is compiled and linked: language level, warnings, visibility, exported names.

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

# A shared object shows what `map` names, and no more: templates of the standard library would be shown otherwise, and
# could take the place of the host's own.
function(rejoin_shows target map)
  if(UNIX AND NOT APPLE)
    target_link_options(${target} PRIVATE "LINKER:--version-script=${map}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${map}")
  endif()
endfunction()
