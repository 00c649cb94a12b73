// SPDX-License-Identifier: Apache-2.0
// Where log lines go: to the journal, with the job as field BACKHAUL_JOB, when standard error is
// the journal; to standard error when somebody can read it; and when it leads nowhere, as under a
// bus started in a bare container, to backhauld.log in the state folder.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"

namespace backhaul::daemon {

std::unique_ptr<base::Log> open_log(const std::string& state_folder, base::LogLevel level);

// The log file begins anew when it has this size; one predecessor is kept (".1").
inline constexpr long log_file_limit = 4L << 20;

}  // namespace backhaul::daemon
