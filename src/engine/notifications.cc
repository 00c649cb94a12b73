// SPDX-License-Identifier: Apache-2.0
// The ladder, driven: what is due stands in the rows, core/notify_ladder decides, the Notifier
// performs, an answer to an earlier number is dropped.
#include <utility>

#include "engine/engine.h"

namespace backhaul::engine {

bool Engine::deliverable(const core::Job& job) const {
  return job.pending.kind != core::NotifyKind::none && job.intent == core::Intent::none &&
         core::wanted(job, job.pending.kind);
}

void Engine::index_delivery(const core::Job* job) {
  std::optional<std::uint64_t> sequence;
  if (deliverable(*job) && !job->pending.due && core::first_rung(*job, false))
    sequence = job->pending.sequence;
  const std::uint32_t uid = job->object ? job->object->uid : job->owner_uid;
  deliveries_.set_candidate(job->id, uid, sequence);
}

void Engine::start_deliveries() {
  if (stopping_) return;
  while (const auto id = deliveries_.next(settings_.notifications_per_user))
    begin_delivery(table_.find(*id)->job);
}

void Engine::begin_delivery(const core::Job& job) {
  const core::Rung rung = *core::first_rung(job, false);
  const std::uint32_t uid = rung == core::Rung::object ? job.object->uid : job.owner_uid;
  const base::Ticket ticket =
      deliveries_.begin({.job = job.id, .uid = uid, .sequence = job.pending.sequence, .rung = rung});
  ports::Notification notification;
  notification.ticket = ticket;
  notification.kind = job.pending.kind;
  notification.sequence = job.pending.sequence;
  notification.job = job.id;
  if (job.error) notification.error = *job.error;
  if (rung == core::Rung::object)
    notification.target = ports::ObjectTarget{*job.object};
  else
    notification.target = ports::ServiceTarget{job.service, settings_.class_start_timeout};
  ports_.notifier.notify(std::move(notification));
}

namespace {

core::RungResult result_of(const ports::Notified& event) {
  switch (event.outcome) {
    case ports::NotifyOutcome::answered:
      return event.result == base::Code::S_OK ? core::RungResult::acknowledged
                                              : core::RungResult::refused;
    case ports::NotifyOutcome::failed: return core::RungResult::refused;
    case ports::NotifyOutcome::gone: return core::RungResult::gone;
    case ports::NotifyOutcome::unavailable: return core::RungResult::unavailable;
  }
  return core::RungResult::refused;
}

}  // namespace

void Engine::handle(Draft& draft, ports::Notified& event) {
  const std::optional<Delivery> delivery = deliveries_.end(event.ticket);
  if (!delivery) return;
  const core::Job* job = draft.job(delivery->job);
  // Somebody completed or resumed the job meanwhile, or registered anew: this answer is history.
  if (job == nullptr || job->pending.sequence != delivery->sequence) return;
  const core::RungResult result = result_of(event);
  const core::LadderDecision decision =
      core::after_attempt(*job, delivery->rung, result, false);
  const base::JobId id = delivery->job;
  if (decision.step != core::NextStep::acknowledged)
    ports_.log.write(base::LogLevel::notice,
                     "notification " + std::to_string(delivery->sequence) + " not acknowledged: " +
                         (event.text.empty() ? base::symbol(event.result) : event.text),
                     id);
  core::Job& row = draft.edit(id, Weight::hard);
  if (decision.drop_object && delivery->rung == core::Rung::object) row.object.reset();
  switch (decision.step) {
    case core::NextStep::acknowledged: row.pending = {}; break;
    case core::NextStep::next_rung:
    case core::NextStep::idle: row.pending.due.reset(); break;
    case core::NextStep::retry_later:
      ++row.pending.attempts;
      row.pending.due = deadline_after(now_, boot_id_, core::retry_delay(row, result));
      break;
  }
  finish_if_final(draft, id, base::PeerId::none);
}

// --- why a job does not move ---------------------------------------------------------------------

core::Waiting Engine::waiting(const core::Job& job) const {
  using Kind = core::WaitingKind;
  using base::JobState;
  const auto said = [&](Kind kind, std::vector<std::string> arguments = {}) {
    return core::Waiting{.kind = kind, .since = job.modified, .until = {}, .arguments = std::move(arguments)};
  };
  const auto reason = [&] {
    if (!job.error) return std::string();
    return job.error->text.empty() ? base::describe(job.error->code) : job.error->text;
  };
  if (base::is_final(job.state)) return {};
  if (storage_error_) return said(Kind::storage, {base::describe(storage_error_->code)});
  if (job.intent != core::Intent::none) return said(Kind::closing);
  switch (job.state) {
    case JobState::suspended: return said(job.files.total == 0 ? Kind::files : Kind::start);
    case JobState::queued:
      return said(Kind::turn, {std::to_string(agenda_.position(job))});
    case JobState::transient_error: {
      if (job.error && job.error->code == base::Code::BG_E_NETWORK_DISCONNECTED)
        return said(Kind::network);
      core::Waiting waiting = said(Kind::retry, {reason()});
      if (job.retry) waiting.until = now_.wall + (resolve(*job.retry, now_, boot_id_) - now_.boot);
      return waiting;
    }
    case JobState::error: return said(Kind::owner_error, {reason()});
    case JobState::transferred: return said(Kind::owner_complete);
    case JobState::connecting:
    case JobState::transferring:
    case JobState::acknowledged:
    case JobState::cancelled: return {};
  }
  return {};
}

}  // namespace backhaul::engine
