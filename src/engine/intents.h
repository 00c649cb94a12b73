// SPDX-License-Identifier: Apache-2.0
// Complete, Cancel or TakeOwnership under way: who is answered when it ends, and what waits behind it. The intent
// itself is in the row of its job.
#pragma once

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "ports/events.h"
#include "ports/queue.h"

namespace backhaul::engine {

struct OpenIntent {
  std::vector<base::CallId> calls;
  std::vector<ports::Command> deferred;  // later changes of that job
  std::vector<ports::PeerGone> left;     // clients of those, who have left the bus meanwhile
  base::PeerId peer{};
  base::BootTime began{};  // to be carried out, in this life of the service
  bool begun = false;  // publish or discard was asked for
  bool waits_for_room = false;  // Complete of this one ran into a shortage

  // Commands are told apart by their calls.
  bool operator==(const OpenIntent& other) const {
    const auto same = [](const ports::Command& a, const ports::Command& b) { return a.call == b.call; };
    return calls == other.calls && std::ranges::equal(deferred, other.deferred, same) &&
           left.size() == other.left.size() &&
           peer == other.peer && began == other.began && begun == other.begun && waits_for_room == other.waits_for_room;
  }
};

using Intents = std::unordered_map<base::JobId, OpenIntent>;

}  // namespace backhaul::engine
