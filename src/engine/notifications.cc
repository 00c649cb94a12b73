// SPDX-License-Identifier: Apache-2.0
// The ladder, driven: what is due stands in the rows, core/notify_ladder decides, the Notifier and
// the Launcher perform, an answer to an earlier number is dropped.
#include <utility>

#include "core/damage.h"
#include "engine/engine.h"

namespace backhaul::engine {

using core::NotifyKind;
using core::Rung;

// --- what is due ---------------------------------------------------------------------------------

bool Engine::commands_allowed(const core::Job& job) const {
  return settings_.run_commands && core::may_run_commands(job, settings_.machine_wide);
}

// File events come before the state event of their job (N60, N61), but only where somebody hears
// them: an object without the second interface, or a command line alone, waits for none (N19, N127).
// One after another: while a call about a file lasts, its callee gets nothing else of this job, even
// if the event has been settled otherwise (the file was found not valid inside the call).
std::optional<Engine::Due> Engine::due_now(const core::Job& job) const {
  if (job.intent != core::Intent::none || !core::owes_file_events(job)) return std::nullopt;
  if (deliveries_.tells_file(job)) return std::nullopt;
  auto due = owed(job, job.file_event);
  if (!due) due = owed(job, job.pending);
  return due && !due->later ? due : std::nullopt;
}

std::optional<Engine::Due> Engine::owed(const core::Job& job, const core::Pending& pending) const {
  if (pending.kind == NotifyKind::none || !core::wanted(job, pending.kind)) return std::nullopt;
  const bool commands = commands_allowed(job);
  auto rung = core::rung_for(job, pending.kind, pending.rung, commands);
  bool later = pending.due.has_value();
  // A class that did not start for somebody else did not start for this job either.
  if (rung == Rung::service && is_paused(job.service.name)) {
    const auto below = core::rung_for(job, pending.kind, Rung::command, commands);
    if (below) rung = below;
    else later = true;
  }
  if (!rung) return std::nullopt;
  // One program of a job at a time, also when another event is due meanwhile.
  if (*rung == Rung::command && programs_.contains(job.id)) return std::nullopt;
  return Due{pending.kind, pending.sequence, *rung, later};
}

// Whose slot it takes, and who is called.
Applicant Engine::applicant(const core::Job& job, const Due& due) {
  const Candidate candidate{due.kind == NotifyKind::job_modification, due.sequence, job.id,
                            due.rung == Rung::object ? job.object->sequence : 0};
  switch (due.rung) {
    case Rung::object: return {job.object->uid, job.object->unique_name, candidate};
    case Rung::service: return {job.owner_uid, job.service.name, candidate};
    case Rung::command: return {job.command.uid, job.command.program, candidate};
  }
  return {};
}

void Engine::index_delivery(const core::Job* job) {
  const auto applying = [&](const std::optional<Due>& due) {
    return due ? std::optional(applicant(*job, *due)) : std::nullopt;
  };
  deliveries_.set_event(job->id, applying(due_now(*job)));
  const auto modification = modifications_.find(job->id);
  if (modification != modifications_.end())
    deliveries_.set_modification(job->id, applying(modification_due_now(*job)));
  const bool something = job->pending.kind != NotifyKind::none ||
                         job->file_event.kind != NotifyKind::none ||
                         (modification != modifications_.end() && modification->second.due);
  class_starts_.set_owed(job->id, something && !job->object ? job->service.name : "");
}

// --- classes that do not start -------------------------------------------------------------------

bool Engine::is_paused(const std::string& service) const {
  return class_starts_.paused_until(service) > now_.boot;
}

// When the class of this job may be started again; never: nothing keeps it from being started.
base::BootTime Engine::paused_until(const core::Job& job) const {
  if (job.object || job.service.empty() || !is_paused(job.service.name)) return base::never;
  return class_starts_.paused_until(job.service.name);
}

void Engine::pause_class(const std::string& service, const FailedStart& start) {
  class_starts_.failed(service, start.failures, now_.boot + start.pause);
  index_class(service);
}

void Engine::index_class(const std::string& service) {
  for (const base::JobId& id : class_starts_.owed(service)) {
    const core::Job& job = table_.find(id)->job;
    index_delivery(&job);
    index_timers(&job, &job);
  }
}

// Another program stands behind the class: what the former failed to do is tried at once.
void Engine::handle(Draft& draft, ports::ClassInstalled& event) {
  draft.keep_if_dropped(event);
  for (const base::JobId& id : class_starts_.owed(event.name)) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->pending.failed_starts + job->file_event.failed_starts == 0) continue;
    core::Job& row = draft.edit(id, Weight::hard);
    for (core::Pending* pending : {&row.pending, &row.file_event}) {
      if (pending->failed_starts == 0) continue;
      pending->failed_starts = 0;
      pending->due.reset();
    }
  }
  draft.after_commit([this, name = event.name] {
    if (class_starts_.forget(name)) index_class(name);
  });
}

std::optional<Engine::FailedStart> Engine::note_start(Draft& draft, const Delivery& delivery,
                                                      core::RungResult result) {
  if (delivery.rung != Rung::service) return std::nullopt;
  const std::string& service = delivery.program;
  if (result != core::RungResult::unavailable) {
    draft.after_commit([this, service] {
      if (class_starts_.forget(service)) index_class(service);
    });
    return std::nullopt;
  }
  // Whoever waited for the same start failed with it: that is one failure. It may have been another
  // start of before the pause, though, and nobody is told again at once (N51).
  const std::uint32_t failures = class_starts_.failures(service);
  if (is_paused(service)) {
    constexpr base::Microseconds least = core::shortest_retry_delay;
    return FailedStart{failures, std::max(least, class_starts_.paused_until(service) - now_.boot)};
  }
  const core::Job* job = draft.job(delivery.job);
  const FailedStart start{failures + 1, core::retry_delay(job != nullptr ? *job : core::Job{},
                                                          failures + 1, delivery.rung, result)};
  draft.after_commit([this, service, start] { pause_class(service, start); });
  return start;
}

// A file is here: somebody may validate it. Files are told in their order, but no file comes in
// between the attempts for another (N56): one that was fetched again waits for what is due already.
void Engine::owe_file_event(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const std::uint64_t sequence = next_sequence_++;
  draft.edit_file(id, file, Weight::hard, [&](core::File& row) { row.event = sequence; });
  core::Job& job = draft.edit(id, Weight::hard);
  draft.record({.sequence = sequence,
                .job = id,
                .kind = NotifyKind::file_transferred,
                .file = file,
                .owner_uid = job.owner_uid,
                .time = now_.wall});
  if (job.event_file != base::no_file) return;
  job.event_file = file;
  job.file_event = {};
  job.file_event.kind = NotifyKind::file_transferred;
  job.file_event.sequence = sequence;
}

// The event of one file is over; that of the first file with one takes its place.
void Engine::file_event_heard(Draft& draft, const base::JobId& id) {
  core::Job& job = draft.edit(id, Weight::hard);
  const std::uint32_t heard = job.event_file;
  job.event_file = base::no_file;
  job.file_event = {};
  if (draft.file(id, heard)->event != 0)
    draft.edit_file(id, heard, Weight::hard, [](core::File& row) { row.event = 0; });
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const std::uint64_t sequence = draft.file(id, i)->event;
    if (sequence == 0) continue;
    core::Job& row = draft.edit(id, Weight::hard);
    row.event_file = i;
    row.file_event.kind = NotifyKind::file_transferred;
    row.file_event.sequence = sequence;
    return;
  }
}

// --- modifications -------------------------------------------------------------------------------

void Engine::modified(const core::Job& before, const core::Job& after, ports::Properties changed) {
  if ((after.notify_flags & base::notify::job_modification) == 0) return;
  if (changed == 0 || !core::is_modification(before, after)) return;
  modifications_[after.id].due = true;
}

bool Engine::somebody_hears(const core::Job& job, NotifyKind kind) const {
  return core::wanted(job, kind) &&
         core::rung_for(job, kind, Rung::object, commands_allowed(job)).has_value();
}

// Somebody is to hear that this job has ended: it ends in this turn, or the call has not returned.
// Until then its row stays, so that the callee finds what it is told of; a crash ends the waiting.
bool Engine::owes_modification(const core::Job& job) const {
  if (!somebody_hears(job, NotifyKind::job_modification)) return false;
  if (!job.object && is_paused(job.service.name)) return false;  // not for a class that does not start
  const Entry* before = table_.find(job.id);
  if (before != nullptr && core::is_modification(before->job, job)) return true;
  const auto modification = modifications_.find(job.id);
  return modification != modifications_.end() &&
         (modification->second.due || modification->second.called);
}

std::optional<Engine::Due> Engine::modification_due_now(const core::Job& job) const {
  const Modification& modification = modifications_.at(job.id);
  if (!modification.due || modification.not_before > now_.boot) return std::nullopt;
  if (modification.called == (job.object ? job.object->sequence : 0)) return std::nullopt;
  if (!core::wanted(job, NotifyKind::job_modification)) return std::nullopt;
  const auto rung = core::rung_for(job, NotifyKind::job_modification, Rung::object, false);
  if (!rung) return std::nullopt;
  if (*rung == Rung::service && is_paused(job.service.name)) return std::nullopt;
  return Due{NotifyKind::job_modification, 0, *rung};
}

// Those whose interval, or whose class's pause, is over get in line.
void Engine::start_waiting() {
  std::vector<base::JobId> over;
  for (auto it = timers_.begin(); it != timers_.end() && it->first <= now_.boot; ++it)
    over.push_back(it->second);
  for (const base::JobId& id : over) {
    const core::Job& job = table_.find(id)->job;
    index_delivery(&job);
    index_timers(&job, &job);
  }
}

// --- deliveries ----------------------------------------------------------------------------------

void Engine::start_deliveries() {
  if (stopping_) return;
  while (const auto candidate = deliveries_.next(settings_.notifications_per_user)) {
    const core::Job& job = table_.find(candidate->job)->job;
    if (!candidate->modification) {
      begin_delivery(job, *due_now(job));
      continue;
    }
    const Due due = *modification_due_now(job);
    Modification& modification = modifications_[job.id];
    modification.due = false;
    modification.called = job.object ? job.object->sequence : 0;
    modification.not_before = now_.boot + job.notification_interval;
    begin_delivery(job, due);
    index_delivery(&job);
  }
}

void Engine::begin_delivery(const core::Job& job, const Due& due) {
  const Applicant callee = applicant(job, due);
  const base::Ticket ticket =
      deliveries_.begin({.job = job.id,
                         .uid = callee.uid,
                         .kind = due.kind,
                         .sequence = due.sequence,
                         .rung = due.rung,
                         .program = callee.program,
                         .object = callee.candidate.object});
  if (due.rung == Rung::command) {
    programs_.insert(job.id);
    ports_.launcher.run(ticket, job.command, job.id);
    return;
  }
  ports::Notification notification;
  notification.ticket = ticket;
  notification.kind = due.kind;
  notification.sequence = due.sequence;
  notification.job = job.id;
  if (due.kind == NotifyKind::file_transferred) notification.file = job.event_file;
  if (due.kind == NotifyKind::job_error && job.error) notification.error = *job.error;
  if (due.rung == Rung::object)
    notification.target = ports::ObjectTarget{*job.object};
  else
    notification.target = ports::ServiceTarget{job.service, settings_.class_start_timeout};
  ports_.notifier.notify(std::move(notification));
}

namespace {

// Only S_OK acknowledges a job event, any success a file event (notifications.md §5, §21); a class
// that cannot hear file events has heard them all.
core::RungResult result_of(const ports::Notified& event, NotifyKind kind) {
  const bool file = kind == NotifyKind::file_transferred;
  switch (event.outcome) {
    case ports::NotifyOutcome::answered: {
      const bool heard = file ? base::succeeded(event.result) : event.result == base::Code::S_OK;
      return heard ? core::RungResult::acknowledged : core::RungResult::refused;
    }
    case ports::NotifyOutcome::failed: return core::RungResult::refused;
    case ports::NotifyOutcome::gone: return core::RungResult::gone;
    case ports::NotifyOutcome::unavailable: return core::RungResult::unavailable;
    case ports::NotifyOutcome::unsupported:
      return file ? core::RungResult::acknowledged : core::RungResult::refused;
  }
  return core::RungResult::refused;
}

}  // namespace

void Engine::handle(Draft& draft, ports::Notified& event) {
  const Delivery* delivery = deliveries_.find(event.ticket);
  if (delivery == nullptr || !draft.is_first_answer(event.ticket)) return;
  // It ends with the commit: an answer that could not be recorded is handled again, so that what
  // was acknowledged is not told twice.
  draft.keep_if_dropped(event);
  draft.after_commit([this, ended = *delivery, ticket = event.ticket] {
    deliveries_.end(ticket);
    if (ended.rung == Rung::command) programs_.erase(ended.job);
    if (table_.in_queue(ended.job)) index_delivery(&table_.find(ended.job)->job);
  });
  const base::JobId id = delivery->job;
  const core::Job* job = draft.job(id);
  const core::RungResult result = result_of(event, delivery->kind);
  const std::optional<FailedStart> failed_start = note_start(draft, *delivery, result);
  if (delivery->kind == NotifyKind::job_modification) {
    modification_ended(draft, *delivery, event);
    return;
  }
  // Somebody completed or resumed the job meanwhile, or registered anew: this answer is history.
  const bool file = delivery->kind == NotifyKind::file_transferred;
  if (job == nullptr ||
      (file ? job->file_event.sequence : job->pending.sequence) != delivery->sequence)
    return;
  if (delivery->object != 0 && job->object && job->object->sequence != delivery->object) return;
  const core::LadderDecision decision = core::after_attempt(*job, delivery->kind, delivery->rung,
                                                            result, commands_allowed(*job));
  if (decision.step != core::NextStep::acknowledged)
    ports_.log.write(base::LogLevel::notice,
                     "notification " + std::to_string(delivery->sequence) + " not acknowledged: " +
                         (event.text.empty() ? base::symbol(event.result) : event.text),
                     id);
  apply(draft, id, *delivery, decision, failed_start);
}

void Engine::apply(Draft& draft, const base::JobId& id, const Delivery& delivery,
                   const core::LadderDecision& decision,
                   const std::optional<FailedStart>& failed_start) {
  const bool file = delivery.kind == NotifyKind::file_transferred;
  core::Job& row = draft.edit(id, Weight::hard);
  core::Pending& pending = file ? row.file_event : row.pending;
  if (decision.drop_object) row.object.reset();
  switch (decision.step) {
    case core::NextStep::acknowledged:
      if (file)
        file_event_heard(draft, id);
      else
        pending = {};
      break;
    case core::NextStep::next_rung:
      pending.due.reset();
      pending.rung = decision.rung;
      break;
    case core::NextStep::idle:
      pending.due.reset();
      pending.rung = Rung::object;
      break;
    case core::NextStep::retry_later:
      ++pending.attempts;
      pending.rung = Rung::object;
      // The growing delay is for classes; whatever else failed is tried after the plain one (N110).
      pending.failed_starts = failed_start ? failed_start->failures : 0;
      pending.due = deadline_after(now_, boot_id_,
                                   failed_start ? failed_start->pause
                                                : core::retry_delay(row, 1, delivery.rung,
                                                                    core::RungResult::refused));
      break;
  }
  finish_if_final(draft, id, base::PeerId::none);
}

// Not repeated whatever the answer (N55); one that changed meanwhile follows after the interval.
void Engine::modification_ended(Draft& draft, const Delivery& delivery,
                                const ports::Notified& event) {
  const auto it = modifications_.find(delivery.job);
  if (it != modifications_.end() && it->second.called == delivery.object)
    it->second.called.reset();
  const core::Job* job = draft.job(delivery.job);
  if (job == nullptr) return;
  const bool still_registered = job->object && job->object->sequence == delivery.object;
  if (event.outcome == ports::NotifyOutcome::gone && still_registered)
    draft.edit(delivery.job, Weight::hard).object.reset();
  else
    draft.edit(delivery.job, Weight::soft);  // its timer and its place in the line are set anew
  finish_if_final(draft, delivery.job, base::PeerId::none);
}

// --- what was not heard yet ----------------------------------------------------------------------

ports::UnheardEvent Engine::unheard(const core::Job& job, const core::Pending& pending) const {
  using Wait = ports::NotifyWait;
  ports::UnheardEvent event{pending.kind, pending.sequence, Wait::nobody, pending.attempts, {}};
  const auto at = [&](Wait wait, base::BootTime when) {
    event.wait = wait;
    const base::Instant now = instant();
    event.next = on_wall_clock(std::max(when, now.boot), now);
  };
  if (deliveries_.tells(job.id, pending.sequence)) {
    event.wait = Wait::answer;
  } else if (const auto due = owed(job, pending)) {
    if (pending.due)
      at(pending.failed_starts > 0 ? Wait::start : Wait::retry,
         resolve(*pending.due, now_, boot_id_));
    else if (due->later)
      at(Wait::start, paused_until(job));
    else
      event.wait = Wait::turn;
  } else if (programs_.contains(job.id) && core::wanted(job, pending.kind)) {
    event.wait = Wait::turn;  // behind its own program
  }
  return event;
}

ports::NotifyState Engine::notify_state(const core::Job& job) const {
  ports::NotifyState state;
  // A file event is due for every file; without its flag nobody means to hear it.
  if (core::wanted(job, job.file_event.kind)) state.unheard.push_back(unheard(job, job.file_event));
  if (job.pending.kind != NotifyKind::none) state.unheard.push_back(unheard(job, job.pending));
  if (job.command.program.empty()) return state;
  if (!settings_.run_commands)
    state.command_bar = ports::CommandBar::policy;
  else if (!core::may_run_commands(job, settings_.machine_wide))
    state.command_bar = ports::CommandBar::account;
  return state;
}

// --- why a job does not move ---------------------------------------------------------------------

namespace {

// What happened, as the middle of a sentence: "HTTP 503", "there is no route to the host".
std::string in_few_words(base::Code code) {
  if (base::is_http_code(code)) return "HTTP " + std::to_string(base::http_status(code));
  std::string text = base::describe(code);
  if (text.ends_with('.')) text.pop_back();
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace

core::Waiting Engine::waiting(const core::Job& job) const {
  using Kind = core::WaitingKind;
  using base::JobState;
  const base::Instant now = instant();
  const auto said = [&](Kind kind, std::vector<std::string> arguments = {}) {
    return core::Waiting{.kind = kind,
                         .since = on_wall_clock(on_boot_clock(job.active), now),
                         .until = {},
                         .arguments = std::move(arguments)};
  };
  const auto reason = [&] {
    if (!job.error) return std::string();
    return job.error->text.empty() ? in_few_words(job.error->code) : job.error->text;
  };
  const auto shortage = [&] {
    core::Waiting waiting = said(Kind::shortage, {in_few_words(shortage_->error.code)});
    waiting.until = on_wall_clock(shortage_->over, now);
    return waiting;
  };
  if (base::is_final(job.state)) return {};
  if (storage_error_) return said(Kind::storage, {base::describe(storage_error_->code)});
  if (job.intent != core::Intent::none)
    return short_intents_.contains(job.id) && shortage_ ? shortage() : said(Kind::closing);
  switch (job.state) {
    case JobState::suspended:
      if (job.files.total == 0) return said(Kind::files);
      if (core::is_revived(job)) return said(Kind::start, {reason()});
      return said(Kind::start);
    case JobState::queued:
      if (const Question* question = questions_.of(job.id))
        return said(Kind::certificate, {question->certificate.server});
      if (auto held = held_waiting(job)) return *std::move(held);
      if (is_short(now)) return shortage();
      return said(Kind::turn, {std::to_string(agenda_.position(job))});
    case JobState::transient_error: {
      if (job.error && job.error->code == base::Code::BG_E_NETWORK_DISCONNECTED)
        return said(Kind::network);
      if (auto held = held_waiting(job)) return *std::move(held);
      core::Waiting waiting = said(Kind::retry, {reason()});
      if (job.retry) waiting.until = on_wall_clock(resolve(*job.retry, now, boot_id_), now);
      return waiting;
    }
    case JobState::error: return said(Kind::owner_error, {reason()});
    case JobState::transferred:
      return job.error ? said(Kind::owner_complete, {reason()}) : said(Kind::owner_complete);
    case JobState::connecting:
    case JobState::transferring:
    case JobState::acknowledged:
    case JobState::cancelled: return {};
  }
  return {};
}

}  // namespace backhaul::engine
