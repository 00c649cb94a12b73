// SPDX-License-Identifier: Apache-2.0
// Which program a process runs, for people to read. A process can choose what is said here, and its
// number may belong to another one by now: nothing may be decided by it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace backhaul::dbus {

// The executable, and behind it in parentheses the name of the process where that is another one:
// "/usr/bin/python3.11 (notify.py)". Empty where /proc does not tell.
std::string program_of_process(std::uint32_t pid);

// The same of its parts; the kernel cuts names off after 15 bytes.
std::string program_name(std::string_view executable, std::string_view process_name);

}  // namespace backhaul::dbus
