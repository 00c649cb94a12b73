// SPDX-License-Identifier: Apache-2.0
// Launcher: runs the command line of a job, the last rung of the ladder (notifications.md §10). No
// shell, no search path, nothing expanded; the argument vector is that of the registration, argv[0]
// included. The program runs as the owner that is named, without new privileges, in that user's home
// directory, in a session of its own, and outlives the service. Loop thread only.
#pragma once

#include "base/ids.h"
#include "core/job.h"
#include "core/owner.h"

namespace backhaul::ports {

struct Launch {
  base::Ticket ticket{};
  core::Owner owner;  // of the command line: whoever set it, which need not be the owner of the job
  base::JobId job;
  core::CommandRegistration command;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // Answered by DeliveryEnded with its ticket when the program has ended: answered with S_OK for exit
  // code 0, failed for another code or a signal, unavailable if it could not be started.
  virtual void run(Launch launch) = 0;
};

}  // namespace backhaul::ports
