// SPDX-License-Identifier: Apache-2.0
// What stands in the inbox: what the world tells, what clients ask for, and what one part has to tell
// the others.
#pragma once

#include <variant>

#include "base/ids.h"
#include "base/sum.h"
#include "ports/events.h"
#include "ports/queue.h"

namespace backhaul::engine {

namespace news {

// The queue was loaded and this job is in it. Nobody told what happened while the service was down.
struct Restarted {
  base::JobId job;
};
// Likewise, and it had the turn: what it asked for is not asked for again.
struct RequestLost {
  base::JobId job;
};
// Two crashes in a row inside steps of this job.
struct Poisoned {
  base::JobId job;
};
// Has the turn, but its transfers were stopped when the store failed.
struct TurnLost {
  base::JobId job;
};
// Has the turn, but nothing of it goes on: the server of its next file does not want it, or nobody may be asked for it.
struct HeldUp {
  base::JobId job;
};
// Has the turn, and every file was here before.
struct NothingLeft {
  base::JobId job;
};
// The service is told to end.
struct Stopping {};

}  // namespace news

using News = std::variant<news::Restarted, news::RequestLost, news::Poisoned, news::TurnLost, news::HeldUp,
                          news::NothingLeft, news::Stopping>;
struct InputKinds {
  using Variant = std::variant<ports::Event, ports::Command, News>;
};
using Input = base::Sum<InputKinds>;

}  // namespace backhaul::engine

extern template class backhaul::base::Sum<backhaul::engine::InputKinds>;
