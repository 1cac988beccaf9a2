# odeon_add_plugin(KIND ID SOURCES file... [LIBRARIES target...] [CHECK argument...])
#   KIND: backend | field | solver | gradient | communicator. Builds the module odeon_<kind>_<id>.so into <build>/plugins and
#   installs it into <libdir>/odeon/plugins. The same function in Odeon's own tree and outside of it.
#   In the tree it also registers the test `check: KIND ID`, which runs `odeon check` on the module; CHECK: what a
#   component without defaults needs there, such as --options "{matrix: [[-1]]}".
include(GNUInstallDirs)
function(odeon_add_plugin kind id)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;CHECK" ${ARGN})
  set(target odeon_${kind}_${id})
  add_library(${target} MODULE ${arg_SOURCES})
  set(cxx_sources ${arg_SOURCES})
  list(FILTER cxx_sources EXCLUDE REGEX "\\.c$")
  if(cxx_sources)
    set(layer odeon::sdk)
  else()
    set(layer odeon::api)  # a project in plain C has no C++ compiler
  endif()
  target_link_libraries(${target} PRIVATE ${layer} ${arg_LIBRARIES})
  if(TARGET odeon_build_flags)
    target_link_libraries(${target} PRIVATE odeon_build_flags)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN" LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/plugins")
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/odeon/plugins COMPONENT plugins)
  set_property(GLOBAL APPEND PROPERTY ODEON_PLUGINS ${target})
  if(ODEON_TESTS AND TARGET odeon_cli)
    add_test(NAME "check: ${kind} ${id}" COMMAND odeon_cli check $<TARGET_FILE:${target}> --timeout 60 ${arg_CHECK})
    set_tests_properties("check: ${kind} ${id}" PROPERTIES ENVIRONMENT "ODEON_PLUGIN_PATH=" LABELS check)
  endif()
endfunction()
