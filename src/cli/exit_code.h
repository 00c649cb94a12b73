// SPDX-License-Identifier: Apache-2.0
// Exit codes: part of the interface for scripts (backhaul(1), EXIT STATUS). One place decides which
// failure is which number.
#pragma once

#include <cstdint>
#include <vector>

#include <backhaul/types.h>

namespace backhaul::cli {

enum class Exit : int {
  done = 0,
  failed = 1,
  usage = 2,           // wrong use, ambiguous or malformed job name, no such user
  job_error = 3,       // a job is in ERROR
  not_found = 4,       // no such job, file, record
  timed_out = 5,       // of --timeout; the job goes on
  not_permitted = 6,   // owner, policy
  no_service = 7,      // cannot be reached, did not start
  partly = 8,          // several jobs, some failed
  job_cancelled = 9,   // a job was cancelled meanwhile
  interrupted = 130,
};

// The exit code for a call that failed with this result code.
Exit exit_for_code(std::uint32_t code);
// For a job that somebody waited for and that stopped in this state.
Exit exit_for_state(JobState state);
// Several outcomes make one: all the same is that one, a mixture is `partly`. Empty is done.
Exit combine(const std::vector<Exit>& outcomes);

}  // namespace backhaul::cli
