# SPDX-License-Identifier: Apache-2.0
# What an installed backhaul offers to programs: the two libraries, their headers, and how CMake
# (find_package(backhaul): backhaul::client, backhaul::bits) and pkg-config find them.

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/backhaul)

# What runs, and what is there to build on it (--component runtime, development).
add_custom_target(backhaul_runtime DEPENDS backhauld backhaul_command backhaul_completion)
if(TARGET backhaul_swarm)
  add_dependencies(backhaul_runtime backhaul_swarm)
endif()
install(TARGETS backhaul_client EXPORT backhaul
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_COMPONENT development)
install(TARGETS backhaul_bits backhaul_bits_main EXPORT backhaul COMPONENT development
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/backhaul DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(EXPORT backhaul COMPONENT development NAMESPACE backhaul:: FILE backhaul-targets.cmake
  DESTINATION ${package_folder})
file(WRITE ${PROJECT_BINARY_DIR}/backhaul-config.cmake
  "include(\${CMAKE_CURRENT_LIST_DIR}/backhaul-targets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backhaul-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/backhaul-config.cmake
  ${PROJECT_BINARY_DIR}/backhaul-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)

# Relative to their own place, so that the tree can be installed under any prefix afterwards.
file(RELATIVE_PATH BACKHAUL_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name IN ITEMS backhaul backhaul-bits)
  configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc COMPONENT development
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
