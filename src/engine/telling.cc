// SPDX-License-Identifier: Apache-2.0
// What answers and departures mean for what is due.
#include "engine/telling.h"

#include <algorithm>
#include <utility>

#include "core/damage.h"
#include "engine/classes.h"
#include "engine/job_steps.h"

namespace backhaul::engine {

using core::NotifyKind;
using core::Rung;

namespace {

// Only S_OK acknowledges a job event, any success a file event (notifications.md §5, §21); a class
// that cannot hear file events has heard them all.
core::RungResult result_of(const ports::DeliveryEnded& event, NotifyKind kind) {
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

// Somebody completed or resumed the job meanwhile, or another program registered. A program answers for all of its
// objects: the one that it registered since then waited for this answer. That an object is gone, though, is said of
// that one alone.
bool is_history(const core::Job* job, const Delivery& delivery, ports::NotifyOutcome outcome) {
  if (job == nullptr) return true;
  const bool file = delivery.kind == NotifyKind::file_transferred;
  if ((file ? job->file_event : job->pending)->sequence != delivery.sequence) return true;
  if (delivery.object == 0 || !job->object || job->object->sequence == delivery.object) return false;
  return job->object->unique_name != delivery.callee || outcome == ports::NotifyOutcome::gone;
}

void leave(Draft& draft, const base::JobId& id) {
  if (const core::Job* job = draft.job(id); job->object) {
    draft.effect(effect::ReleaseObject{*job->object});
    draft.edit(id, Weight::hard).object.reset();  // nor does what is left of the job show it
  }
  drop_certificate_check(draft, id);
  draft.effect(effect::ReleaseInstance{id});
  draft.bury(id);
}

}  // namespace

bool Telling::somebody_hears(const Context& context, const core::Job& job, NotifyKind kind) {
  return core::wanted(job, kind) &&
         core::rung_for(job, kind, Rung::object, commands_allowed(context, job)).has_value();
}

// A client left: its objects are void, what they were to hear falls to the next rung. An AutoComplete
// job whose only listener left has nobody to tell: settle() sees it.
void Telling::on(Draft& draft, const ports::PeerGone& event) const {
  for (const base::JobId& id : draft.registered_by(event.unique_name)) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || !job->object || job->object->unique_name != event.unique_name) continue;
    lose_object(draft.edit(id, Weight::hard));
  }
}

// The last listener of a job that completed itself may have gone while the service was down.
void Telling::on(Draft& draft, const news::Restarted& news) const {
  const core::Job* job = draft.job(news.job);
  if (job == nullptr) return;
  if (base::is_final(job->state)) draft.edit(news.job, Weight::soft);
  if (tries_anew(draft.context(), *job)) forget_failed_starts(draft, news.job);
}

namespace {

struct Retry {
  std::uint32_t failed_starts = 0;
  base::Microseconds pause{};
};

void apply(Draft& draft, const base::JobId& id, bool file, const core::LadderDecision& decision,
           const Retry& retry) {
  core::Job& row = draft.edit(id, Weight::hard);
  if (decision.drop_object) lose_object(row);
  if (decision.step == core::NextStep::acknowledged) {
    if (file)
      file_event_heard(draft, id);
    else
      row.pending = {};
    return;
  }
  core::Pending& pending = (file ? row.file_event : row.pending).edit();
  switch (decision.step) {
    case core::NextStep::acknowledged: break;
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
      pending.failed_starts = retry.failed_starts;
      pending.due = draft.context().clocks.after(retry.pause);
      break;
  }
}

}  // namespace

void Telling::on(Draft& draft, const ports::DeliveryEnded& event) const {
  const Delivery* delivery = deliveries_.find(event.ticket);
  if (delivery == nullptr || !draft.is_first_answer(event.ticket)) return;
  // It ends with the commit: an answer that could not be recorded is handled again, so that what
  // was acknowledged is not told twice.
  draft.keep_if_dropped(event);
  draft.note(note::DeliveryEnds{event.ticket});
  const base::JobId id = delivery->job;
  const core::RungResult result = result_of(event, delivery->kind);
  const bool no_session = result == core::RungResult::unavailable && event.result == base::Code::NOT_LOGGED_ON;
  const std::optional<FailedStart> failed_start = note_start(draft, *delivery, result, no_session);
  if (stream_of(delivery->kind) != Stream::events)
    return stream_ended(draft, *delivery, event);
  const core::Job* job = draft.job(id);
  if (is_history(job, *delivery, event.outcome)) return;
  const core::LadderDecision decision =
      core::after_attempt(*job, delivery->kind, delivery->rung, result,
                          commands_allowed(draft.context(), *job));
  if (decision.step != core::NextStep::acknowledged)
    draft.log(base::LogLevel::notice,
              "notification " + std::to_string(delivery->sequence) + " not acknowledged: " +
                  (event.text.empty() ? base::symbol(event.result) : event.text),
              id);
  // An object that was gone, or was cleared, before its call came to an end: whoever comes after it is told at
  // once, and waits for nothing that is set here.
  if (decision.step != core::NextStep::acknowledged && delivery->object != 0 && !job->object) {
    draft.edit(id, Weight::soft);  // its place in the line is set anew
    return;
  }
  // The growing delay is for classes; whatever else failed is tried after the plain one (N110).
  const Retry retry =
      failed_start
          ? Retry{failed_start->failures, failed_start->pause}
          : Retry{0, core::retry_delay(*job, 1, delivery->rung, core::RungResult::refused)};
  apply(draft, id, delivery->kind == NotifyKind::file_transferred, decision, retry);
}

// Not repeated whatever the answer (N55); what changed or came meanwhile follows after the interval.
void Telling::stream_ended(Draft& draft, const Delivery& delivery,
                                 const ports::DeliveryEnded& event) const {
  if (Modification* modification = draft.modifications.edit(delivery.job);
      delivery.kind == NotifyKind::job_modification && modification != nullptr && modification->called == delivery.object)
    modification->called.reset();
  const core::Job* job = draft.job(delivery.job);
  if (job == nullptr) return;
  const bool still_registered = job->object && job->object->sequence == delivery.object;
  if (event.outcome == ports::NotifyOutcome::gone && still_registered)
    lose_object(draft.edit(delivery.job, Weight::hard));
  else
    draft.edit(delivery.job, Weight::soft);  // its timer and its place in the line are set anew
}

bool Telling::owes_anything(const Draft& draft, const core::Job& job) const {
  const Context& context = draft.context();
  if (somebody_hears(context, job, job.pending->kind)) return true;
  if (core::owes_file_events(job) && somebody_hears(context, job, job.file_event->kind)) return true;
  // Somebody is to hear that this job has ended: it ends in this turn, or the call has not returned.
  // Until then its row stays, so that the callee finds what it is told of; a crash ends the waiting.
  if (!somebody_hears(context, job, NotifyKind::job_modification)) return false;
  if (!job.object && is_paused(draft, class_of(job))) return false;  // a class that does not start
  const Entry* before = context.table.find(job.id);
  if (before != nullptr && core::is_modification(before->job, job)) return true;
  const Modification* modification = draft.modifications.find(job.id);
  return modification != nullptr && (modification->due || modification->called);
}

void Telling::settle(Draft& draft) const {
  for (const base::JobId& id : draft.touched()) {
    const core::Job* job = draft.job(id);
    if (job != nullptr && base::is_final(job->state) && !owes_anything(draft, *job))
      leave(draft, id);
  }
}

}  // namespace backhaul::engine
