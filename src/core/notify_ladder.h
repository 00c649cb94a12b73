// SPDX-License-Identifier: Apache-2.0
// The ladder object -> class -> command line, decided (notifications.md §1, §5, §9, §10). The
// engine keeps `Pending` in the job's row, the Notifier performs, this file decides.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/job.h"

namespace backhaul::core {

// The event that a job in this state owes: job_transferred in TRANSFERRED (and in ACKNOWLEDGED when
// the service completed the job by itself, i.e. AutoComplete is set and it was TRANSFERRED once),
// job_error in ERROR, otherwise none.
NotifyKind due_kind(const Job& job);

// May the pending event be delivered at all? Its flag is set and DISABLE is not (N22, N35).
bool wanted(const Job& job, NotifyKind kind);

// First rung on which the event can be tried now: object, then service; nullopt when there is
// neither (it stays pending, N99). The command rung exists for part C; `commands` says whether the
// engine can run them. It is for the transferred and error events only (N102): not while
// job.pending holds another kind.
std::optional<Rung> first_rung(const Job& job, bool commands);

enum class NextStep : std::uint8_t {
  acknowledged,  // clear pending
  next_rung,     // try `rung` at once
  retry_later,   // from the top, after the minimum retry delay
  idle,          // nobody is registered any more: stay pending until somebody is
};

struct LadderDecision {
  NextStep step = NextStep::idle;
  Rung rung = Rung::object;
  bool drop_object = false;  // the object's process is gone: its registration is void
};

enum class RungResult : std::uint8_t {
  acknowledged,    // S_OK (job events: only S_OK acknowledges; file events: any success)
  refused,         // another code, or a bus error from a living callee
  gone,            // process not on the bus
  unavailable,     // the class could not be started or gave no object
};

// After one attempt on `rung` ended; `job` as registered now. A living object that failed is not
// passed over to the class (the class is for a missing object): the command runs if there is one
// (N104), otherwise the attempt is repeated after the delay. A gone object falls through at once. A
// class that failed in any way, its process dying in the call included, is followed by the command
// or repeated after the delay with a new activation. A failed command starts over from the top.
LadderDecision after_attempt(const Job& job, Rung rung, RungResult result, bool commands);

// Delay before the next attempt: the job's minimum retry delay (N51), for a class that cannot be
// started doubled with every failure after the first, up to one hour (never below the job's delay).
// job.pending.attempts counts the failures in a row, the one just seen included.
base::Microseconds retry_delay(const Job& job, RungResult result);

}  // namespace backhaul::core
