# antiphon_room(NAME dir...): a static library of every .cpp below the folders given, with the house flags.
function(antiphon_room name)
  set(sources)
  foreach(dir IN LISTS ARGN)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC antiphon_flags)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE antiphon_flags)
  endif()
endfunction()

# antiphon_test(NAME dir libraries...): one GoogleTest binary of every *_test.cpp below a folder. Tests run
# from the repository's root, so that they find tests/data. Their label is the folder's first part (unit,
# integration).
function(antiphon_test name dir)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} antiphon_test_support GTest::gmock GTest::gtest_main)
  string(REGEX REPLACE "/.*" "" label ${dir})
  gtest_discover_tests(${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
                       DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600 LABELS ${label})
endfunction()

# antiphon_sharded_test(NAME dir shards libraries...): the same for tests whose start is long (libtorch,
# weights): a process for each of some shards instead of one for each test.
function(antiphon_sharded_test name dir shards)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} antiphon_test_support GTest::gmock GTest::gtest_main)
  string(REGEX REPLACE "/.*" "" label ${dir})
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${name}.${shard} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT 1200 LABELS ${label}
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

# antiphon_simulation(NAME dir shards seeds libraries...): a GoogleTest binary that plays seeds through; each
# shard plays `seeds` of them, a tenth in sanitized builds.
function(antiphon_simulation name dir shards seeds)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} antiphon_test_support GTest::gmock GTest::gtest_main)
  if(ANTIPHON_SANITIZE)
    math(EXPR seeds "${seeds} / 10")
  endif()
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    math(EXPR first "${shard} * ${seeds}")
    add_test(NAME ${name}.${shard} COMMAND ${name} --gtest_filter=Simulation.*
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT 600 LABELS simulation
      ENVIRONMENT "ANTIPHON_SIMULATION_FIRST_SEED=${first};ANTIPHON_SIMULATION_SEEDS=${seeds}")
  endforeach()
  add_test(NAME ${name}.checks COMMAND ${name} --gtest_filter=-Simulation.*
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name}.checks PROPERTIES TIMEOUT 600 LABELS simulation)
endfunction()
