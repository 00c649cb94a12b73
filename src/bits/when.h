// SPDX-License-Identifier: Apache-2.0
// What may be set when (jobs.md §4, §11). It is judged before the value, also before one that is in
// force anyway.
#ifndef SRC_BITS_WHEN_H
#define SRC_BITS_WHEN_H

#include <bits.h>

#include <cstdint>

#include "backhaul/types.h"

namespace backhaul::bits {

enum class When {
  any_time,              // but never after the end of the job
  before_transferred,
  before_first_resume,
  before_first_file,
};

// Of a job, what this is decided by.
struct Moment {
  JobState state = JobState::suspended;
  JobType type = JobType::download;
  bool started = false;
  std::uint32_t files = 0;
};

// S_OK, or what the setter answers.
HRESULT may_set(When when, bool downloads_only, const Moment& moment);

}  // namespace backhaul::bits

#endif
