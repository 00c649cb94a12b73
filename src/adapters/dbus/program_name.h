// SPDX-License-Identifier: Apache-2.0
// Which application a process belongs to: the unit of systemd that stands for one, else its program. For
// people to read, and to count jobs by (core::Creator). A process can choose what is said here, and its
// number may belong to another one by now: nothing that protects anything may rest on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace backhaul::dbus {

std::string application_of_process(std::uint32_t pid);

// Of the text of /proc/PID/cgroup: "backup.service", "app-firefox.scope", without what differs from one
// start to the next. Empty: it is in none, or in one that says nothing (of a session, of a terminal, of the
// bus, of a manager, a transient one).
std::string application_unit(std::string_view cgroups);

// The executable, and behind it in parentheses the name of the process where that is another one:
// "/usr/bin/python3.11 (notify.py)". Empty where /proc does not tell.
std::string program_of_process(std::uint32_t pid);

// The same of its parts; the kernel cuts names off after 15 bytes.
std::string program_name(std::string_view executable, std::string_view process_name);

}  // namespace backhaul::dbus
