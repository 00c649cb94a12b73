// SPDX-License-Identifier: Apache-2.0
// Starts one program: exactly that file, in a session of its own, with default signals and no
// descriptor but the three standard ones, and without any way to gain privileges. Blocks for as
// long as a fork takes, so it is called on a worker. Whether the program could be executed is known
// when the child has ended: it writes the reason into the pipe, or the pipe is empty.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "adapters/posix/descriptor.h"
#include "base/result.h"

namespace backhaul::posix {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

struct Program {
  std::string path;
  std::vector<std::string> arguments;    // argv[0] included; not empty
  std::vector<std::string> environment;  // NAME=value
  std::string home;                      // becomes the working directory; / if that is impossible
  std::optional<Identity> identity;      // to become; unset: stay who we are
  mode_t umask = 022;
  int output = -1;  // for standard output and error; -1: /dev/null
};

struct Started {
  pid_t pid = 0;
  Descriptor report;
};

base::Result<Started> start(const Program& program);

// For a child that executes a program in another way. Async-signal-safe.
void reset_signals();

// After the child has ended: why the program was not executed; unset if it was.
std::optional<base::Error> start_failure(const std::string& path, const Descriptor& report);

}  // namespace backhaul::posix
