// SPDX-License-Identifier: Apache-2.0
#include "core/job_table.h"

#include <array>

#include "core/notify_ladder.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::JobState;

// Legend. Q C T S E X D: go to QUEUED, CONNECTING, TRANSFERRING, SUSPENDED, ERROR, TRANSIENT_ERROR,
// TRANSFERRED (done). A, Z: ACKNOWLEDGED, CANCELLED. '.': allowed, stays. '#': cannot happen.
// Nothing happens to a job that has ended: whoever asks anything of it is refused by the door through
// which all commands come (engine/commands). Small letters need a guard:
//   q  to QUEUED; without files refused with BG_E_EMPTY
//   e  stays; without files refused with BG_E_EMPTY
//   d  TRANSFERRED asked to start: to QUEUED if files were added, else stays; without files BG_E_EMPTY
//   x  to TRANSIENT_ERROR, or to ERROR if it must never be retried or asks but once
//   o  to TRANSIENT_ERROR, or to ERROR if it asks but once
//   r  to QUEUED, or to ERROR if it asks but once
//   p  begin Complete; an upload is refused with BG_E_INVALID_STATE
//   P  begin Complete    c  begin Cancel    t  begin to take it over
struct Row {
  JobEvent event;
  const char* cells;  // one per state, in the order of JobState
};

// clang-format off
constexpr Row table[] = {
    //                            queued
    //                            |connecting
    //                            ||transferring
    //                            |||suspended
    //                            ||||error
    //                            |||||transient_error
    //                            ||||||transferred
    //                            |||||||acknowledged
    //                            ||||||||cancelled
    // jobs.md §3.1, §4: Resume needs a file, is harmless on a job that moves, repairs an error.
    {JobEvent::start,              "eeeqqqd##"},
    // ERROR and TRANSFERRED are suspended by themselves; suspending them changes nothing.
    {JobEvent::suspend,            "SSS..S.##"},
    // A download may be completed at any time (partial); an upload only when TRANSFERRED.
    {JobEvent::complete,           "ppppppP##"},
    {JobEvent::cancel,             "ccccccc##"},
    {JobEvent::take,               "ttttttt##"},
    {JobEvent::add_files,          ".......##"},
    {JobEvent::change,             ".......##"},
    {JobEvent::turn_given,         "C########"},
    {JobEvent::turn_taken,         "#QQ######"},
    // Several small files of one job may be on their way, so it can be heard more than once.
    {JobEvent::connected,          "#T.######"},
    {JobEvent::all_done,           "#DD######"},
    // files.md §8: on demand, until more is asked for and Resume called.
    {JobEvent::asked_is_here,      "#SS######"},
    // Also while the job waits for the word of its certificate validator: it gave its turn back.
    {JobEvent::failed_transient,   "xxx######"},
    {JobEvent::failed_blocked,     "#xx######"},
    {JobEvent::failed_fatal,       "EEE######"},
    // Every job that waits for or uses what it may not have; it is no error, so nothing but a request
    // that was made turns it into ERROR.
    {JobEvent::barred,             "Xoo######"},
    // All TRANSIENT_ERROR jobs, whatever their code.
    {JobEvent::unblocked,          "#####Q###"},
    {JobEvent::retry_due,          "#####Q###"},
    // While an attempt is running, or has its turn before it, it may still succeed; its failure then finds never_retry
    // set. In QUEUED only where a server's wish keeps it from that turn.
    {JobEvent::no_progress,        "E####E###"},
    {JobEvent::download_time_over, "#EE######"},
    {JobEvent::inactive,           "ccccccc##"},
    // The file is fetched again after a Resume (files.md §9).
    {JobEvent::validation_failed,  "EEEEEEE##"},
    {JobEvent::poisoned,           "EEEEEEE##"},
    {JobEvent::published,          "AAAAAAA##"},
    // The job stays in the queue; a second Complete handles the rest (jobs.md §13.4). Its transfers
    // were stopped for the first one, so a running job waits for a turn again.
    {JobEvent::publish_failed,     ".QQ....##"},
    // Whoever started Complete cannot have what is lost; the files concerned wait again, and a Resume
    // fetches them.
    {JobEvent::parts_lost,         "EEEEEEE##"},
    {JobEvent::discarded,          "ZZZZZZZ##"},
    // Its transfers were stopped, as for a Complete that failed.
    {JobEvent::taken,              ".QQ....##"},
    // What was running waits for a turn again; all others are as they were, and not stepped (jobs.md
    // §3.1).
    {JobEvent::restarted,          "#rr######"},
};
// clang-format on

static_assert(std::size(table) == job_event_count, "an event has no row");

constexpr bool well_formed() {
  for (int i = 0; i < job_event_count; ++i) {
    if (static_cast<int>(table[i].event) != i) return false;
    int length = 0;
    while (table[i].cells[length] != 0) ++length;
    if (length != base::job_state_count) return false;
    for (int s : {7, 8})
      if (table[i].cells[s] != '#') return false;
  }
  return true;
}
static_assert(well_formed(), "a row is out of place, short, or moves a job that has ended");

Cell go(JobState target) { return {CellKind::go, target, Code::S_OK}; }
Cell refuse(Code code) { return {CellKind::refuse, JobState::suspended, code}; }
Cell only(CellKind kind) { return {kind, JobState::suspended, Code::S_OK}; }

Cell guarded_start(char letter, const JobFacts& facts) {
  if (!facts.has_files) return refuse(Code::BG_E_EMPTY);
  if (letter == 'q') return go(JobState::queued);
  if (letter == 'd' && !facts.nothing_left) return go(JobState::queued);
  return only(CellKind::stay);
}

}  // namespace

Cell lookup(JobState state, JobEvent event, const JobFacts& facts) {
  const char letter = table[static_cast<int>(event)].cells[static_cast<int>(state)];
  switch (letter) {
    case 'Q': return go(JobState::queued);
    case 'C': return go(JobState::connecting);
    case 'T': return go(JobState::transferring);
    case 'S': return go(JobState::suspended);
    case 'E': return go(JobState::error);
    case 'X': return go(JobState::transient_error);
    case 'D': return go(JobState::transferred);
    case 'A': return go(JobState::acknowledged);
    case 'Z': return go(JobState::cancelled);
    case '.': return only(CellKind::stay);
    case 'x':
      return go(facts.never_retry || facts.asks_once ? JobState::error : JobState::transient_error);
    case 'o': return go(facts.asks_once ? JobState::error : JobState::transient_error);
    case 'r': return go(facts.asks_once ? JobState::error : JobState::queued);
    case 'P': return only(CellKind::begin_complete);
    case 'p':
      return facts.upload ? refuse(Code::BG_E_INVALID_STATE) : only(CellKind::begin_complete);
    case 'c': return only(CellKind::begin_cancel);
    case 't': return only(CellKind::begin_take);
    case 'q':
    case 'e':
    case 'd': return guarded_start(letter, facts);
    default: return only(CellKind::never);
  }
}

void touch(Job& job, const base::Instant& now) {
  job.modified = now.wall;
  job.active = now.service;
}

std::optional<base::ServiceTime> no_progress_due(const Job& job) {
  if (!job.stuck) return std::nullopt;
  return job.stuck->since + job.no_progress_timeout;
}

bool is_inactive(const Job& job, const base::Instant& now, base::Microseconds timeout) {
  return now.service - job.active >= timeout;
}

bool never_retry(const Job& job, const base::Instant& now) {
  if (job.no_progress_timeout == base::Seconds::zero() ||
      job.minimum_retry_delay > job.no_progress_timeout)
    return true;
  const auto due = no_progress_due(job);
  return due && *due <= now.service;
}

bool asks_once(const Job& job) { return !job.rare->http_method.is_usual(); }

bool completes_itself(const Job& job) {
  return job.auto_complete && job.state == JobState::transferred && job.intent == Intent::none &&
         job.files.transferred == job.files.total;
}

bool is_about_to_complete(const Job& job) { return completes_itself(job) && !job.error; }

JobFacts facts_of(const Job& job, const base::Instant& now) {
  return {.has_files = job.files.total > 0,
          .upload = job.type != base::JobType::download,
          .nothing_left = job.files.total > 0 && job.files.transferred == job.files.total,
          .never_retry = never_retry(job, now),
          .asks_once = asks_once(job)};
}

namespace {

// The error count of jobs.md §9: failures of a running job, but neither a lost network nor a locked
// disk nor the bandwidth policy.
bool is_counted(JobEvent event, const std::optional<ErrorInfo>& error) {
  switch (event) {
    case JobEvent::failed_transient:
    case JobEvent::failed_fatal:
    case JobEvent::download_time_over:
    case JobEvent::poisoned: return true;
    case JobEvent::failed_blocked:
      return !error || (error->code != Code::BG_E_NETWORK_DISCONNECTED &&
                        error->code != Code::BG_E_DESTINATION_LOCKED &&
                        error->code != Code::BG_E_BLOCKED_BY_POLICY);
    default: return false;
  }
}

// The wait in TRANSIENT_ERROR: a timer for ordinary errors, none where only an event helps.
void enter_transient_error(Job& job, JobEvent event, const StepContext& context) {
  const base::Microseconds delay = job.minimum_retry_delay;
  job.retry.reset();
  if (event == JobEvent::failed_transient)
    job.retry = deadline_after(context.now, context.boot_id, delay);
  if (!job.stuck) job.stuck = Stuck{context.now.service};
}

void make_due(Job& job, NotifyKind kind, const StepContext& context, Effects& effects) {
  effects.event_due = true;
  job.pending = Pending{.kind = kind, .sequence = context.next_sequence++};
}

// Everything that a change of state brings with it. Leaving a state drops the event that was due
// for it: Resume, Complete and Cancel clear what is pending in the same write. Only the event of a
// job that the service completed by itself outlives the state (N52: never that of an error), and with it
// those of its files.
void change_state(Job& job, JobState target, JobEvent event, const StepContext& context,
                  Effects& effects) {
  const JobState before = job.state;
  const bool announced_late = target == JobState::acknowledged && job.auto_complete &&
                              job.pending->kind == NotifyKind::job_transferred;
  if (!announced_late) job.pending = {};
  job.state = target;
  if (!owes_file_events(job)) {
    job.event_file = base::no_file;
    job.file_event = {};
  }
  effects.state_changed = true;
  effects.stop_transfers = is_running(before) && !is_running(target);
  if (target != JobState::transient_error) {
    job.retry.reset();
    job.address_file = base::no_file;
  }
  if (!is_action(target)) job.stuck.reset();
  switch (target) {
    case JobState::transferring: job.error.reset(); break;
    case JobState::transient_error: enter_transient_error(job, event, context); break;
    case JobState::error:
      // An answer that brought nothing has cleared what was told before.
      if (event == JobEvent::no_progress && !job.error)
        job.error = ErrorInfo{Code::BG_E_NO_PROGRESS, base::ErrorContext::general_transport, base::no_file, {}};
      make_due(job, NotifyKind::job_error, context, effects);
      break;
    case JobState::transferred:
      job.error.reset();
      job.transferred = context.now.wall;
      make_due(job, NotifyKind::job_transferred, context, effects);
      break;
    case JobState::queued:
    case JobState::connecting:
    case JobState::suspended:
    case JobState::acknowledged:
    case JobState::cancelled: break;
  }
}

}  // namespace

base::Result<Effects> step(Job& job, JobEvent event, const StepContext& context,
                           std::optional<ErrorInfo> error) {
  const Cell cell = lookup(job.state, event, facts_of(job, context.now));
  BH_ASSERT(cell.kind != CellKind::never);
  if (cell.kind == CellKind::refuse)
    return base::Error(cell.code, cell.code == Code::BG_E_EMPTY
                                      ? "the job has no files"
                                      : "the job is " + std::string(to_word(job.state)));
  Effects effects;
  if (is_counted(event, error)) ++job.error_count;
  const bool stays_transferred = cell.kind != CellKind::go && job.state == JobState::transferred;
  // What kept the files of a transferred job from their places stands until somebody tries again.
  if (stays_transferred && cell.kind == CellKind::begin_complete) job.error.reset();
  const bool tells = cell.kind == CellKind::go ||
                     (stays_transferred && event == JobEvent::publish_failed);
  if (tells && error) job.error = std::move(error);
  switch (cell.kind) {
    case CellKind::go: change_state(job, cell.target, event, context, effects); break;
    case CellKind::begin_complete:
      job.intent = Intent::complete;
      effects.publish = effects.stop_transfers = true;
      break;
    case CellKind::begin_cancel:
      job.intent = Intent::cancel;
      effects.discard = effects.stop_transfers = true;
      break;
    case CellKind::begin_take:
      job.intent = Intent::take;
      effects.take = effects.stop_transfers = true;
      break;
    case CellKind::stay:
    case CellKind::refuse:
    case CellKind::never: break;
  }
  if (event == JobEvent::start) {
    job.started = true;
    if (job.time_used > base::Microseconds::zero()) job.rare.edit().time_before += job.time_used;
    job.time_used = {};  // Resume starts MaximumDownloadTime over (jobs.md §9)
  }
  if (event == JobEvent::published || event == JobEvent::discarded ||
      event == JobEvent::publish_failed || event == JobEvent::parts_lost || event == JobEvent::taken)
    job.intent = Intent::none;
  if (event != JobEvent::restarted) touch(job, context.now);
  return effects;
}

std::string_view to_word(JobEvent event) {
  static constexpr std::array<std::string_view, job_event_count> words{
      "start",          "suspend",           "complete",         "cancel",
      "take",           "add-files",         "change",           "turn-given",
      "turn-taken",     "connected",         "all-done",         "asked-is-here",
      "failed-transient", "failed-blocked",  "failed-fatal",     "barred",
      "unblocked",      "retry-due",         "no-progress",      "download-time-over",
      "inactive",       "validation-failed", "poisoned",         "published",
      "publish-failed", "parts-lost",        "discarded",        "taken",
      "restarted"};
  return words[static_cast<std::size_t>(event)];
}

std::string_view to_word(Intent intent) {
  static constexpr std::array<std::string_view, 4> words{"none", "complete", "cancel", "take"};
  return words[static_cast<std::size_t>(intent)];
}

}  // namespace backhaul::core
