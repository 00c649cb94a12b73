# SPDX-License-Identifier: Apache-2.0
# Runs at installation, with the prefix that was asked for then.
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)
string(REGEX REPLACE "(.)/$" "\\1" prefix "${prefix}")
set(root "$ENV{DESTDIR}${prefix}")
set(program "${prefix}/${libexec_folder}/backhaul/backhauld")
set(swarm_program "${prefix}/${libexec_folder}/backhaul/backhaul-swarm")

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
  configure_file(${data}/backhauld.service.in "${root}/lib/systemd/user/backhauld.service" @ONLY)
endif()
configure_file(${data}/org.backhaul.Backhaul1.service.in
  "${root}/${data_folder}/dbus-1/services/org.backhaul.Backhaul1.service" @ONLY)

if(swarm)
  configure_file(${data}/org.backhaul.Swarm1.service.in
    "${root}/${data_folder}/dbus-1/services/org.backhaul.Swarm1.service" @ONLY)
endif()

if(prefix STREQUAL "/usr")
  set(autostart "$ENV{DESTDIR}/etc/xdg/autostart")
else()
  set(autostart "${root}/etc/xdg/autostart")
endif()
configure_file(${data}/backhauld.desktop.in "${autostart}/backhauld.desktop" @ONLY)

# What the system bus, systemd and polkit look for. The bus reads policies of /usr and of /etc alone.
if(system_service)
  set(system ${data}/system)
  set(policies "${root}/${data_folder}/dbus-1/system.d")
  if(prefix STREQUAL "/usr/local")
    set(policies "$ENV{DESTDIR}/etc/dbus-1/system.d")
  endif()
  configure_file(${system}/org.backhaul.Backhaul1.conf "${policies}/org.backhaul.Backhaul1.conf" COPYONLY)
  configure_file(${system}/org.backhaul.Backhaul1.service.in
    "${root}/${data_folder}/dbus-1/system-services/org.backhaul.Backhaul1.service" @ONLY)
  if(mogwai)
    configure_file(${system}/com.endlessm.MogwaiSchedule1.service.in
      "${root}/${data_folder}/dbus-1/system-services/com.endlessm.MogwaiSchedule1.service" @ONLY)
  endif()
  configure_file(${system}/backhauld.service.in "${root}/lib/systemd/system/backhauld.service" @ONLY)
  configure_file(${system}/backhaul-launcher.service.in "${root}/lib/systemd/system/backhaul-launcher.service" @ONLY)
  configure_file(${system}/backhaul-launcher.socket "${root}/lib/systemd/system/backhaul-launcher.socket" COPYONLY)
  configure_file(${system}/sysusers.conf "${root}/lib/sysusers.d/backhaul.conf" COPYONLY)
  configure_file(${system}/tmpfiles.conf "${root}/lib/tmpfiles.d/backhaul.conf" COPYONLY)
  configure_file(${system}/org.backhaul.policy "${root}/${data_folder}/polkit-1/actions/org.backhaul.policy" COPYONLY)
  if(swarm)
    configure_file(${system}/org.backhaul.Swarm1.conf "${policies}/org.backhaul.Swarm1.conf" COPYONLY)
    configure_file(${system}/org.backhaul.Swarm1.service.in
      "${root}/${data_folder}/dbus-1/system-services/org.backhaul.Swarm1.service" @ONLY)
    configure_file(${system}/backhaul-swarm.service.in "${root}/lib/systemd/system/backhaul-swarm.service" @ONLY)
    configure_file(${system}/backhaul-swarm.sysusers.conf "${root}/lib/sysusers.d/backhaul-swarm.conf" COPYONLY)
  endif()
  message(STATUS "The queue of the machine is /var/lib/backhaul; removing backhaul leaves it there")
endif()
message(STATUS "The bus finds backhaul with XDG_DATA_DIRS=${prefix}/${data_folder}")
