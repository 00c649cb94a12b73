// SPDX-License-Identifier: Apache-2.0
// Starting the two programs that must outlive us, the service and a private bus, out of any
// program that uses the library: own session, no descriptor of the caller, signals at their
// defaults, and nothing that its child handling could trip over (the started program is not its
// child).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "os/descriptor.h"

namespace backhaul::bus {

using FileDescriptor = os::Descriptor;  // "h" of the bus

struct Started {
  pid_t pid = 0;
  FileDescriptor ended;  // readable once the program has ended
};

// Readable once the process has ended, also when it has been reaped already: a program that fails at
// once may be gone before anybody can look for it. Invalid where the kernel has no pidfds.
FileDescriptor watch_end(pid_t pid);

// `arguments`: argv, the first one an absolute path. Returns when the program runs; what made
// execve fail is the error. `output`: becomes its descriptor 3; -1: none. Not standard output: that
// is inherited by programs which it starts in turn.
base::Result<Started> start_detached(const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& environment,
                                     int output = -1);

// NAME=value set or replaced in an environment.
void set_variable(std::vector<std::string>& environment, const std::string& name,
                  const std::string& value);

}  // namespace backhaul::bus
