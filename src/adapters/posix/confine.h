// SPDX-License-Identifier: Apache-2.0
// What a process gives up for ever. System calls only, so that it can be done between fork and exec.
#pragma once

namespace backhaul::posix {

// In front of a program that reads what strangers sent: no network, no file that it could write or remove, no more memory than a program of its kind needs, no
// new privileges; it dies with the thread that made it. False: the system does not let it give that up.
// What a kernel is too old for (Landlock) is left out: what remains forbids every byte of a file.
bool confine();

// For a helper that works on files and does nothing else: no network, no other program, no new privileges, for all
// threads that it makes from here on.
bool confine_to_files();

// For a program that talks with strangers: no other program, no look into another process, no new privileges, for all
// threads that it makes from here on.
bool confine_to_network();

}  // namespace backhaul::posix
