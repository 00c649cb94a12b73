// SPDX-License-Identifier: Apache-2.0
// The ladder object -> class -> command line, decided (notifications.md §1, §5, §9, §10). The
// engine keeps `Pending` in the job's row, the Notifier performs, this file decides.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/job.h"

namespace backhaul::core {

// Which of the three callback interfaces has the method of this event.
std::uint32_t level_of(NotifyKind kind);

// The event that a job in this state owes: job_transferred in TRANSFERRED (and in ACKNOWLEDGED when
// the service completed the job by itself, i.e. AutoComplete is set and it was TRANSFERRED once),
// job_error in ERROR, otherwise none.
NotifyKind due_kind(const Job& job);

// Does the job still owe the events of its files? They come before the event of its state, and end
// with the job; where the service completed it by itself, with the telling of that (N60, N61).
bool owes_file_events(const Job& job);

// Is this change told as a modification? Everything but the changes to ERROR and to TRANSFERRED, which
// have events of their own (N34). What happens to a job behind its end changes nothing of it.
bool is_modification(const Job& before, const Job& after);

// May the pending event be delivered at all? Its flag is set and DISABLE is not (N22, N35).
bool wanted(const Job& job, NotifyKind kind);

// The first rung, from `from` on, on which an event of this kind can be tried now: object, then
// service, then command; nullopt when there is none (it stays pending, N99). File events skip an
// object that does not answer the second callback interface (N19), ranges one without the third, and
// both, as modifications do, the command (N102). `commands` says whether programs may be run for this job at all.
std::optional<Rung> rung_for(const Job& job, NotifyKind kind, Rung from, bool commands);

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

// After one attempt for `kind` on `rung` ended. A living object that failed is not passed over to the
// class (the class is for a missing object): the command line is tried if there is one, otherwise
// the attempt is repeated after the delay. A gone object falls through at once.
LadderDecision after_attempt(const Job& job, NotifyKind kind, Rung rung, RungResult result,
                             bool commands);

// Delay before the next attempt: the job's minimum retry delay (N51, N108, N110), doubled per failed
// activation in a row up to one hour for a class that cannot be started.
base::Microseconds retry_delay(const Job& job, std::uint32_t attempts, Rung rung, RungResult result);

// Does a program run for this job's owner? Never for service accounts (N116): system users other
// than root, and root itself where the service serves the machine. Nor does it run there where somebody else than the
// owner set it: of that account the number alone is on record, which may be another person's by now.
bool may_run_commands(const Job& job, bool machine_wide);

}  // namespace backhaul::core
