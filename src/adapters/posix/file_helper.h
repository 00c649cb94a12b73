// SPDX-License-Identifier: Apache-2.0
// The process that works on files as one owner, at the word of the service: it has the rights of that account
// and no others, no network, and starts no program. Its lines (file_protocol.h) come to it over the socket that it was
// started with, each as a packet of one byte, and each has a thread of its own, so that a file system that does not answer
// holds up no other one. It says once that it is ready, and
// ends with the end of that socket.
#pragma once

#include "adapters/posix/owner_access.h"

namespace backhaul::posix {

inline constexpr unsigned helper_lines_max = 8;

// Its exit code. `socket`: the end that it was started with.
int run_file_helper(int socket, OwnerRules rules);

// One line, until its end or the first packet that is not understood.
void serve_files(int line, Access& access);

}  // namespace backhaul::posix
