// SPDX-License-Identifier: Apache-2.0
// One run of a program that reads a secret and writes one: both by pipes, since anybody can read arguments, and
// an environment or a file would keep them.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "loop/loop.h"
#include "os/descriptor.h"

namespace backhaul::seal {

class ProgramCall {
 public:
  // What it wrote. Unset: it cannot be run, failed, or did not end in half a minute.
  using Done = std::function<void(std::optional<base::Secret>)>;
  // `input` is written at once, so it is no longer than a pipe has room for. Null: it ended within `wait`, or could
  // not begin, and `done` has been called. `done` may end the call.
  static std::unique_ptr<ProgramCall> begin(loop::Loop& loop, std::vector<std::string> words,
                                            const base::Secret& input, base::Microseconds wait, Done done);
  ProgramCall(const ProgramCall&) = delete;
  ProgramCall& operator=(const ProgramCall&) = delete;
  ~ProgramCall();

 private:
  ProgramCall(loop::Loop& loop, pid_t pid, os::Descriptor output, Done done);
  void ended(const siginfo_t& end);

  pid_t pid_;
  os::Descriptor output_;
  Done done_;
  std::optional<loop::Child> child_;
  loop::Timer limit_;
};

}  // namespace backhaul::seal
