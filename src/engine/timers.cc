// SPDX-License-Identifier: Apache-2.0
#include "engine/timers.h"

#include <algorithm>
#include <chrono>

#include "engine/job_steps.h"
#include "engine/urgency.h"

namespace backhaul::engine {

using base::BootTime;
using base::Code;

namespace {

// Nothing of it is tried: it failed and waits for its time, or a server has asked for time since.
bool stands_still(const Context& context, const core::Job& job, const Holds& holds, const core::AllowedOrigins& origins) {
  if (job.state == base::JobState::transient_error) return true;
  return job.state == base::JobState::queued && job.stuck && holds.until(context, origins, job.id);
}

}  // namespace

BootTime Timers::due(const Context& context, const core::Job& job, const Holds& holds,
                     const core::AllowedOrigins& origins) {
  BootTime due = base::never;
  const auto consider = [&](const auto& deadline) {
    if (deadline) due = std::min(due, context.clocks.resolve(*deadline));
  };
  consider(job.pending->due);
  consider(job.file_event->due);
  if (job.intent != core::Intent::none) return due;
  consider(job.retry);
  if (const auto over = core::no_progress_due(job);
      over && stands_still(context, job, holds, origins))
    due = std::min(due, context.clocks.on_boot_clock(*over));
  return due;
}

void Timers::set(const base::JobId& id, BootTime due) {
  if (auto old = due_of_.find(id); old != due_of_.end()) {
    due_.erase({old->second, id});
    due_of_.erase(old);
  }
  if (due == base::never) return;
  due_.insert({due, id});
  due_of_.emplace(id, due);
}

std::vector<base::JobId> Timers::over(BootTime now) const {
  std::vector<base::JobId> over;
  for (auto it = due_.begin(); it != due_.end() && it->first <= now; ++it)
    over.push_back(it->second);
  return over;
}

namespace {

// NoProgressTimeout and the retry of one that waits, the limit of one that moves.
void run_job(Draft& draft, const base::JobId& id) {
  const Clocks& clocks = draft.context().clocks;
  const core::Job* job = draft.job(id);
  if (job == nullptr) return;
  const auto over = [&](const auto& deadline) {
    return deadline && clocks.is_over(*deadline);
  };
  if (over(job->pending->due)) draft.edit(id, Weight::soft).pending.edit().due.reset();
  if (over(job->file_event->due)) draft.edit(id, Weight::soft).file_event.edit().due.reset();
  if (draft.job(id)->intent != core::Intent::none) return;
  look_at_need(draft, id);
  job = draft.job(id);
  const auto no_progress = core::no_progress_due(*job);
  if (no_progress && *no_progress <= draft.now().service &&
      stands_still(draft.context(), *job, draft.holds(), draft.conditions.origins())) {
    BH_ASSERT(step(draft, id, core::JobEvent::no_progress));
  } else if (job->state == base::JobState::transient_error) {
    if (!over(job->retry)) return;
    if (job->address_file != base::no_file)  // nobody gave another address
      BH_ASSERT(step(draft, id, core::JobEvent::no_progress));
    else if (const auto held = draft.holds().until(draft.context(), draft.conditions.origins(), id))
      // Another job was told meanwhile that this server wants more time.
      draft.edit(id, Weight::soft).retry = clocks.after(*held - draft.now().boot);
    else
      BH_ASSERT(step(draft, id, core::JobEvent::retry_due));
  } else if (moves(draft, id)) {
    account_time(draft, id);
    job = draft.job(id);
    if (job->time_used < job->maximum_download_time) return;
    BH_ASSERT(step(draft, id, core::JobEvent::download_time_over,
                   core::ErrorInfo{Code::BG_E_MAXDOWNLOAD_TIMEOUT,
                                   base::ErrorContext::general_queue_manager, base::no_file,
                                   "the download took longer than its limit"}));
  }
}

}  // namespace

void Timers::run(Draft& draft) const {
  for (const base::JobId& id : over(draft.now().boot)) run_job(draft, id);
  if (draft.now().boot >= next_scan_) scan_for_inactive(draft);
}

// The world may have changed while the service was down.
void Timers::on(Draft& draft, const news::Restarted& news) const {
  const core::Job* job = draft.job(news.job);
  if (job == nullptr || job->intent != core::Intent::none ||
      job->state != base::JobState::transient_error || job->retry)
    return;
  if (job->error && core::is_bar(job->error->code))
    reconsider(draft, news.job);
  else if (draft.conditions.world.network_up)
    BH_ASSERT(step(draft, news.job, core::JobEvent::unblocked));
}

// A scan when the oldest of them may be inactive: a deadline per job would cost memory for something
// that happens after 90 days. It counts what the service ran: whoever was away, or has set the clock,
// loses nothing.
void Timers::scan_for_inactive(Draft& draft) const {
  const Context& context = draft.context();
  const Settings& settings = context.settings;
  const base::Microseconds timeout = draft.conditions.policy->limits.inactivity_timeout.value;
  const base::BootTime next = draft.now().boot + settings.inactivity_scan;
  // A crash loses what no commit has kept: less than two of these scans.
  if (context.table.size() > 0 && context.clocks.not_kept() >= settings.inactivity_scan / 2)
    keep_time(draft);
  const base::ServiceTime now = draft.now().service;
  if (oldest_ > now - timeout) return draft.note(note::NextScan{next, oldest_});
  base::ServiceTime oldest = now;  // of those that stay; whatever is touched later is younger
  for (const auto& [order, id] : context.table.by_order()) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || base::is_final(job->state) || job->intent != core::Intent::none) continue;
    if (!core::is_inactive(*job, draft.now(), timeout)) {
      oldest = std::min(oldest, job->active);
      continue;
    }
    const auto days = std::chrono::floor<std::chrono::days>(timeout).count();
    draft.log(base::LogLevel::warning,
              "cancelled: nothing happened to it in " + std::to_string(days) +
                  " days that the service ran",
              id);
    BH_ASSERT(step(draft, id, core::JobEvent::inactive));
  }
  draft.note(note::NextScan{next, oldest});
}

void Timers::merged(Change& change) {
  change.take_notes([this](const note::NextScan& note) {
    next_scan_ = note.time;
    oldest_ = note.oldest;
  });
  for (const RowChange& row : change.rows) {
    if (!row.before && row.after != nullptr) oldest_ = std::min(oldest_, row.after->active);
    if (row.after != nullptr && row.after->state == base::JobState::queued && row.after->stuck)
      failed_before_.insert(row.id);
    else
      failed_before_.erase(row.id);
  }
  change.retime.insert(change.retime.end(), change.over.begin(), change.over.end());
  if (change.other_holds || change.other_rules)
    change.retime.insert(change.retime.end(), failed_before_.begin(), failed_before_.end());
}

}  // namespace backhaul::engine
