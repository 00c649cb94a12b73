// SPDX-License-Identifier: Apache-2.0
// Closing: how Complete, Cancel and TakeOwnership are carried out – an intent that is on the disk, work that can be
// repeated, and its end. Owns whoever waits for that: callers, and commands that came behind.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "engine/intents.h"
#include "ports/events.h"

namespace backhaul::engine {

class Closing {
 public:
  const Intents& intents() const { return intents_; }
  bool waits_for_room(const base::JobId& job) const {
    const auto intent = intents_.find(job);
    return intent != intents_.end() && intent->second.waits_for_room;
  }

  // The command is carried out; its caller is answered at the end of that.
  void take_up(Draft& draft, const base::JobId& id, const ports::Command& command) const;
  // It waits behind the intent; its caller reads what is committed meanwhile.
  void defer(Draft& draft, const base::JobId& id, ports::Command command) const;

  void on(Draft& draft, ports::Published& event) const;
  void on(Draft& draft, ports::Discarded& event) const;
  void on(Draft& draft, ports::HandedOver& event) const;
  void on(Draft& draft, const ports::PeerGone& event) const;
  void on(Draft& draft, const news::Restarted& news) const;
  // Whatever had no room is tried again when there may be some.
  void run_timers(Draft& draft) const;

  // When everything else of the turn is decided: begins what has no transfer in its way any more.
  void settle(Draft& draft) const;
  void merged(Change& change);

  bool idle() const { return intents_.empty(); }
  bool operator==(const Closing&) const = default;

 private:
  Intents intents_;
};

// Looks whether the parts of a job whose files could not be put in place are still there.
void look_at_parts(Draft& draft, const base::JobId& id);

}  // namespace backhaul::engine
