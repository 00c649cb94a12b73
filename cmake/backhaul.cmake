# SPDX-License-Identifier: Apache-2.0
# The few rules that every folder shares: language, warnings, sanitizers, tests.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(BACKHAUL_WERROR "Treat warnings as errors" OFF)
set(BACKHAUL_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
# Several times faster than the usual linker, and there are more than a hundred programs. Not mold: that of Debian 12
# begins the read-only segment with thread-local data that take no room, at times on a page that is not there, and such a
# program does not start.
find_program(BACKHAUL_LLD ld.lld)
if(BACKHAUL_LLD)
  add_link_options(-fuse-ld=lld)
endif()
find_program(BACKHAUL_CCACHE ccache)
if(BACKHAUL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BACKHAUL_CCACHE})
endif()

add_library(backhaul_options INTERFACE)
target_compile_options(backhaul_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow=local
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang names the same warning differently, and warns about designated initialisers that
  # leave out defaulted members, which is how we write requests.
  target_compile_options(backhaul_options INTERFACE -Wno-unknown-warning-option -Wno-missing-designated-field-initializers)
endif()
if(BACKHAUL_WERROR)
  target_compile_options(backhaul_options INTERFACE -Werror)
endif()
if(BACKHAUL_SANITIZE)
  add_compile_options(-fsanitize=${BACKHAUL_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BACKHAUL_SANITIZE})
endif()
# Every function is found at the start: what finds it at its first call saves the registers on the stack,
# and they may hold a piece of a password. It also leaves no table of functions that can be written to.
add_link_options(LINKER:-z,relro LINKER:-z,now)
target_include_directories(backhaul_options INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(backhaul_options INTERFACE Threads::Threads)

# Headers of the standard library are most of what the compiler reads, so they are read once:
# libraries share one precompiled header, tests another. Their flags have to be equal, which they are.
option(BACKHAUL_PRECOMPILE "Use precompiled headers" ON)
set(BACKHAUL_PRECOMPILED ${PROJECT_SOURCE_DIR}/cmake/precompiled)
if(BACKHAUL_PRECOMPILE)
  add_library(backhaul_precompiled STATIC ${BACKHAUL_PRECOMPILED}/empty.cc)
  target_link_libraries(backhaul_precompiled PRIVATE backhaul_options)
  target_precompile_headers(backhaul_precompiled PRIVATE ${BACKHAUL_PRECOMPILED}/house.h)
endif()
function(backhaul_precompile target with)
  if(TARGET ${with})
    target_precompile_headers(${target} REUSE_FROM ${with})
    # gcc forgets that precompiled headers are the system's, and then complains about the inside of
    # std::string where nothing is wrong (gcc bug 105651). The asan preset (clang) sees our own code.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-restrict
      -Wno-stringop-overflow -Wno-stringop-overread>)
  endif()
endfunction()

# What the simulator runs by the hour is optimised also where nothing else is.
set(BACKHAUL_HOT_OPTIONS "" CACHE STRING "Options for libraries that are HOT, for example -O1")
if(BACKHAUL_HOT_OPTIONS AND BACKHAUL_PRECOMPILE)
  add_library(backhaul_precompiled_hot STATIC ${BACKHAUL_PRECOMPILED}/empty.cc)
  target_link_libraries(backhaul_precompiled_hot PRIVATE backhaul_options)
  target_compile_options(backhaul_precompiled_hot PRIVATE ${BACKHAUL_HOT_OPTIONS})
  target_precompile_headers(backhaul_precompiled_hot PRIVATE ${BACKHAUL_PRECOMPILED}/house.h)
endif()

# What is built to be used, and not to be changed, compiles a few files of a library at once.
option(BACKHAUL_UNITY "Compile the files of a library, and of a test, in groups" OFF)

# backhaul_library(NAME SOURCES a.cc b.cc [DEPS lib...] [HOT]): one static library for one folder.
function(backhaul_library name)
  cmake_parse_arguments(arg "HOT" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC backhaul_options ${arg_DEPS})
  if(arg_HOT AND BACKHAUL_HOT_OPTIONS)
    target_compile_options(${name} PRIVATE ${BACKHAUL_HOT_OPTIONS})
    backhaul_precompile(${name} backhaul_precompiled_hot)
  else()
    backhaul_precompile(${name} backhaul_precompiled)
  endif()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${BACKHAUL_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

enable_testing()
# What is tested is compiled as it is used; the text of a test itself runs once, and is compiled fast.
add_library(backhaul_test_options INTERFACE)
if(BACKHAUL_SANITIZE)
  target_compile_options(backhaul_test_options INTERFACE -O0 -g1)
else()
  target_compile_options(backhaul_test_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-O0 -g1>)
endif()

# What `ctest -L quick` needs and no more: the tsan preset builds only this.
add_custom_target(quick_tests)
find_package(GTest)
if(GTest_FOUND AND BACKHAUL_PRECOMPILE)
  add_executable(backhaul_precompiled_tests EXCLUDE_FROM_ALL ${BACKHAUL_PRECOMPILED}/empty.cc)
  target_link_libraries(backhaul_precompiled_tests PRIVATE backhaul_options backhaul_test_options GTest::gtest_main)
  target_precompile_headers(backhaul_precompiled_tests PRIVATE ${BACKHAUL_PRECOMPILED}/tests.h)
endif()

# backhaul_leaves_nothing(TEST): a component test whose processes and folders must be gone when all are
# over (tests/support/leftovers.py).
string(MD5 BACKHAUL_TEST_TAG ${PROJECT_BINARY_DIR})
string(SUBSTRING ${BACKHAUL_TEST_TAG} 0 8 BACKHAUL_TEST_TAG)
set(BACKHAUL_TEST_FOLDER /tmp/bh-${BACKHAUL_TEST_TAG})  # short: paths of sockets are
function(backhaul_leaves_nothing name)
  set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED component_processes
    ENVIRONMENT_MODIFICATION TMPDIR=set:${BACKHAUL_TEST_FOLDER})
endfunction()

# backhaul_test(NAME SOURCES a_test.cc [DEPS lib...] [LABEL quick|component|e2e] [TIMEOUT s] [WINDOWS])
# WINDOWS: includes windows.h, which renames functions of the C library: a precompiled header would
# have settled their names before.
# Labels are budgets: quick under 20 s in all, component under 90 s, e2e under 3 minutes.
function(backhaul_test name)
  cmake_parse_arguments(arg "SERIAL;WINDOWS" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT GTest_FOUND)
    return()
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL quick)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)  # against what hangs: how fast the machine is decides nothing
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE backhaul_options backhaul_test_options ${arg_DEPS} GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  if(NOT arg_WINDOWS)
    backhaul_precompile(${name} backhaul_precompiled_tests)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${BACKHAUL_UNITY} UNITY_BUILD_BATCH_SIZE 6)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  if(arg_LABEL STREQUAL "component")
    backhaul_leaves_nothing(${name})
  endif()
  if(arg_LABEL STREQUAL "quick")
    add_dependencies(quick_tests ${name})
  endif()
  if(arg_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
