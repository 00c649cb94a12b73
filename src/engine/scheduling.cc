// SPDX-License-Identifier: Apache-2.0
#include "engine/scheduling.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/fair_share.h"
#include "core/needed.h"
#include "core/schedule.h"
#include "engine/job_steps.h"
#include "engine/server_use.h"

namespace backhaul::engine {

using base::BootTime;

namespace {

void take_turn(Draft& draft, const base::JobId& id) {
  if (!moves(draft, id)) return;
  draft.note(note::ToTheEnd{id});
  give_turn_back(draft, id);
}

// False: it may not have it.
bool give_turn(Draft& draft, const base::JobId& id) {
  const Entry& entry = *draft.context().table.find(id);
  if (suspend_stray(draft, id)) return false;
  if (const auto barred = draft.conditions.bar(draft.context(), entry.job, &entry)) {
    bar(draft, id, *barred);
    return false;
  }
  BH_ASSERT(step(draft, id, core::JobEvent::turn_given));
  if (draft.job(id)->server_wish) draft.edit(id, Weight::soft).server_wish.reset();
  draft.note(note::OwnerServed{entry.job.owner_uid});
  Run& run = draft.runs.make(id);
  run.active = true;
  run.next_file = entry.first_waiting;
  run.slice_began = run.accounted = draft.now().boot;
  return true;
}

// Where those that wait for it may go.
core::SharedLimit places_behind(const Draft& draft, const SeenServer& server) {
  if (draft.view().holds.until(server, draft.now().boot)) return core::SharedLimit(0);
  return places_at(draft, server.origin);
}

}  // namespace

void Scheduling::schedule(Draft& draft) const {
  const View& view = draft.view();
  const Context& context = draft.context();
  if (draft.conditions.rest(draft.now().boot)) return;
  Foreground foreground(draft, agenda_);
  std::vector<Holder> background;
  for (const auto& [id, committed] : view.runs.all()) {
    const Run* run = draft.runs.find(id);  // whoever gave the turn back in this turn has none
    if (run == nullptr || !run->active) continue;
    const base::Priority priority = core::served_as(context.table.find(id)->job);
    if (core::is_background(priority))
      background.push_back({id, priority, run});
    else
      foreground.add(id, *run);
  }
  const auto eligible = [&](const base::JobId& id) {
    if (view.runs.find(id) != nullptr || draft.jobs().contains(id)) return false;
    if (view.questions.of(id) != nullptr) {
      draft.note(note::SetAside{id});
    } else if (auto server = draft.holds().holder(context, draft.conditions.origins(), id)) {
      draft.note(note::SetAside{id, *std::move(server)});
    } else if (draft.holds().until(context, draft.conditions.origins(), id)) {
      return false;
    } else if (auto full = foreground.full(id)) {
      draft.note(note::SetAside{id, {*std::move(full)}});
    } else {
      return true;
    }
    return false;
  };
  schedule_foreground(draft, foreground, eligible);
  std::erase_if(background, [&](const Holder& holder) {
    if (!foreground.full(holder.job)) return false;
    take_turn(draft, holder.job);
    return true;
  });
  schedule_background(draft, background, eligible);
}

// As many as there is room for, and those for whom others make way by the shares of their owners.
void Scheduling::schedule_foreground(Draft& draft, Foreground& foreground, const Agenda::Eligible& eligible) const {
  const base::BootTime now = draft.now().boot;
  std::optional<core::Spread>& spread = draft.conditions.spread;
  if (spread && spread->is_over(now)) spread.reset();
  std::size_t most = std::numeric_limits<std::size_t>::max();
  if (spread) most = spread->room(now);
  std::map<base::JobId, std::vector<base::JobId>> ended;  // for whom
  const auto begins = [&](const base::JobId& id) {
    if (!eligible(id)) return false;
    ended[id] = foreground.take(id);
    return true;
  };
  const auto turns = [&](std::uint32_t owner) { return foreground.turns_of(owner); };
  std::vector<base::JobId> begin = agenda_.first(base::Priority::foreground, most, begins, turns);
  if (draft.context().table.owners().counts().size() > 1) {
    // When they were set aside somebody else's turn could not end for them.
    const auto places = [&](const SeenServer& server, std::uint32_t owner) -> std::optional<std::size_t> {
      if (draft.holds().find(server.origin, owner, now) != nullptr) return std::nullopt;
      return foreground.places_of(owner, server.origin);
    };
    for (const base::JobId& id : agenda_.first_aside(base::Priority::foreground, most - begin.size(), begins, places))
      begin.push_back(id);
  }
  for (const base::JobId& id : begin) {
    if (give_turn(draft, id))
      for (const base::JobId& other : ended[id]) take_turn(draft, other);
    if (spread) spread->began(now, draft.context().random.draw());
  }
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
    if (is_all_or_nothing(*context.table.find(holders[0].job), *holders[0].run))
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
    // Whoever is in line and was touched by this turn got none in it, whatever touched it.
    change.again |= !row.before || !row.after || row.before->state != row.after->state ||
                    core::served_as(*row.before) != core::served_as(*row.after) ||
                    row.after->state == base::JobState::queued;
  }
  change.take_notes([this](const note::QuestionEnds& note) { agenda_.take_back(note.job); });
  // Holds and runs are as they are now: fetching has heard before.
  // Other rules may send a job to another server than the one that it waits for.
  change.again |= agenda_.take_back_from([&](const SeenServer& server) {
    return change.other_rules ? core::SharedLimit(std::numeric_limits<std::uint32_t>::max())
                              : places_behind(change.draft, server);
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
