// SPDX-License-Identifier: Apache-2.0
// How fast a job was on the whole: all that is here of it, over all the time that it took to come.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/job.h"

namespace backhaul::core {

// CONNECTING and TRANSFERRING. MaximumDownloadTime begins anew with each Start, the bytes do not.
inline base::Microseconds time_moved(const Job& job) { return job.rare->time_before + job.time_used; }

// Octets a second; unset: not known before the first second is over.
inline std::optional<std::uint64_t> average_rate(std::uint64_t octets, base::Microseconds moved) {
  const double seconds = std::chrono::duration<double>(moved).count();
  if (seconds < 1) return std::nullopt;
  return static_cast<std::uint64_t>(static_cast<double>(octets) / seconds);
}

}  // namespace backhaul::core
