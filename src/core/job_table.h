// SPDX-License-Identifier: Apache-2.0
// The state machine of a job: one table of states × events (jobs.md §3-§4), read by one function.
// Nothing else in the service changes a job's state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "core/job.h"

namespace backhaul::core {

enum class JobEvent : std::uint8_t {
  // What clients ask for.
  start,  // BITS's Resume
  suspend,
  complete,
  cancel,
  take,  // TakeOwnership of a job with parts
  add_files,
  change,  // any setter
  // What the scheduler decides.
  turn_given,
  turn_taken,
  // What the transfer meets.
  connected,         // the server answered and bytes may flow
  all_done,          // every byte of every file is stored
  asked_is_here,     // everything that was asked for on demand is stored, and something else is not
  failed_transient,  // worth another try after the retry delay
  failed_blocked,    // no timer helps, only the end of the condition (errors.md, class T!)
  failed_fatal,
  // What clocks and the world bring.
  barred,     // the world does not allow it now (core/admit.h)
  unblocked,  // the network came up, or what barred it ended
  retry_due,
  no_progress,  // NoProgressTimeout is over of one that is not tried now
  download_time_over,
  inactive,           // nothing happened for 90 days
  validation_failed,  // the application found a file of the origin not valid
  poisoned,           // two crashes in a row while this job was being stepped
  // How intents end.
  published,
  publish_failed,
  parts_lost,  // what was received is not there any more: nothing was published
  discarded,
  taken,  // the job is another owner's
  // The service started again.
  restarted,
};
inline constexpr int job_event_count = static_cast<int>(JobEvent::restarted) + 1;

// Guards: everything a cell needs to know beyond the state. Computed before the lookup.
struct JobFacts {
  bool has_files = false;
  bool upload = false;        // UPLOAD or UPLOAD_REPLY
  bool nothing_left = false;  // every file is transferred or completed
  bool never_retry = false;   // see never_retry() below
  bool asks_once = false;     // see asks_once() below

  bool operator==(const JobFacts&) const = default;
};

enum class CellKind : std::uint8_t {
  go,              // to `target`
  stay,            // allowed, the state stays
  refuse,          // the caller is told `code`, nothing changes
  begin_complete,  // Intent::complete is set, the state stays until it is carried out
  begin_cancel,    // likewise Intent::cancel
  begin_take,      // likewise Intent::take
  never,           // cannot happen: a bug if it does
};

struct Cell {
  CellKind kind = CellKind::never;
  base::JobState target = base::JobState::suspended;  // for go
  base::Code code = base::Code::S_OK;                 // for refuse

  bool operator==(const Cell&) const = default;
};

Cell lookup(base::JobState state, JobEvent event, const JobFacts& facts);

// Something happened to the job: it counts as active from here on.
void touch(Job& job, const base::Instant& now);
// When NoProgressTimeout is over; unset: it does not run. Like inactivity it goes by the time that
// the service ran, for the wall clock may be set.
std::optional<base::ServiceTime> no_progress_due(const Job& job);
bool is_inactive(const Job& job, const base::Instant& now, base::Microseconds timeout);

// A transient error becomes ERROR at once: NoProgressTimeout is 0, the retry delay is longer than
// it, or it is over already (jobs.md §3.1, §9).
bool never_retry(const Job& job, const base::Instant& now);
// What another method than GET asks for may have been done when its answer was lost, so it is not asked
// for again without the owner: whatever ends a run of the job is an error (jobs.md §3.2).
bool asks_once(const Job& job);
// AutoComplete is set, everything is here, and nothing was begun yet.
bool completes_itself(const Job& job);
// Likewise, and nobody has to do anything before: a Complete that failed leaves its error, until the owner speaks.
bool is_about_to_complete(const Job& job);
JobFacts facts_of(const Job& job, const base::Instant& now);

struct StepContext {
  base::Instant now;
  base::BootId boot_id;
  std::uint64_t& next_sequence;  // numbers events; advanced when one becomes due
};

// What a step wants done after the commit; all of it can be repeated.
struct Effects {
  bool state_changed = false;
  bool stop_transfers = false;
  bool publish = false;
  bool discard = false;
  bool take = false;
  bool event_due = false;  // an event became due in this step: `pending` has a new number
};

// Steps `job`, or refuses and leaves it as it was. `error` goes with the failed_* events,
// barred, poisoned, publish_failed and parts_lost, and with restarted where that leads to ERROR. A cell that cannot happen is an assertion.
base::Result<Effects> step(Job& job, JobEvent event, const StepContext& context,
                           std::optional<ErrorInfo> error = {});

std::string_view to_word(JobEvent event);
// "none", "complete", "cancel", "take".
std::string_view to_word(Intent intent);

}  // namespace backhaul::core
