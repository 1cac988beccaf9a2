# odeon_add_plugin(KIND ID SOURCES file... [LIBRARIES target...])
#   KIND: backend | field | solver | gradient. Builds the module odeon_<kind>_<id>.so into
#   <build>/plugins, installs it into <libdir>/odeon/plugins and registers its conformance test.
function(odeon_add_plugin kind id)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target odeon_${kind}_${id})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE odeon::api odeon_build_flags ${arg_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/plugins")
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/odeon/plugins)
  set_property(GLOBAL APPEND PROPERTY ODEON_PLUGINS ${target})
endfunction()
