# Installs BUILD below STAGE and moves what was installed, since a package must not remember where it was.
#   cmake -DBUILD=dir -DSTAGE=dir -P stage.cmake
file(REMOVE_RECURSE ${STAGE})
foreach(prefix api all)
  set(component)
  if(prefix STREQUAL api)
    set(component --component api)
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${STAGE}/first ${component}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(RENAME ${STAGE}/first ${STAGE}/${prefix})
endforeach()
