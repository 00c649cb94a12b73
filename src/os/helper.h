// SPDX-License-Identifier: Apache-2.0
// A second process of the service, for work that may crash or take for ever. Programs of others are started
// elsewhere (adapters/posix/spawn.h).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace backhaul::os {

// `words`: argv, the first one a path. Signals are at their defaults, nothing is open but the three standard
// files; what it has to complain about goes where ours goes. `output`: its standard output; -1: nowhere. `input`: its
// standard input; -1: nothing. The caller waits for its end. The error says that it cannot be run, and why.
base::Result<pid_t> start_helper(std::vector<std::string> words, int output = -1, int input = -1);

}  // namespace backhaul::os
