# odeon_add_test(NAME SOURCES file... [LIBRARIES target...] [PLUGINS] [LABELS label...] [SUITE suite]
#     [ENVIRONMENT name=value...])
#   A doctest executable; each TEST_CASE becomes one ctest test. PLUGINS: build every plugin first. SUITE: of the test
#   cases only those of this test suite, where the executable has more than there is time for.
#   Tests find the tree by ODEON_SOURCE_DIR / ODEON_BINARY_DIR (compile definitions).
function(odeon_add_test name)
  cmake_parse_arguments(arg "PLUGINS" "SUITE" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE odeon_test_main odeon_build_flags ${arg_LIBRARIES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  # Compiled more often than run: what takes time in a run is elsewhere.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${name} PRIVATE
    ODEON_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ODEON_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(arg_PLUGINS)
    add_dependencies(${name} odeon_all_plugins)
  endif()
  # A name that the discovery script mangles (one with ';') would select no test case, which doctest calls success.
  set(timeout 300)
  if(ODEON_SANITIZE)
    set(timeout 1500)  # the checks slow a program down up to 15 times
  endif()
  set(properties TIMEOUT ${timeout} FAIL_REGULAR_EXPRESSION "test cases: +0")
  if(arg_LABELS)
    list(APPEND properties LABELS "${arg_LABELS}")
  endif()
  if(arg_ENVIRONMENT)
    list(APPEND properties ENVIRONMENT "${arg_ENVIRONMENT}")
  endif()
  set(spec "")
  if(arg_SUITE)
    set(spec TEST_SPEC * --test-suite=${arg_SUITE})
  endif()
  doctest_discover_tests(${name} ${spec} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
