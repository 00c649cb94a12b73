// SPDX-License-Identifier: Apache-2.0
// What a process gives up for ever in front of a program that reads what strangers sent. Between fork and
// exec: system calls only.
#pragma once

namespace backhaul::posix {

// No network, no file that it could write or remove, no more memory than a program of its kind needs, no
// new privileges; it dies with the thread that made it. False: the system does not let it give that up.
// What a kernel is too old for (Landlock) is left out: what remains forbids every byte of a file.
bool confine();

}  // namespace backhaul::posix
