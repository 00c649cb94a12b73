// SPDX-License-Identifier: Apache-2.0
// What a turn found out that a part is to keep: taken up after the commit by the part that owns it,
// forgotten without. What the rest of the same turn has to see as well is in the draft itself.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/ids.h"
#include "base/sum.h"
#include "base/time.h"
#include "engine/class_starts.h"
#include "engine/questions.h"
#include "engine/seen_server.h"

namespace backhaul::engine {

namespace note {

// Scheduling: the turn was taken, so the job goes behind the others of its priority.
struct ToTheEnd {
  base::JobId job;
};
// Scheduling: a job of this account was given a turn.
struct OwnerServed {
  std::uint32_t owner = 0;
};
// Scheduling: it waits for this server as well; empty: for an answer about itself.
struct SetAside {
  base::JobId job;
  SeenServer server{};
};
// Fetching: orphans of this file were looked for.
struct Swept {
  base::JobId job;
  std::uint32_t file = 0;
};
// Trust.
struct QuestionArises {
  Question question;
};
struct QuestionEnds {
  base::JobId job;
};
// Telling.
struct DeliveryEnds {
  base::Ticket ticket{};
};
struct ClassFailed {
  ClassKey key;
  std::uint32_t failures = 0;  // in a row
  base::Microseconds pause{};  // nobody tries it again before
  bool no_session = false;     // of its owner, whose bus would start it
};
struct ClassStarts {
  ClassKey key;  // or may start now: nothing is held against it any more
};
// Timers: when inactive jobs are looked for again, and how long the one that rests longest may have
// rested.
struct NextScan {
  base::BootTime time{};
  base::ServiceTime oldest{};
};
// Whoever left the bus reads nothing and keeps nothing.
struct PeerLeft {
  base::PeerId peer{};
};

}  // namespace note

struct NoteKinds {
  using Variant = std::variant<note::ToTheEnd, note::OwnerServed, note::SetAside, note::Swept, note::QuestionArises,
                               note::QuestionEnds, note::DeliveryEnds, note::ClassFailed, note::ClassStarts,
                               note::NextScan, note::PeerLeft>;
};
using Note = base::Sum<NoteKinds>;

}  // namespace backhaul::engine

extern template class backhaul::base::Sum<backhaul::engine::NoteKinds>;
