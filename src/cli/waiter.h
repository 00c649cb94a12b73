// SPDX-License-Identifier: Apache-2.0
// Waits for jobs and shows meanwhile how far they are: behind the verbs wait and start --wait.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "cli/app.h"
#include "cli/display.h"
#include "cli/wakeups.h"

namespace backhaul::cli {

struct WaitFor {
  std::optional<JobState> until;  // unset: any end will do
  std::optional<Wakeups::Clock::time_point> deadline;
  Form form = Form::none;
  std::vector<Exit> outcomes{};  // of words that named no job: they count with those of the jobs
  std::function<void()> before_end{};  // of the command, by SIGTERM or SIGHUP
};

// Is the wait for such a job over, and with which outcome?
std::optional<Exit> wait_outcome(const JobView& job, std::optional<JobState> until);

Exit wait_for_jobs(App& app, const std::vector<NamedJob>& jobs, const WaitFor& what);

}  // namespace backhaul::cli
