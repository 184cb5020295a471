# libtorch's own find_package wants a CUDA toolkit; this target needs only the two CPU libraries of the wheel.
if(NOT ANTIPHON_LIBTORCH)
  if(DEFINED ENV{XDG_CACHE_HOME})
    set(antiphon_cache $ENV{XDG_CACHE_HOME}/antiphon)
  else()
    set(antiphon_cache $ENV{HOME}/.cache/antiphon)
  endif()
  set(ANTIPHON_LIBTORCH ${antiphon_cache}/libtorch)
endif()
if(NOT EXISTS ${ANTIPHON_LIBTORCH}/include/ATen/ATen.h OR NOT EXISTS ${ANTIPHON_LIBTORCH}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "No libtorch in '${ANTIPHON_LIBTORCH}'. Run ./run (it fetches one), or set "
                      "ANTIPHON_LIBTORCH to a folder with include/ and lib/.")
endif()
message(STATUS "libtorch: ${ANTIPHON_LIBTORCH}")

add_library(antiphon_libtorch INTERFACE)
target_include_directories(antiphon_libtorch SYSTEM INTERFACE ${ANTIPHON_LIBTORCH}/include)
target_link_directories(antiphon_libtorch INTERFACE ${ANTIPHON_LIBTORCH}/lib)
# libtorch registers its operators from static initialisers, so the linker must not drop it.
target_link_libraries(antiphon_libtorch INTERFACE -Wl,--no-as-needed torch_cpu c10 -Wl,--as-needed)
target_link_options(antiphon_libtorch INTERFACE -Wl,-rpath,${ANTIPHON_LIBTORCH}/lib
                    -Wl,-rpath-link,${ANTIPHON_LIBTORCH}/lib)
