// SPDX-License-Identifier: Apache-2.0
// Scheduling: who transfers when (core/schedule). Owns the line of those that wait; who holds a turn
// the runs say.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/agenda.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "engine/foreground.h"

namespace backhaul::engine {

class Scheduling {
 public:
  const Agenda& agenda() const { return agenda_; }

  // Gives and takes turns, once everything else of the turn was heard. Jobs that were touched in it are
  // looked at again in the next one, after their commit.
  void schedule(Draft& draft) const;
  void merged(Change& change);

  // When the slice of a background job ends that shares its priority.
  base::BootTime next(const Context& context, const Runs& runs) const;
  bool operator==(const Scheduling&) const = default;

 private:
  struct Holder {
    base::JobId job;
    base::Priority priority{};
    const Run* run = nullptr;
  };
  void schedule_foreground(Draft& draft, Foreground& foreground, const Agenda::Eligible& eligible) const;
  void schedule_background(Draft& draft, std::vector<Holder>& holders,
                           const Agenda::Eligible& eligible) const;

  Agenda agenda_;
};

}  // namespace backhaul::engine
