// SPDX-License-Identifier: Apache-2.0
// What the meter in the transport shows of a job: how fast it receives, and what its background transfers cost
// everybody else on their path.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace backhaul::core {

// All background transfers of a path together: nobody can tell whose octets wait in a queue.
struct Impact {
  base::Microseconds path_delay{};   // of the round trip, without a queue
  base::Microseconds delay_added{};  // to it, by what is in the queue now
  std::uint64_t capacity = 0;        // of the path, in octets a second, as far as was seen; 0: not known
  std::uint64_t rate = 0;            // of that, what background transfers take now

  // What they leave of it to others; unset: not known.
  std::optional<std::uint64_t> left() const {
    if (capacity == 0) return std::nullopt;
    return capacity - (rate < capacity ? rate : capacity);
  }
  bool operator==(const Impact&) const = default;
};

struct Reading {
  std::uint64_t rate = 0;        // octets a second that are kept; 0: not known yet, or none arrive
  std::optional<Impact> impact;  // unset: not measured, as in the foreground and on this machine

  bool operator==(const Reading&) const = default;
};

}  // namespace backhaul::core
