// SPDX-License-Identifier: Apache-2.0
// How a transfer stands to everything else on the network. What an administrator lays down goes by the priority
// of its job; how it makes way for others goes by what the job is served as, which is more while it is urgent
// (core/needed.h).
#pragma once

#include "base/vocabulary.h"

namespace backhaul::core {

struct Standing {
  base::Priority priority = base::Priority::normal;
  base::Priority served_as = base::Priority::normal;

  constexpr Standing() = default;
  // Of a job that nobody needs by any moment.
  constexpr Standing(base::Priority both) : priority(both), served_as(both) {}
  constexpr Standing(base::Priority own, base::Priority served) : priority(own), served_as(served) {}
  bool operator==(const Standing&) const = default;
};

}  // namespace backhaul::core
