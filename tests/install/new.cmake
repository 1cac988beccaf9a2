# A folder of `odeon new` in an empty one: cmake -DODEON=program -DDIR=dir -DKIND=kind -DNAME=name -DMORE=option
# -P new.cmake
file(REMOVE_RECURSE ${DIR}/${NAME})
file(MAKE_DIRECTORY ${DIR})
execute_process(COMMAND ${ODEON} new ${KIND} ${NAME} --dir ${DIR} ${MORE} COMMAND_ERROR_IS_FATAL ANY)
