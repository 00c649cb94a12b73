// SPDX-License-Identifier: Apache-2.0
#include "engine/outcome.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/job_change.h"
#include "core/judge.h"
#include "core/mirrors.h"
#include "core/size_text.h"
#include "engine/fetching.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/readdressing.h"
#include "engine/senders.h"
#include "engine/site_asking.h"

namespace backhaul::engine {

using base::Code;

void fail(Draft& draft, const base::JobId& id, Run& run, core::JobEvent event,
          core::ErrorInfo error) {
  account_time(draft, id);
  run.active = false;
  // With what its server told of it, which was worth no commit by itself.
  if (error.file != base::no_file) {
    draft.edit_file(id, error.file, Weight::hard, [](core::File&) {});
    turn_from_duplicates(draft, id, error.file);
  }
  log_failure(draft, id, error);
  BH_ASSERT(step(draft, id, event, std::move(error)));
}

namespace {

// No error of the job: it gives its turn back and gets another one when it may be better.
void run_short(Draft& draft, const base::JobId& id, Run& run, const core::ErrorInfo& error) {
  note_shortage(draft, error.code, error.text);
  run.active = false;
  draft.note(note::ToTheEnd{id});
  // Nothing was asked for before the server answered: there was no room for a connection.
  if (draft.job(id)->state == base::JobState::transferring) return lose_turn(draft, id);
  give_turn_back(draft, id);
}

void relent(Draft& draft, const base::JobId& id) {
  if (draft.holds().insists(id)) draft.edit_holds().relent(id);
}

struct WishTold {
  base::Microseconds time{};
  bool for_all = false;
};

// What the server asks for; what it asked for before, of the same jobs, where a redirect would have led to it.
std::optional<WishTold> wish_of(const Draft& draft, const base::JobId& id, const Lane& lane) {
  if (lane.origin.empty()) return std::nullopt;
  if (lane.retry_after) return WishTold{*lane.retry_after, lane.for_all};
  const base::BootTime now = draft.now().boot;
  const Holds::Held* held = draft.holds().find(lane.origin, draft.job(id)->owner_uid, now);
  if (held == nullptr) return std::nullopt;
  return WishTold{held->second.until - now, !held->first.owner};
}

// Nobody whom it holds is sent to that server before it wants it, and all who wait can be told by whose answer.
void hold(Draft& draft, const base::JobId& id, const Lane& lane, const WishTold& wish) {
  const core::File& file = *draft.file(id, lane.file);
  std::string address = shown_address_at(file, lane.origin);
  if (address.empty()) address = shown_address_at(file, lane.server);  // which leads there
  std::optional<std::uint32_t> owner;
  if (!wish.for_all) owner = draft.job(id)->owner_uid;
  draft.edit_holds().hold(lane.origin, draft.now().boot + wish.time, {id, std::move(address), lane.error->code}, owner);
}

// After the failure that came with it.
void heed_wish(Draft& draft, const base::JobId& id, const Lane& lane) {
  relent(draft, id);
  const core::Job* row = draft.job(id);
  const auto wish = wish_of(draft, id, lane);
  if (!wish || row->state != base::JobState::transient_error) return;
  const base::Microseconds delay = row->minimum_retry_delay;
  const Clocks& clocks = draft.context().clocks;
  core::Job& job = draft.edit(id, Weight::hard);
  job.retry = clocks.after(std::max(delay, wish->time));
  job.server_wish = core::ServerWish{lane.origin, clocks.after(wish->time), wish->for_all};
  hold(draft, id, lane, *wish);
}

core::JobEvent event_of(core::ErrorClass failure) {
  switch (failure) {
    case core::ErrorClass::fatal: return core::JobEvent::failed_fatal;
    case core::ErrorClass::transient: return core::JobEvent::failed_transient;
    case core::ErrorClass::shortage:
    case core::ErrorClass::waits_for_event: return core::JobEvent::failed_blocked;
  }
  return core::JobEvent::failed_transient;
}

// The right to give a file away so may still come (jobs.md §15).
bool lacks_a_right(const core::Job& job, const core::ErrorInfo& error) {
  return job.rare->file_acl_flags != 0 && error.code == Code::E_ACCESSDENIED &&
         error.context == base::ErrorContext::local_file;
}

// Another server may have the file; the one that asked for time gets it from all the same.
void ask_next_address(Draft& draft, const base::JobId& id, Run& run, const Lane& lane,
                      const std::optional<WishTold>& wish) {
  if (wish) hold(draft, id, lane, *wish);
  run.active = false;
  give_turn_back(draft, id);
}

void fail(Draft& draft, const base::JobId& id, Run& run, Lane& lane) {
  const core::ErrorInfo& error = *lane.error;
  const core::ErrorClass failure = lacks_a_right(*draft.job(id), error) ? core::ErrorClass::transient
                                                                          : core::classify(error.code);
  if (failure == core::ErrorClass::shortage) return run_short(draft, id, run, error);
  if (error.context == base::ErrorContext::general_transport) {
    // The connection broke because the world does not allow it any more: no error of the job.
    const Entry* entry = draft.context().table.find(id);
    if (const auto barred = draft.conditions.bar(draft.context(), *draft.job(id), entry)) {
      run.active = false;
      return bar(draft, id, *barred);
    }
  }
  if (!lane.of_address) return fail(draft, id, run, event_of(failure), error);
  const auto wish = wish_of(draft, id, lane);
  auto told = after_failed_address(draft, id, error, wish.has_value());
  if (core::asks_once(*draft.job(id))) told = told.value_or(error);
  if (!told) return ask_next_address(draft, id, run, lane, wish);
  // A server that asks for time is there, and says when it gives more.
  if (!wish && turn_to_duplicates(draft, id, run, lane)) return;
  if (asks_for_address(draft, id, *told)) {
    fail(draft, id, run, core::JobEvent::failed_blocked, *told);
    return wait_for_address(draft, id, lane.file);
  }
  fail(draft, id, run, event_of(core::classify(told->code)), *told);
  heed_wish(draft, id, lane);
}

void file_is_here(Draft& draft, const base::JobId& id, Run& run, Lane& lane) {
  draft.edit_file(id, lane.file, Weight::hard, [](core::File& file) {
    file.state = core::FileState::transferred;
    file.rare.set(&core::RareOfFile::duplicates, {});
    file.rare.set(&core::RareOfFile::fruitless_restarts, 0U);
    file.high_water = 0;
    file.rare.set(&core::RareOfFile::doubts, {});
    if (file.rare->expected) file.rare.edit().expected->bad = 0;
    begin_round(file);
  });
  if (draft.file(id, lane.file)->remote_identity.end_untold)
    draft.log(base::LogLevel::notice,
              "file " + std::to_string(lane.file) +
                  ": nobody told its size; it ends where the connection ended",
              id);
  if (core::is_version_untold(*draft.file(id, lane.file)))
    draft.log(base::LogLevel::notice,
              "file " + std::to_string(lane.file) +
                  ": it came in several answers that tell no one version of it (no Last-Modified and no ETag, or other ones)",
              id);
  owe_file_event(draft, id, lane.file);
  run.recent_size = draft.file(id, lane.file)->stored.total();
  close_lane(draft, lane);
}

}  // namespace

// It answered the one whose owner went past its wish, so it serves again and the others may go there.
// Those that were told to wait themselves fall back to their usual delay, as if no time had been named:
// not to nothing, because the limit may be one of their address alone. What it asked of all stands until it
// answers in a way that speaks for all.
void lift_wish(Draft& draft, const base::JobId& insistent, const std::string& origin, bool for_all) {
  const std::uint32_t owner = draft.job(insistent)->owner_uid;
  if (draft.holds().find(origin, owner, draft.now().boot) == nullptr) return;
  const auto ends = [&](const core::Job& job) {
    return job.server_wish && job.server_wish->origin == origin &&
           (job.server_wish->for_all ? for_all : job.owner_uid == owner);
  };
  const Clocks& clocks = draft.context().clocks;
  std::vector<base::JobId> told = draft.context().table.told_to_wait(origin);
  for (const auto& [id, changed] : draft.jobs())
    if (changed.job.server_wish) told.push_back(id);
  for (const base::JobId& id : told) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || !ends(*job)) continue;
    core::Job& row = draft.edit(id, Weight::hard);
    row.server_wish.reset();
    if (!row.retry) continue;
    const base::Microseconds waited = row.retry->period - (clocks.resolve(*row.retry) - draft.now().boot);
    const base::Microseconds delay = row.minimum_retry_delay;
    row.retry = clocks.after(std::max(delay - waited, base::Microseconds{}));
  }
  draft.edit_holds().lift(origin, owner);
  if (for_all) draft.edit_holds().lift(origin);
}

void finish(Draft& draft, const base::JobId& id, Run& run) {
  account_time(draft, id);
  run.active = false;
  relent(draft, id);
  const core::Job& job = *draft.job(id);
  const bool all = !job.rare->on_demand_mode || job.files.transferred == job.files.total;
  BH_ASSERT(step(draft, id, all ? core::JobEvent::all_done : core::JobEvent::asked_is_here));
  complete_by_itself(draft, id);
}

void take_in_order(Draft& draft, const base::JobId& id, Run& run) {
  if (!run.active || !moves(draft, id)) return;
  for (Lane& lane : run.lanes) {
    if (lane.phase == LanePhase::closing) continue;
    if (lane.phase == LanePhase::failed) return fail(draft, id, run, lane);
    if (lane.phase != LanePhase::stored) break;
    file_is_here(draft, id, run, lane);
  }
  const core::FileCounters& files = draft.job(id)->files;
  if (files.transferred == files.total) finish(draft, id, run);
}

void give_up(Draft& draft, const base::JobId& id, Run& run, Lane& lane, core::ErrorInfo error) {
  lane.phase = LanePhase::failed;
  lane.error = std::move(error);
  stop_transfers(draft, lane);
  take_in_order(draft, id, run);
}

namespace {

core::ErrorInfo over_size(const Draft& draft, const base::JobId& id, std::uint32_t file) {
  return {Code::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED, base::ErrorContext::remote_file, file,
          "its files are larger than the " + core::size_text(draft.job(id)->rare->maximum_download_size) +
              " that the job may fetch",
          core::is_of_this_machine(*draft.file(id, file))};
}

}  // namespace

bool is_over_size(Draft& draft, const base::JobId& id, Run& run, Lane& lane) {
  const core::Job& job = *draft.job(id);
  if (!core::is_over_size(job)) return false;
  give_up(draft, id, run, lane, over_size(draft, id, lane.file));
  return true;
}

void end_over_size(Draft& draft, const base::JobId& id, Run& run, std::uint32_t file) {
  const core::Job& job = *draft.job(id);
  if (run.active && moves(draft, id) && core::is_over_size(job))
    fail(draft, id, run, core::JobEvent::failed_fatal, over_size(draft, id, file));
}

}  // namespace backhaul::engine
