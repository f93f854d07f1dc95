# Packs the built binary and checks that the .deb puts every file where Debian looks for it.
# cmake -D CPACK=… -D DPKG_DEB=… -D BUILD=… -D ROOT=… -P packaging_test.cmake
set(folder ${BUILD}/packaging)
file(REMOVE_RECURSE ${folder})
execute_process(COMMAND ${CPACK} --config ${BUILD}/CPackConfig.cmake -G DEB -B ${folder}
  WORKING_DIRECTORY ${BUILD} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB package ${folder}/cachectl_*.deb)
execute_process(COMMAND ${DPKG_DEB} -c ${package} OUTPUT_VARIABLE contents COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${DPKG_DEB} -I ${package} OUTPUT_VARIABLE control COMMAND_ERROR_IS_FATAL ANY)

set(expected bin/cachectl share/doc/cachectl/copyright share/doc/cachectl/examples/prometheus/alerts.yml share/man/man1/cachectl.1
  share/bash-completion/completions/cachectl share/zsh/vendor-completions/_cachectl
  share/fish/vendor_completions.d/cachectl.fish)
file(GLOB pages RELATIVE ${ROOT}/man ${ROOT}/man/*)
foreach(page ${pages})
  string(REGEX MATCH "[0-9]$" section ${page})
  list(APPEND expected share/man/man${section}/${page})
endforeach()
foreach(path ${expected})
  string(FIND "${contents}" " ./usr/${path}\n" at)
  if(at EQUAL -1)
    message(SEND_ERROR "the package lacks /usr/${path}; it holds:\n${contents}")
  endif()
endforeach()
foreach(field "Package: cachectl\n" "Section: database\n" "Depends: [^\n]*libc6"
        "Maintainer: The cachectl authors <cachectl@example.invalid>\n")
  if(NOT control MATCHES "${field}")
    message(SEND_ERROR "the package's control file has no '${field}':\n${control}")
  endif()
endforeach()
