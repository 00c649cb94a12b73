# SPDX-License-Identifier: Apache-2.0
# Runs at installation, with the prefix that was asked for then.
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)
string(REGEX REPLACE "(.)/$" "\\1" prefix "${prefix}")
set(program "${prefix}/${libexec_folder}/backhaul/backhauld")
set(swarm_program "${prefix}/${libexec_folder}/backhaul/backhaul-swarm")

# What is installed is listed, for its removal (record.cmake).
macro(generate from to how)
  configure_file(${from} "$ENV{DESTDIR}${to}" ${how})
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${to}")
endmacro()

# A bus that systemd started asks systemd for the unit that a service file names, and fails if there
# is none; so the unit is named only where systemd finds it. Any other bus ignores that line.
if(units STREQUAL "AUTO")
  if(prefix MATCHES "^/usr(/local)?$")
    set(units ON)
  else()
    set(units OFF)
  endif()
endif()
set(systemd_line "")
if(units)
  set(systemd_line "SystemdService=backhauld.service\n")
  generate(${data}/backhauld.service.in "${prefix}/lib/systemd/user/backhauld.service" @ONLY)
endif()
generate(${data}/org.backhaul.Backhaul1.service.in
  "${prefix}/${data_folder}/dbus-1/services/org.backhaul.Backhaul1.service" @ONLY)

if(swarm)
  generate(${data}/org.backhaul.Swarm1.service.in
    "${prefix}/${data_folder}/dbus-1/services/org.backhaul.Swarm1.service" @ONLY)
endif()

if(prefix STREQUAL "/usr")
  set(autostart "/etc/xdg/autostart")
else()
  set(autostart "${prefix}/etc/xdg/autostart")
endif()
generate(${data}/backhauld.desktop.in "${autostart}/backhauld.desktop" @ONLY)

# What the system bus, systemd and polkit look for. The bus reads policies of /usr and of /etc alone.
if(system_service)
  set(system ${data}/system)
  set(policies "${prefix}/${data_folder}/dbus-1/system.d")
  if(prefix STREQUAL "/usr/local")
    set(policies "/etc/dbus-1/system.d")
  endif()
  generate(${system}/org.backhaul.Backhaul1.conf "${policies}/org.backhaul.Backhaul1.conf" COPYONLY)
  generate(${system}/org.backhaul.Backhaul1.service.in
    "${prefix}/${data_folder}/dbus-1/system-services/org.backhaul.Backhaul1.service" @ONLY)
  if(mogwai)
    generate(${system}/com.endlessm.MogwaiSchedule1.service.in
      "${prefix}/${data_folder}/dbus-1/system-services/com.endlessm.MogwaiSchedule1.service" @ONLY)
  endif()
  generate(${system}/backhauld.service.in "${prefix}/lib/systemd/system/backhauld.service" @ONLY)
  generate(${system}/backhaul-launcher.service.in "${prefix}/lib/systemd/system/backhaul-launcher.service" @ONLY)
  generate(${system}/backhaul-launcher.socket "${prefix}/lib/systemd/system/backhaul-launcher.socket" COPYONLY)
  generate(${system}/sysusers.conf "${prefix}/lib/sysusers.d/backhaul.conf" COPYONLY)
  generate(${system}/tmpfiles.conf "${prefix}/lib/tmpfiles.d/backhaul.conf" COPYONLY)
  generate(${system}/org.backhaul.policy "${prefix}/${data_folder}/polkit-1/actions/org.backhaul.policy" COPYONLY)
  if(swarm)
    generate(${system}/org.backhaul.Swarm1.conf "${policies}/org.backhaul.Swarm1.conf" COPYONLY)
    generate(${system}/org.backhaul.Swarm1.service.in
      "${prefix}/${data_folder}/dbus-1/system-services/org.backhaul.Swarm1.service" @ONLY)
    generate(${system}/backhaul-swarm.service.in "${prefix}/lib/systemd/system/backhaul-swarm.service" @ONLY)
    generate(${system}/backhaul-swarm.sysusers.conf "${prefix}/lib/sysusers.d/backhaul-swarm.conf" COPYONLY)
  endif()
  message(STATUS "The queue of the machine is /var/lib/backhaul; removing backhaul leaves it there")
endif()
message(STATUS "The bus finds backhaul with XDG_DATA_DIRS=${prefix}/${data_folder}")
# What is put into a package has scripts that see to it.
if(prefix MATCHES "^/usr(/local)?$" AND "$ENV{DESTDIR}" STREQUAL "")
  message(STATUS "Programs find the libraries of backhaul once root has run: ldconfig")
endif()
