# Fails unless man/ and completions/ are, byte for byte, what the command tree says.
# cmake -D GENERATOR=… -D ROOT=… -D FOLDER=… -P docs_test.cmake
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${GENERATOR} ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
foreach(folder man completions)
  execute_process(COMMAND diff -r -u ${ROOT}/${folder} ${FOLDER}/${folder} RESULT_VARIABLE differs)
  if(differs)
    message(SEND_ERROR "${folder}/ is not up to date: run ./dev docs and commit it")
  endif()
endforeach()
