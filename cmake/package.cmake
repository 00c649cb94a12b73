# SPDX-License-Identifier: Apache-2.0
# What an installed backhaul offers to programs: the two libraries, their headers, and how CMake
# (find_package(backhaul): backhaul::client, backhaul::bits) and pkg-config find them.

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/backhaul)

install(TARGETS backhaul_client backhaul_bits backhaul_bits_main EXPORT backhaul
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/backhaul DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(EXPORT backhaul NAMESPACE backhaul:: FILE backhaul-targets.cmake
  DESTINATION ${package_folder})
file(WRITE ${PROJECT_BINARY_DIR}/backhaul-config.cmake
  "include(\${CMAKE_CURRENT_LIST_DIR}/backhaul-targets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backhaul-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/backhaul-config.cmake
  ${PROJECT_BINARY_DIR}/backhaul-config-version.cmake DESTINATION ${package_folder})

# Relative to their own place, so that the tree can be installed under any prefix afterwards.
file(RELATIVE_PATH BACKHAUL_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name IN ITEMS backhaul backhaul-bits)
  configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
