// SPDX-License-Identifier: Apache-2.0
// Clocks, network, clients that leave, and the scheduler.
#include <algorithm>
#include <utility>

#include "core/http.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::BootTime;
using base::Code;

// --- clocks --------------------------------------------------------------------------------------

BootTime Engine::next_due(const core::Job& job) const {
  BootTime due = base::never;
  const auto consider = [&](const std::optional<base::StoredDeadline>& deadline) {
    if (deadline) due = std::min(due, resolve(*deadline, now_, boot_id_));
  };
  consider(job.pending.due);
  consider(job.file_event.due);
  due = std::min(due, paused_until(job));
  if (const auto it = modifications_.find(job.id);
      it != modifications_.end() && it->second.due && it->second.not_before > now_.boot)
    due = std::min(due, it->second.not_before);
  if (job.intent != core::Intent::none) return due;
  consider(job.retry);
  if (const auto over = core::no_progress_due(job);
      over && job.state == base::JobState::transient_error)
    due = std::min(due, on_boot_clock(*over));
  if (const Run* run = runs_.find(job.id); run != nullptr && base::is_running(job.state))
    due = std::min(due, run->accounted + job.maximum_download_time -
                            job.time_used);
  return due;
}

void Engine::index_timers(const core::Job* before, const core::Job* after) {
  const base::JobId id = after != nullptr ? after->id : before->id;
  if (auto old = timer_of_.find(id); old != timer_of_.end()) {
    timers_.erase({old->second, id});
    timer_of_.erase(old);
  }
  if (after == nullptr) return;
  const BootTime due = next_due(*after);
  if (due == base::never) return;
  timers_.insert({due, id});
  timer_of_.emplace(id, due);
}

BootTime Engine::next_wakeup() const {
  if (commit_in_flight_) return base::never;
  if (storage_error_) return storage_retry_;
  BootTime due = std::min(next_inactivity_scan_, holds_.next());
  if (!timers_.empty()) due = std::min(due, timers_.begin()->first);
  if (is_short(now_)) due = std::min(due, shortage_->over);
  // A background job that shares its level hands the turn on when its slice is over.
  for (const auto& [id, run] : runs_) {
    const Entry* entry = table_.find(id);
    if (!run.active || !core::is_background(entry->job.priority)) continue;
    // Once it is over, whatever keeps the next job from starting ends with an event.
    const BootTime slice_ends = run.slice_began + settings_.slice;
    if (agenda_.queued(entry->job.priority) > 0 && slice_ends > now_.boot)
      due = std::min(due, slice_ends);
  }
  return due;
}

void Engine::run_timers(Draft& draft) {
  for (const base::JobId& id : std::exchange(turn_lost_, {})) {
    const Run* run = runs_.find(id);
    if ((run == nullptr || !run->active) && draft.job(id) != nullptr && moves(draft, id))
      BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
  }
  for (const base::JobId& id : std::exchange(run_finished_, {})) {
    Run* run = runs_.find(id);
    if (run != nullptr && run->active && draft.job(id) != nullptr && moves(draft, id))
      finish_run(draft, *run);
  }
  give_back_held_turns(draft);
  catch_up(draft);
  if (!is_short(now_))
    for (const base::JobId& id : std::exchange(short_intents_, {}))
      draft.after_commit([this, id] {
        if (table_.in_queue(id)) carry_out_intent(id);
      });
  std::vector<base::JobId> due;
  for (auto it = timers_.begin(); it != timers_.end() && it->first <= now_.boot; ++it)
    due.push_back(it->second);
  for (const base::JobId& id : due) run_job_timers(draft, id);
  if (now_.boot >= next_inactivity_scan_) scan_for_inactive(draft);
}

// What happened while the service was down is told by nobody: the network may have come, and the
// last listener of a job that completed itself may have gone.
void Engine::catch_up(Draft& draft) {
  if (recovered_.empty()) return;
  draft.after_commit([this] { recovered_.clear(); });
  for (const base::JobId& id : recovered_) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->intent != core::Intent::none) continue;
    if (base::is_final(job->state))
      finish_if_final(draft, id, base::PeerId::none);
    else if (network_up_ && job->state == base::JobState::transient_error && !job->retry)
      BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
  }
}

void Engine::run_job_timers(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job == nullptr) return;
  const auto over = [&](const std::optional<base::StoredDeadline>& deadline) {
    return deadline && resolve(*deadline, now_, boot_id_) <= now_.boot;
  };
  if (over(job->pending.due)) draft.edit(id, Weight::soft).pending.due.reset();
  if (over(job->file_event.due)) draft.edit(id, Weight::soft).file_event.due.reset();
  if (job->intent != core::Intent::none) return;
  job = draft.job(id);
  const auto no_progress = core::no_progress_due(*job);
  if (job->state == base::JobState::transient_error && no_progress &&
      *no_progress <= now_.service) {
    BH_ASSERT(step(draft, id, core::JobEvent::no_progress));
  } else if (const auto held = held_until(id);
             job->state == base::JobState::transient_error && over(job->retry) && held) {
    // Another job was told meanwhile that this server wants more time.
    draft.edit(id, Weight::soft).retry = deadline_after(now_, boot_id_, *held - now_.boot);
  } else if (job->state == base::JobState::transient_error && over(job->retry)) {
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

// CONNECTING and TRANSFERRING count towards MaximumDownloadTime; brought up to date whenever
// something happens to the job.
void Engine::account_time(Draft& draft, const base::JobId& id, Weight weight) {
  Run* run = runs_.find(id);
  const core::Job* job = draft.job(id);
  if (run == nullptr || job == nullptr || !base::is_running(job->state)) return;
  if (now_.boot <= run->accounted) return;
  draft.edit(id, weight).time_used += now_.boot - run->accounted;
  run->accounted = now_.boot;
}

// What was counted until now outlasts a crash from here on.
void Engine::keep_time(Draft& draft) {
  for (const auto& [id, run] : runs_) account_time(draft, id, Weight::hard);
  draft.keep_time();
}

// A scan now and then: a deadline per job would cost memory for something that happens after 90
// days. It counts what the service ran: whoever was away, or has set the clock, loses nothing.
void Engine::scan_for_inactive(Draft& draft) {
  next_inactivity_scan_ = now_.boot + settings_.inactivity_scan;
  // A crash loses what no commit has kept: less than two of these scans.
  if (table_.size() > 0 && now_.service - kept_ >= settings_.inactivity_scan / 2) keep_time(draft);
  for (const auto& [order, id] : table_.by_order()) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || base::is_final(job->state) || job->intent != core::Intent::none) continue;
    if (!core::is_inactive(*job, now_, settings_.inactivity_timeout)) continue;
    const auto days = std::chrono::floor<std::chrono::days>(settings_.inactivity_timeout).count();
    ports_.log.write(base::LogLevel::warning,
                     "cancelled: nothing happened to it in " + std::to_string(days) +
                         " days that the service ran",
                     id);
    BH_ASSERT(step(draft, id, core::JobEvent::inactive));
  }
}

// --- what the service itself is short of -----------------------------------------------------------

bool Engine::is_short(const base::Instant& now) const {
  return shortage_ && now.boot < shortage_->over;
}

void Engine::note_shortage(const base::Error& error) {
  if (is_short(now_)) return;  // others ran into it as well
  constexpr base::Microseconds longest = std::chrono::minutes(1);
  const base::Microseconds pause =
      shortage_ ? std::min(2 * shortage_->pause, longest) : settings_.shortage_retry;
  shortage_ = Shortage{error, pause, now_.boot + pause};
  ports_.log.write(base::LogLevel::warning,
                   "the service is short of room to work (" + base::describe(error.code) + " " +
                       error.text + "); jobs wait until it is better");
}

// No error of the job: it gives its turn back and gets another one when it may be better.
void Engine::run_short(Draft& draft, Run& run, const base::Error& error) {
  note_shortage(error);
  account_time(draft, run.job);
  run.active = false;
  agenda_.to_the_end(run.job);
  BH_ASSERT(step(draft, run.job, core::JobEvent::turn_taken));
}

// The intent stands, and whoever asked for it waits for its end.
void Engine::close_later(Draft& draft, const base::JobId& id, const base::Error& shortage) {
  note_shortage(shortage);
  draft.after_commit([this, id] {
    if (const auto intent = intents_.find(id); intent != intents_.end())
      intent->second.begun = false;
    short_intents_.insert(id);
  });
}

// --- network and clients -------------------------------------------------------------------------

bool Engine::blocked_by_network(const base::JobId& id) const {
  if (network_up_) return false;
  const Entry* entry = table_.find(id);
  if (entry == nullptr) return false;
  for (const core::File& file : entry->files)
    if (file.state == core::FileState::waiting)
      return !core::is_loopback_host(core::url_host(file.remote));
  return false;
}

void Engine::lose_network(Draft& draft, const base::JobId& id) {
  BH_ASSERT(step(draft, id, core::JobEvent::network_lost,
                 core::ErrorInfo{Code::BG_E_NETWORK_DISCONNECTED,
                                 base::ErrorContext::general_transport, base::no_file,
                                 "there is no network"}));
}

void Engine::handle(Draft& draft, ports::NetworkChanged& event) {
  draft.keep_if_dropped(event);
  if (network_up_ != event.up)
    ports_.log.write(base::LogLevel::notice, event.up ? "network is up" : "network is down");
  network_up_ = event.up;
  for (const auto& [order, id] : table_.by_order()) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->intent != core::Intent::none) continue;
    if (event.up && job->state == base::JobState::transient_error) {
      if (job->retry && held_until(id)) continue;  // it is not the network that it waits for
      BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
    } else if (!event.up && blocked_by_network(id) &&
               (base::is_running(job->state) || job->state == base::JobState::queued)) {
      account_time(draft, id);
      lose_network(draft, id);
    }
  }
}

// A client left: its objects are void, what they were to hear falls to the next rung.
void Engine::handle(Draft& draft, ports::PeerGone& event) {
  draft.keep_if_dropped(event);
  // Also the tombstones that this turn makes, and those of what the peer still has under way.
  draft.after_commit([this, peer = event.peer] { table_.peer_gone(peer); });
  for (auto& [id, intent] : intents_)
    if (intent.peer == event.peer) intent.peer = base::PeerId::none;
  held_reads_.erase(event.peer);
  for (const base::JobId& id : table_.registered_by(event.unique_name)) {
    const core::Job* job = draft.job(id);
    if (job == nullptr) continue;
    // The demand stays: the job goes only where it has been accepted.
    if (job->validator && job->validator->object.unique_name == event.unique_name)
      draft.edit(id, Weight::hard).validator->object.unique_name.clear();
    if (!job->object || job->object->unique_name != event.unique_name) continue;
    core::Job& row = draft.edit(id, Weight::hard);
    row.object.reset();
    row.pending.due.reset();
    row.file_event.due.reset();
    // An AutoComplete job whose only listener left has nobody to tell.
    if (base::is_final(row.state)) finish_if_final(draft, id, base::PeerId::none);
  }
}

// --- the scheduler -------------------------------------------------------------------------------

void Engine::schedule(Draft& draft) {
  if (is_short(now_)) return;
  // Jobs touched in this turn are looked at again in the next one, after their commit.
  const auto eligible = [&](const base::JobId& id) {
    return runs_.find(id) == nullptr && !draft.jobs().contains(id) &&
           questions_.of(id) == nullptr && !held_until(id);
  };
  std::uint32_t foreground = 0;
  std::vector<const Run*> background;
  for (const auto& [id, run] : runs_) {
    if (!run.active) continue;
    if (core::is_background(table_.find(id)->job.priority))
      background.push_back(&run);
    else
      ++foreground;
  }
  // Each job given a turn is in the draft and so not eligible again.
  while (foreground < settings_.foreground_jobs) {
    const auto id = agenda_.first(base::Priority::foreground, eligible);
    if (!id) break;
    give_turn(draft, *id);
    ++foreground;
  }
  schedule_background(draft, background, eligible);
}

void Engine::schedule_background(Draft& draft, std::vector<const Run*>& holders,
                                 const Agenda::Eligible& eligible) {
  // Jobs whose bytes all arrived keep the turn but not the link; a change of priority can leave
  // more than one on the link: the best stays.
  std::erase_if(holders, [&](const Run* run) {
    return run->link_is_free(table_.find(run->job)->files.size());
  });
  const auto rank = [&](const Run* run) {
    return std::pair(table_.find(run->job)->job.priority, run->slice_began);
  };
  std::sort(holders.begin(), holders.end(),
            [&](const Run* a, const Run* b) { return rank(a) < rank(b); });
  while (holders.size() > 1) {
    take_turn(draft, holders.back()->job);
    holders.pop_back();
  }
  const auto candidate = agenda_.first_background(eligible);
  std::optional<core::TurnHolder> holder;
  if (!holders.empty()) {
    holder = core::TurnHolder{.priority = table_.find(holders[0]->job)->job.priority,
                              .slice_began = holders[0]->slice_began};
    // A file that cannot be continued would be fetched for nothing: the slice lasts until it is
    // here. A higher level does not wait.
    if (is_all_or_nothing(*holders[0])) holder->slice_began = now_.boot;
  }
  switch (core::decide_turn(holder, candidate ? std::optional(candidate->first) : std::nullopt,
                            now_.boot, settings_.slice)) {
    case core::TurnDecision::keep: return;
    case core::TurnDecision::preempt:
      take_turn(draft, holders[0]->job);
      give_turn(draft, candidate->second);
      return;
    case core::TurnDecision::give: give_turn(draft, candidate->second); return;
  }
}

// Some file of the run is on its way from a server that does not do ranges.
bool Engine::is_all_or_nothing(const Run& run) const {
  const Entry& entry = *table_.find(run.job);
  return std::any_of(run.lanes.begin(), run.lanes.end(), [&](const Lane& lane) {
    return lane.phase == LanePhase::receiving &&
           entry.files[lane.file].remote_identity.resumable == core::Resumable::no;
  });
}

void Engine::take_turn(Draft& draft, const base::JobId& id) {
  if (!moves(draft, id)) return;
  account_time(draft, id);
  agenda_.to_the_end(id);
  BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
}

void Engine::give_turn(Draft& draft, const base::JobId& id) {
  if (blocked_by_network(id)) {
    lose_network(draft, id);
    return;
  }
  BH_ASSERT(step(draft, id, core::JobEvent::turn_given));
  if (draft.job(id)->server_wish) draft.edit(id, Weight::soft).server_wish.reset();
  draft.after_commit([this, id] {
    const Entry* entry = table_.find(id);
    if (!base::is_running(entry->job.state)) return;
    Run& run = runs_.make(id);
    run.active = true;
    run.slice_began = run.accounted = now_.boot;
    index_timers(&entry->job, &entry->job);
    advance(id);
  });
}

}  // namespace backhaul::engine
