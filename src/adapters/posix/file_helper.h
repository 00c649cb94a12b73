// SPDX-License-Identifier: Apache-2.0
// The process that works on files as one owner, at the word of the service: it has the rights of that account
// and no others, no network, and starts no program. Its lines (file_protocol.h) come to it over the socket that it was
// started with, each as a packet of one byte, and each has a thread of its own, so that a file system that does not answer
// holds up no other one. It says once that it is ready, and ends with the end of that socket, or when nothing was asked
// of it for a while: whoever wants something then gets another one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "adapters/posix/owner_access.h"

namespace backhaul::posix {

inline constexpr unsigned helper_lines_max = 8;
inline constexpr std::chrono::milliseconds helper_idle_limit = std::chrono::minutes(5);

// Its exit code. `socket`: the end that it was started with.
int run_file_helper(int socket, OwnerRules rules, std::chrono::milliseconds idle_limit = helper_idle_limit);

// What a helper was asked, and has answered.
struct HelperWork {
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint64_t> ended = 0;
};

// One line, until its end or the first packet that is not understood.
void serve_files(int line, Access& access, HelperWork& work);

}  // namespace backhaul::posix
