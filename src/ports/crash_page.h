// SPDX-License-Identifier: Apache-2.0
// CrashPage: which job is being stepped at this instant, remembered over a crash of the process. A
// job that two crashes in a row happened in is not tried a third time: the engine asks once, before
// it recovers anything, and puts that job into ERROR (E_UNEXPECTED).
#pragma once

#include <optional>

#include "base/ids.h"

namespace backhaul::ports {

class CrashPage {
 public:
  virtual ~CrashPage() = default;
  // Around every step of a job, steps of recovery included. A few stores to memory; no system call.
  virtual void begin(const base::JobId& job) = 0;
  virtual void end() = 0;
  // The job at which the last two runs of the service ended, if both ended inside a step of it.
  virtual std::optional<base::JobId> poisoned() const = 0;
};

}  // namespace backhaul::ports
