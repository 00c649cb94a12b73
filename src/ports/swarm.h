// SPDX-License-Identifier: Apache-2.0
// Those that exchange the pieces of a file whose publisher made a torrent of it. Loop thread only; calls return at once.
#pragma once

#include "base/ids.h"
#include "core/swarm.h"

namespace backhaul::ports {

class Swarm {
 public:
  virtual ~Swarm() = default;
  // Begins, or goes on, with this object. Answer: SwarmAnswered, once, when its first bytes can be asked for, or why
  // they cannot; after five seconds at most. That there is no swarm here is an answer like any other.
  virtual void join(base::TransferId transfer, const core::Swarmed& what) = 0;
  // It is not fetched by this transfer any more, answered or not. Unknown numbers are ignored.
  virtual void leave(base::TransferId transfer) = 0;
};

}  // namespace backhaul::ports
