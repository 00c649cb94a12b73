// SPDX-License-Identifier: Apache-2.0
#include "engine/scheduling.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/needed.h"
#include "core/schedule.h"
#include "core/turns.h"
#include "engine/job_steps.h"
#include "engine/next_file.h"
#include "engine/server_use.h"

namespace backhaul::engine {

using base::BootTime;

namespace {

// Some file of the run is on its way from a server that does not do ranges.
bool is_all_or_nothing(const Context& context, const base::JobId& id, const Run& run) {
  const Entry& entry = *context.table.find(id);
  return std::any_of(run.lanes.begin(), run.lanes.end(), [&](const Lane& lane) {
    return lane.phase == LanePhase::receiving &&
           entry.files[lane.file].remote_identity.resumable == core::Resumable::no;
  });
}

void take_turn(Draft& draft, const base::JobId& id) {
  if (!moves(draft, id)) return;
  draft.note(note::ToTheEnd{id});
  give_turn_back(draft, id);
}

void give_turn(Draft& draft, const base::JobId& id) {
  const Entry& entry = *draft.context().table.find(id);
  if (suspend_stray(draft, id)) return;
  if (const auto barred = draft.conditions.bar(draft.context(), entry.job, &entry))
    return bar(draft, id, *barred);
  BH_ASSERT(step(draft, id, core::JobEvent::turn_given));
  if (draft.job(id)->server_wish) draft.edit(id, Weight::soft).server_wish.reset();
  draft.note(note::OwnerServed{entry.job.owner_uid});
  Run& run = draft.runs.make(id);
  run.active = true;
  run.next_file = entry.first_waiting;
  run.slice_began = run.accounted = draft.now().boot;
}

// How much room there is at the servers that jobs are on their way to, those of this turn included.
class Servers {
 public:
  explicit Servers(const Draft& draft) : draft_(draft) {}

  // The server of its next file, if no job more may go there.
  std::optional<std::string> full(const base::JobId& id) {
    std::string server = next_server(id);
    if (server.empty() || core::has_room(of(server), draft_.conditions.policy->limits.connections_per_server.value))
      return std::nullopt;
    return server;
  }
  // A foreground job goes there.
  bool take(const base::JobId& id) {
    const std::string server = next_server(id);
    if (!server.empty()) ++of(server).foreground;
    return true;
  }

 private:
  std::string next_server(const base::JobId& id) const {
    const Entry& entry = *draft_.context().table.find(id);
    const core::AllowedOrigins& origins = draft_.conditions.origins();
    return server_of(next_to_fetch(entry.job, entry, origins), origins);
  }
  core::ServerUse& of(const std::string& server) {
    const auto [use, fresh] = known_.try_emplace(server);
    if (fresh) use->second = use_of(draft_, server);
    return use->second;
  }

  const Draft& draft_;
  std::map<std::string, core::ServerUse> known_;
};

// How many jobs more may go there now.
std::size_t room_at(const Draft& draft, const SeenServer& server) {
  if (draft.view().holds.until(server, draft.now().boot)) return 0;
  const std::uint32_t most = draft.conditions.policy->limits.connections_per_server.value;
  return most - std::min(use_of(draft, server.origin).foreground, most);
}

}  // namespace

void Scheduling::schedule(Draft& draft) const {
  const View& view = draft.view();
  const Context& context = draft.context();
  if (draft.conditions.rest(draft.now().boot)) return;
  Servers servers(draft);
  const auto eligible = [&](const base::JobId& id) {
    if (view.runs.find(id) != nullptr || draft.jobs().contains(id)) return false;
    if (view.questions.of(id) != nullptr) {
      draft.note(note::SetAside{id});
    } else if (auto server = draft.holds().holder(context, draft.conditions.origins(), id)) {
      draft.note(note::SetAside{id, *std::move(server)});
    } else if (draft.holds().until(context, draft.conditions.origins(), id)) {
      return false;
    } else if (auto full = servers.full(id)) {
      draft.note(note::SetAside{id, {*std::move(full)}});
    } else {
      return true;
    }
    return false;
  };
  std::uint32_t foreground = 0;
  std::uint32_t unsynced = 0;
  std::vector<Holder> background;
  for (const auto& [id, committed] : view.runs.all()) {
    const Run* run = draft.runs.find(id);  // whoever gave the turn back in this turn has none
    if (run == nullptr || !run->active) continue;
    const base::Priority priority = core::served_as(context.table.find(id)->job);
    if (core::is_background(priority))
      background.push_back({id, priority, run});
    else if (run->link_is_free(context.table.find(id)->files.size()) || run->is_stuck(draft.now().boot))
      ++unsynced;
    else
      ++foreground;
  }
  std::uint32_t room = core::room_beside(draft.conditions.policy->limits.foreground_jobs.value, foreground, unsynced);
  std::optional<core::Spread>& spread = draft.conditions.spread;
  if (spread && spread->is_over(draft.now().boot)) spread.reset();
  if (spread) room = std::min(room, spread->room(draft.now().boot));
  const auto begins = [&](const base::JobId& id) { return eligible(id) && servers.take(id); };
  for (const base::JobId& id : agenda_.first(base::Priority::foreground, room, begins)) {
    give_turn(draft, id);
    if (spread) spread->began(draft.now().boot, context.random.draw());
  }
  std::erase_if(background, [&](const Holder& holder) {
    if (!servers.full(holder.job)) return false;
    take_turn(draft, holder.job);
    return true;
  });
  schedule_background(draft, background, eligible);
}

void Scheduling::schedule_background(Draft& draft, std::vector<Holder>& holders,
                                     const Agenda::Eligible& eligible) const {
  const Context& context = draft.context();
  // Jobs whose bytes all arrived, or whose parts cannot be opened, keep the turn but not the link; a change
  // of priority can leave more than one on the link: the best stays.
  constexpr std::size_t waiting_most = 8;  // each of them has parts open, and asks ten neighbours a second
  std::size_t waiting = 0;
  std::erase_if(holders, [&](const Holder& holder) {
    if (holder.run->waits_for_neighbours()) return ++waiting <= waiting_most;
    return holder.run->link_is_free(context.table.find(holder.job)->files.size()) ||
           holder.run->is_stuck(draft.now().boot);
  });
  std::ranges::sort(holders, {}, [](const Holder& holder) {
    return std::pair(holder.priority, holder.run->slice_began);
  });
  while (holders.size() > 1) {
    take_turn(draft, holders.back().job);
    holders.pop_back();
  }
  const auto candidate = agenda_.first_background(eligible);
  std::optional<core::TurnHolder> holder;
  if (!holders.empty()) {
    holder = core::TurnHolder{.priority = holders[0].priority,
                              .slice_began = holders[0].run->slice_began};
    // A file that cannot be continued would be fetched for nothing: the slice lasts until it is
    // here. A higher priority does not wait.
    if (is_all_or_nothing(context, holders[0].job, *holders[0].run))
      holder->slice_began = draft.now().boot;
  }
  switch (core::decide_turn(holder, candidate ? std::optional(candidate->first) : std::nullopt,
                            draft.now().boot, draft.conditions.policy->limits.slice.value)) {
    case core::TurnDecision::keep: return;
    case core::TurnDecision::preempt:
      take_turn(draft, holders[0].job);
      give_turn(draft, candidate->second);
      return;
    case core::TurnDecision::give: give_turn(draft, candidate->second); return;
  }
}

void Scheduling::merged(Change& change) {
  const Context& context = change.context();
  change.take_notes([this](const note::ToTheEnd& note) { agenda_.to_the_end(note.job); });
  change.take_notes([this](const note::OwnerServed& note) { agenda_.served(note.owner); });
  change.take_notes([&](const note::SetAside& note) {
    if (context.table.in_queue(note.job))
      agenda_.set_aside(context.table.find(note.job)->job, note.server);
  });
  for (const RowChange& row : change.rows) {
    agenda_.update(row.before ? &*row.before : nullptr, row.after);
    change.again |= !row.before || !row.after || row.before->state != row.after->state ||
                    core::served_as(*row.before) != core::served_as(*row.after);
  }
  change.take_notes([this](const note::QuestionEnds& note) { agenda_.take_back(note.job); });
  // Holds and runs are as they are now: fetching has heard before.
  // Other rules may send a job to another server than the one that it waits for.
  change.again |= agenda_.take_back_from([&](const SeenServer& server) {
    return change.other_rules ? std::numeric_limits<std::size_t>::max() : room_at(change.draft, server);
  });
}

BootTime Scheduling::next(const Context& context, const Runs& runs) const {
  BootTime next = base::never;
  for (const auto& [id, run] : runs.all()) {
    if (run.patience_ends() > context.now().boot) next = std::min(next, run.patience_ends());
    const base::Priority priority = core::served_as(context.table.find(id)->job);
    if (!run.active || !core::is_background(priority)) continue;
    // Once it is over, whatever keeps the next job from starting ends with an event.
    const BootTime slice_ends = run.slice_began + context.policy->limits.slice.value;
    if (agenda_.queued(priority) > 0 && slice_ends > context.now().boot)
      next = std::min(next, slice_ends);
  }
  return next;
}

}  // namespace backhaul::engine
