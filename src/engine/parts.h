// SPDX-License-Identifier: Apache-2.0
// The parts of the engine: who owns what outlives a turn. Values; they change in merged() only.
#pragma once

#include "engine/caching.h"
#include "engine/closing.h"
#include "engine/conditions.h"
#include "engine/fetching.h"
#include "engine/keeping.h"
#include "engine/neighbourhood.h"
#include "engine/scheduling.h"
#include "engine/telling.h"
#include "engine/timers.h"
#include "engine/trust.h"
#include "engine/vetting.h"
#include "engine/view.h"

namespace backhaul::engine {

struct Parts {
  Numbers numbers;
  Conditions conditions;  // what the world allows
  Vetting vetting;        // commands that wait for what the world says
  Fetching fetching;      // runs, lanes, sweeps, wishes of servers
  Closing closing;        // Complete, Cancel and TakeOwnership
  Telling telling;        // deliveries, modifications, class starts, programs
  Trust trust;            // questions about certificates
  Keeping keeping;        // sealed secrets
  Caching caching;        // what is kept for neighbours
  Neighbourhood neighbourhood;  // who the neighbours are, and how files come by them
  Scheduling scheduling;  // who has the turn
  Timers timers;

  View view() const {
    return {.numbers = numbers,
            .conditions = conditions,
            .runs = fetching.runs(),
            .holds = fetching.holds(),
            .lines = vetting.lines(),
            .intents = closing.intents(),
            .modifications = telling.modifications(),
            .questions = trust.questions(),
            .shelves = keeping.shelves(),
            .cache = caching.table(),
            .cache_room = caching.room(),
            .site = neighbourhood.site(),
            .approaches = neighbourhood.approaches()};
  }
  // When somebody has to be asked again, if nothing happens before.
  base::BootTime next(const Context& context) const;
  // Nothing is under way.
  bool idle() const {
    return vetting.idle() && fetching.idle() && closing.idle() && telling.idle() && trust.idle() && caching.idle();
  }
  // There is something that neighbours may ask for, so that the service has to be there although nothing is under way.
  bool serves_neighbours() const {
    return neighbourhood.site()->serves && caching.table().all().size() > caching.table().in_the_making();
  }
  // When a job is due next, of whatever.
  base::BootTime due(const Context& context, const core::Job& job) const;
  // Takes up what was committed. The rows are in the table already.
  void merged(Change& change);

  bool operator==(const Parts&) const = default;
};

}  // namespace backhaul::engine
