// SPDX-License-Identifier: Apache-2.0
// What the documentation demands of every job state, event and guard: written from jobs.md §3-§4,
// §9, §13 and the settled questions of docs/architecture.md, by another hand than the table in
// src/core and without looking at it. Exactly one row matches each combination, and names one outcome.
// Where the sources leave a choice, the row says which one was taken.
#pragma once

#include <cstdint>

#include "core/job_table.h"

namespace backhaul::expected {

using base::Code;
using base::JobState;
using core::JobEvent;

using States = std::uint32_t;
constexpr States bit(JobState state) { return 1U << static_cast<unsigned>(state); }

constexpr States queued = bit(JobState::queued);
constexpr States connecting = bit(JobState::connecting);
constexpr States transferring = bit(JobState::transferring);
constexpr States suspended = bit(JobState::suspended);
constexpr States error = bit(JobState::error);
constexpr States transient_error = bit(JobState::transient_error);
constexpr States transferred = bit(JobState::transferred);
constexpr States final_states = bit(JobState::acknowledged) | bit(JobState::cancelled);
constexpr States running = connecting | transferring;
constexpr States open_states =
    queued | running | suspended | error | transient_error | transferred;

struct Outcome {
  enum class Kind : std::uint8_t { go, stay, refuse, begin_complete, begin_cancel, begin_take, cannot };
  Kind kind = Kind::cannot;
  JobState target = JobState::suspended;
  Code code = Code::S_OK;
};

constexpr Outcome go(JobState target) { return {Outcome::Kind::go, target}; }
constexpr Outcome refuse(Code code) { return {Outcome::Kind::refuse, JobState::suspended, code}; }
constexpr Outcome stay{Outcome::Kind::stay};
constexpr Outcome begin_complete{Outcome::Kind::begin_complete};
constexpr Outcome begin_cancel{Outcome::Kind::begin_cancel};
constexpr Outcome begin_take{Outcome::Kind::begin_take};
constexpr Outcome cannot{Outcome::Kind::cannot};

constexpr Outcome to_queued = go(JobState::queued);
constexpr Outcome to_connecting = go(JobState::connecting);
constexpr Outcome to_transferring = go(JobState::transferring);
constexpr Outcome to_suspended = go(JobState::suspended);
constexpr Outcome to_error = go(JobState::error);
constexpr Outcome to_transient = go(JobState::transient_error);
constexpr Outcome to_transferred = go(JobState::transferred);
constexpr Outcome to_acknowledged = go(JobState::acknowledged);
constexpr Outcome to_cancelled = go(JobState::cancelled);
constexpr Outcome invalid_state = refuse(Code::BG_E_INVALID_STATE);

// Which value of a fact a row is about.
enum class When : std::uint8_t { any, yes, no };

struct Guard {
  When has_files = When::any;
  When upload = When::any;
  When nothing_left = When::any;
  When never_retry = When::any;
  When asks_once = When::any;
};
constexpr Guard always{};

struct Row {
  States states;
  JobEvent event;
  Guard guard;
  Outcome outcome;
  const char* source;
};

// `cannot`: the documentation knows no such transition, and nobody in the service may raise the event
// there. Who calls a client's command on a job that has ended is refused in front of the table.

inline constexpr Row rows[] = {
    // --- start (BITS's Resume) ---------------------------------------------------------------
    {final_states, JobEvent::start, always, cannot, "jobs.md §4: refused in front of the table"},
    {open_states, JobEvent::start, {.has_files = When::no}, refuse(Code::BG_E_EMPTY),
     "jobs.md §4: no files, checked after the final-state check"},
    {suspended | transient_error | error, JobEvent::start, {.has_files = When::yes}, to_queued,
     "jobs.md §3.1"},
    {queued | running, JobEvent::start, {.has_files = When::yes}, stay,
     "jobs.md §3.1: S_OK, no change"},
    {transferred, JobEvent::start, {.has_files = When::yes, .nothing_left = When::no}, to_queued,
     "jobs.md §3.1: AddFile, then Resume"},
    {transferred, JobEvent::start, {.has_files = When::yes, .nothing_left = When::yes}, stay,
     "jobs.md §3.1: nothing left to fetch, S_OK, state stays"},

    // --- suspend -----------------------------------------------------------------------------
    {final_states, JobEvent::suspend, always, cannot, "jobs.md §4"},
    {queued | running | transient_error, JobEvent::suspend, always, to_suspended, "jobs.md §3.1"},
    {suspended, JobEvent::suspend, always, stay, "jobs.md §3.1: already SUSPENDED, S_OK"},
    {error | transferred, JobEvent::suspend, always, stay,
     "jobs.md §3.1: S_OK and leaves the state"},

    // --- complete, cancel: intents (architecture: durable intents) ---------------------------
    {final_states, JobEvent::complete, always, cannot, "jobs.md §4: second Complete"},
    {open_states, JobEvent::complete, {.upload = When::no}, begin_complete,
     "jobs.md §3.1: download, any non-final"},
    {transferred, JobEvent::complete, {.upload = When::yes}, begin_complete, "jobs.md §3.1"},
    {open_states & ~transferred, JobEvent::complete, {.upload = When::yes}, invalid_state,
     "jobs.md §4: upload types, anything but TRANSFERRED"},
    {final_states, JobEvent::cancel, always, cannot, "jobs.md §4: second Cancel"},
    {open_states, JobEvent::cancel, always, begin_cancel, "jobs.md §3.1: any non-final"},

    // --- add_files, change -------------------------------------------------------------------
    {final_states, JobEvent::add_files, always, cannot, "jobs.md §4"},
    {open_states, JobEvent::add_files, {.upload = When::no}, stay,
     "files.md §1: every non-final state, does not change the state"},
    {open_states, JobEvent::add_files, {.has_files = When::no, .upload = When::yes}, stay,
     "jobs.md §2: exactly one file"},
    {open_states, JobEvent::add_files, {.has_files = When::yes, .upload = When::yes}, stay,
     "jobs.md §2: the second is refused; whoever asks the table knows that"},
    {final_states, JobEvent::change, always, cannot, "jobs.md §4: every setter"},
    {open_states, JobEvent::change, always, stay, "jobs.md §4: setters move no state"},

    // --- the scheduler -----------------------------------------------------------------------
    {queued, JobEvent::turn_given, always, to_connecting, "jobs.md §3.1"},
    {static_cast<States>(~queued), JobEvent::turn_given, always, cannot,
     "jobs.md §3.1: QUEUED only"},
    {transferring, JobEvent::turn_taken, always, to_queued, "jobs.md §3.1: slice, preemption"},
    {connecting, JobEvent::turn_taken, always, to_queued,
     "jobs.md §6: strict preemption, so also of a job that still connects"},
    {static_cast<States>(~running), JobEvent::turn_taken, always, cannot,
     "jobs.md §3.1: no turn to take"},

    // --- the transfer ------------------------------------------------------------------------
    {connecting, JobEvent::connected, always, to_transferring, "jobs.md §3.1: server reached"},
    {transferring, JobEvent::connected, always, stay,
     "several small files of one job are on their way: each of them connects"},
    {static_cast<States>(~running), JobEvent::connected, always, cannot,
     "jobs.md §3.1: CONNECTING only"},
    {transferring, JobEvent::all_done, always, to_transferred, "jobs.md §3.1: last file done"},
    {connecting, JobEvent::all_done, always, to_transferred,
     "not documented; a job that gets its turn can have nothing left to fetch"},
    {static_cast<States>(~running), JobEvent::all_done, always, cannot,
     "jobs.md §3.1: only a running job finishes"},
    {running, JobEvent::asked_is_here, always, to_suspended,
     "jobs.md §3.1: on demand, all requested ranges are in but not the whole file"},
    {static_cast<States>(~running), JobEvent::asked_is_here, always, cannot,
     "jobs.md §3.1: only a running job fetches what was asked for"},

    {running, JobEvent::failed_transient, {.never_retry = When::no, .asks_once = When::no}, to_transient,
     "jobs.md §3.1: cannot connect; recoverable error"},
    {queued | running, JobEvent::failed_transient, {.never_retry = When::no, .asks_once = When::yes},
     to_error, "jobs.md §3.2: another method, every error that would be TRANSIENT becomes ERROR"},
    {running, JobEvent::failed_transient, {.never_retry = When::yes}, to_error,
     "jobs.md §3.1: NoProgressTimeout 0, over, or shorter than the retry delay"},
    {queued, JobEvent::failed_transient, {.never_retry = When::no, .asks_once = When::no}, to_transient,
     "notifications.md §14: the certificate callback refused; the job waits for it without a turn"},
    {queued, JobEvent::failed_transient, {.never_retry = When::yes}, to_error,
     "jobs.md §3.1: NoProgressTimeout 0, over, or shorter than the retry delay"},
    {static_cast<States>(~(queued | running)), JobEvent::failed_transient, always, cannot,
     "jobs.md §3.1: only a running job meets it"},

    {running, JobEvent::failed_blocked, {.never_retry = When::no, .asks_once = When::no}, to_transient,
     "jobs.md §3.1: the destination is locked"},
    {running, JobEvent::failed_blocked, {.never_retry = When::no, .asks_once = When::yes}, to_error,
     "jobs.md §3.2: another method, every error that would be TRANSIENT becomes ERROR"},
    {running, JobEvent::failed_blocked, {.never_retry = When::yes}, to_error,
     "jobs.md §3.1: any active, NoProgressTimeout 0 turns every error into ERROR"},
    {static_cast<States>(~running), JobEvent::failed_blocked, always, cannot,
     "jobs.md §3.1: only a running job meets it; what blocks QUEUED (bandwidth, cost, power) does not "
     "exist yet"},

    {running, JobEvent::failed_fatal, always, to_error, "jobs.md §3.1: fatal error"},
    {queued, JobEvent::failed_fatal, always, to_error,
     "jobs.md §3.2: the certificate callback is gone"},
    {static_cast<States>(~(queued | running)), JobEvent::failed_fatal, always, cannot,
     "jobs.md §3.1: a lost helper token does not exist yet, SetValidationState(FALSE) is an event of "
     "its own"},

    // --- clocks and the world ----------------------------------------------------------------
    {running, JobEvent::barred, {.asks_once = When::yes}, to_error,
     "jobs.md §3.2: another method, and it may have been asked"},
    {queued, JobEvent::barred, {.asks_once = When::yes}, to_transient,
     "jobs.md §3.1: nothing was asked for yet"},
    {queued | running, JobEvent::barred, {.asks_once = When::no}, to_transient,
     "jobs.md §3.1 says 'every such job' becomes TRANSIENT_ERROR and 'every error' becomes ERROR when "
     "NoProgressTimeout is 0; by way of TRANSIENT_ERROR both come true"},
    {static_cast<States>(~(queued | running)), JobEvent::barred, always, cannot,
     "jobs.md §3.1, §8 of http-and-network.md: QUEUED, CONNECTING and TRANSFERRING only"},

    {transient_error, JobEvent::unblocked, always, to_queued,
     "jobs.md §3.1 (c), (d): all of them, whatever their code"},
    {static_cast<States>(~transient_error), JobEvent::unblocked, always, cannot,
     "jobs.md §3.1"},
    {transient_error, JobEvent::retry_due, always, to_queued,
     "jobs.md §3.1 (a); of two clocks that are due at once the one that was asked for counts"},
    {static_cast<States>(~transient_error), JobEvent::retry_due, always, cannot,
     "jobs.md §3.1"},
    {transient_error, JobEvent::no_progress, always, to_error, "jobs.md §3.1"},
    {queued, JobEvent::no_progress, always, to_error,
     "jobs.md §9: the time runs from the first transient error; a server that asked for time meanwhile keeps the job from "
     "its next attempt, and does not stop it"},
    {static_cast<States>(~(transient_error | queued)), JobEvent::no_progress, always, cannot,
     "jobs.md §3.1: a job that tries again may still get through"},
    {running, JobEvent::download_time_over, always, to_error, "jobs.md §3.1"},
    {static_cast<States>(~running), JobEvent::download_time_over, always, cannot,
     "jobs.md §3.1, §9: 'any active', but the time runs in CONNECTING and TRANSFERRING only"},
    {open_states, JobEvent::inactive, always, begin_cancel,
     "jobs.md §3.1: the service itself cancels"},
    {final_states, JobEvent::inactive, always, cannot, "jobs.md §3: final"},
    {open_states, JobEvent::poisoned, always, to_error,
     "architecture: two crashes in a row put that job into ERROR, whatever it was"},
    {final_states, JobEvent::poisoned, always, cannot, "jobs.md §3: final"},

    {open_states, JobEvent::validation_failed, always, to_error, "files.md §9, jobs.md §3.1"},
    {final_states, JobEvent::validation_failed, always, cannot, "jobs.md §3: final"},

    {open_states, JobEvent::take, always, begin_take, "jobs.md §8: in every state but the final ones"},
    {final_states, JobEvent::take, always, cannot, "jobs.md §3: final"},

    // --- how intents end ---------------------------------------------------------------------
    {open_states, JobEvent::published, {.upload = When::no}, to_acknowledged, "jobs.md §13.3"},
    {transferred, JobEvent::published, {.upload = When::yes}, to_acknowledged, "jobs.md §3.1"},
    {open_states & ~transferred, JobEvent::published, {.upload = When::yes}, to_acknowledged,
     "jobs.md §4: refused when asked for; what was carried out all the same is a fact"},
    {final_states, JobEvent::published, always, cannot, "jobs.md §3: final"},
    {transferred, JobEvent::publish_failed, always, stay, "jobs.md §13.4: stays TRANSFERRED"},
    {suspended | queued | error | transient_error, JobEvent::publish_failed, always, stay,
     "architecture: the intent is cleared; nothing else happened"},
    {running, JobEvent::publish_failed, always, to_queued,
     "architecture: the transfer was stopped for it, so it has to be given a turn again"},
    {final_states, JobEvent::publish_failed, always, cannot, "jobs.md §3: final"},
    {open_states, JobEvent::parts_lost, always, to_error,
     "architecture: what was received is gone; the owner's Start fetches it again"},
    {final_states, JobEvent::parts_lost, always, cannot, "jobs.md §3: final"},
    {open_states, JobEvent::discarded, always, to_cancelled,
     "jobs.md §13: CANCELLED, left-overs or not"},
    {final_states, JobEvent::discarded, always, cannot, "jobs.md §3: final"},
    {running, JobEvent::taken, always, to_queued,
     "architecture: the transfer was stopped for it, so it has to be given a turn again"},
    {open_states & ~running, JobEvent::taken, always, stay, "jobs.md §8: the job is as it was"},
    {final_states, JobEvent::taken, always, cannot, "jobs.md §3: final"},

    // --- the service started again -----------------------------------------------------------
    {running, JobEvent::restarted, {.asks_once = When::no}, to_queued,
     "jobs.md §3.1: 1 and 2 come back as QUEUED"},
    {running, JobEvent::restarted, {.asks_once = When::yes}, to_error,
     "jobs.md §3.2: a request of another method was lost, and is not made again by itself"},
    {static_cast<States>(~running), JobEvent::restarted, always, cannot,
     "jobs.md §3.1: as they were, so nothing happens to them"},
};

}  // namespace backhaul::expected
