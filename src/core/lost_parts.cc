// SPDX-License-Identifier: Apache-2.0
#include "core/lost_parts.h"

namespace backhaul::core {

bool waits_for_lost_parts(const Job& job) {
  if (job.state != base::JobState::error || !job.error ||
      job.error->context != base::ErrorContext::local_file)
    return false;
  return job.error->code == base::Code::FILE_NOT_FOUND ||
         job.error->code == base::Code::BG_E_LOCAL_FILE_CHANGED;
}

}  // namespace backhaul::core
