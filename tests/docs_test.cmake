# Fails unless man/ and completions/ are, byte for byte, what the command tree says, and the pages
# are roff that groff, where there is one, has nothing to say about.
# cmake -D GENERATOR=… -D ROOT=… -D FOLDER=… [-D GROFF=…] -P docs_test.cmake
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${GENERATOR} ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
foreach(folder man completions)
  execute_process(COMMAND diff -r -u ${ROOT}/${folder} ${FOLDER}/${folder} RESULT_VARIABLE differs)
  if(differs)
    message(SEND_ERROR "${folder}/ is not up to date: run ./dev docs and commit it")
  endif()
endforeach()

if(GROFF)
  file(GLOB pages ${FOLDER}/man/*)
  foreach(page ${pages})
    execute_process(COMMAND ${GROFF} -man -k -ww -z ${page} ERROR_VARIABLE findings
      RESULT_VARIABLE failed)
    if(failed OR findings)
      message(SEND_ERROR "groff: ${findings}")
    endif()
  endforeach()
endif()
