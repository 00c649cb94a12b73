// SPDX-License-Identifier: Apache-2.0
// What servers answered that is kept beyond the transfer: their wish to be left alone for a while, and
// the doubts about what they say of a file. Only the owner's Start goes past a wish, and ends it for all
// when the server then gives a file; a network that comes up does not, and NoProgressTimeout goes on
// meanwhile.
#include <algorithm>
#include <utility>

#include "core/http.h"
#include "engine/engine.h"

namespace backhaul::engine {

namespace {

const core::File* next_file(const Entry& entry) {
  const auto waits = [](const core::File& file) { return file.state == core::FileState::waiting; };
  const auto found = std::find_if(entry.files.begin(), entry.files.end(), waits);
  return found == entry.files.end() ? nullptr : &*found;
}

}  // namespace

std::optional<base::BootTime> Engine::held_until(const base::JobId& id,
                                                 const core::File& file) const {
  if (holds_.empty() || insisting_.contains(id)) return std::nullopt;
  return holds_.until(core::url_origin(file.remote), now_.boot);
}

// Until when the server of the file that is next does not want to see the job.
std::optional<base::BootTime> Engine::held_until(const base::JobId& id) const {
  if (holds_.empty()) return std::nullopt;
  const Entry* entry = table_.find(id);
  const core::File* file = entry == nullptr ? nullptr : next_file(*entry);
  std::optional<base::BootTime> until;
  if (file != nullptr) until = held_until(id, *file);
  // A redirect may have led to the one who wishes: then only this job knows that it does.
  if (entry != nullptr && entry->job.server_wish && !insisting_.contains(id)) {
    const base::BootTime wish = resolve(entry->job.server_wish->until, now_, boot_id_);
    if (wish > now_.boot) until = std::max(until.value_or(wish), wish);
  }
  return until;
}

std::optional<core::Waiting> Engine::held_waiting(const core::Job& job) const {
  const auto until = held_until(job.id);
  if (!until) return std::nullopt;
  const base::BootTime retry = job.retry ? resolve(*job.retry, now_, boot_id_) : *until;
  const Entry& entry = *table_.find(job.id);
  const std::string origin =
      job.server_wish ? job.server_wish->origin : core::url_origin(next_file(entry)->remote);
  return core::Waiting{.kind = core::WaitingKind::server,
                       .since = job.modified,
                       .until = now_.wall + (std::max(retry, *until) - now_.boot),
                       .arguments = {core::url_host(origin)}};
}

// After the failure that came with it.
void Engine::heed_wish(Draft& draft, const base::JobId& id, const Lane& lane) {
  draft.after_commit([this, id] { insisting_.erase(id); });
  const core::Job* row = draft.job(id);
  if (!lane.retry_after || lane.origin.empty() || row->state != base::JobState::transient_error)
    return;
  const base::Microseconds delay = row->minimum_retry_delay;
  core::Job& job = draft.edit(id, Weight::hard);
  job.retry = deadline_after(now_, boot_id_, std::max(delay, *lane.retry_after));
  job.server_wish = core::ServerWish{
      lane.origin, deadline_after(now_, boot_id_, *lane.retry_after)};
  draft.after_commit([this, origin = lane.origin, until = now_.boot + *lane.retry_after] {
    holds_.hold(origin, until);
  });
}

// The owner says: now.
void Engine::insist(Draft& draft, const base::JobId& id) {
  if (draft.job(id)->server_wish) draft.edit(id, Weight::hard).server_wish.reset();
  draft.after_commit([this, id] {
    if (!holds_.empty()) insisting_.insert(id);
  });
}

// It answered the one whose owner went past its wish, so it serves again and the others may go there.
// Those that were told to wait themselves fall back to their usual delay, as if no time had been named:
// not to nothing, because the limit may be one of their address alone.
void Engine::lift_wish(Draft& draft, const std::string& origin) {
  if (!holds_.until(origin, now_.boot)) return;
  for (const auto& [order, id] : table_.by_order()) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || !job->server_wish || job->server_wish->origin != origin) continue;
    core::Job& row = draft.edit(id, Weight::hard);
    row.server_wish.reset();
    if (!row.retry) continue;
    const base::Microseconds waited = row.retry->period - (resolve(*row.retry, now_, boot_id_) - now_.boot);
    const base::Microseconds delay = row.minimum_retry_delay;
    row.retry = deadline_after(now_, boot_id_, std::max(delay - waited, base::Microseconds{}));
  }
  draft.after_commit([this, origin] {
    holds_.lift(origin);
    wake_();
  });
}

// Files of one job may be on several servers: in front of one that is held the job gives its turn
// back.
void Engine::give_back_held_turns(Draft& draft) {
  holds_.forget_past(now_.boot);
  for (const base::JobId& id : std::exchange(held_up_, {})) {
    Run* run = runs_.find(id);
    if (run == nullptr || !run->active || draft.job(id) == nullptr || !moves(draft, id)) continue;
    account_time(draft, id);
    run->active = false;
    BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
  }
}

// Counted in the row: three contradictions, or an hour of answers that prove nothing, end the job.
void Engine::note_doubt(Draft& draft, const base::JobId& id, std::uint32_t file,
                        core::Doubt doubt) {
  draft.edit_file(id, file, Weight::hard, [&](core::File& row) {
    core::Doubts doubts = row.doubts ? *row.doubts : core::Doubts{};
    if (doubt == core::Doubt::contradiction) {
      ++doubts.contradictions;
    } else {
      if (doubts.unproven++ == 0) doubts.unproven_since = now_.service;
    }
    row.doubts = std::move(doubts);
  });
}

core::RemoteRecord Engine::record_of(const core::File& file) const {
  core::RemoteRecord record{.offset = file.offset,
                            .identity = file.remote_identity,
                            .fruitless_restarts = file.fruitless_restarts,
                            .ranges_refused = file.ranges_refused};
  if (file.doubts) {
    record.contradictions = file.doubts->contradictions;
    record.unproven = file.doubts->unproven;
    if (record.unproven > 0) record.unproven_for = now_.service - file.doubts->unproven_since;
  }
  return record;
}

// What is held of files that are not whole is given up: each begins with whatever its server has now.
// Two epochs on, because a transfer that is just being stopped may have begun the next one.
void Engine::begin_anew(Draft& draft, const base::JobId& id) {
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    if (draft.file(id, i)->state != core::FileState::waiting) continue;
    draft.edit_file(id, i, Weight::hard, [](core::File& row) {
      row.epoch = row.last_epoch() + 2;
      row.offset = row.device = row.inode = row.mount = row.tail = 0;
      row.fruitless_restarts = 0;
      row.high_water = 0;
      row.remote_identity = {};
      row.ranges_refused = false;
      row.fresh.reset();
      row.doubts.reset();
    });
    drop_earlier_parts(draft, id, i);
  }
  Run* run = runs_.find(id);
  if (run == nullptr || !run->active || !moves(draft, id)) return;
  account_time(draft, id);
  run->active = false;
  BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
}

}  // namespace backhaul::engine
