// SPDX-License-Identifier: Apache-2.0
#include "engine/asking.h"

#include <algorithm>
#include <utility>

#include "core/http.h"
#include "core/judge.h"
#include "core/needed.h"
#include "core/schedule.h"
#include "engine/fetching.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/random_access.h"
#include "engine/server_use.h"
#include "engine/site_asking.h"

namespace backhaul::engine {
namespace {

const core::NeighbourRules& neighbour_rules(const Draft& draft) { return draft.conditions.policy->neighbours; }

bool is_out(const Draft& draft, const base::JobId& id, const Approach* approach, const std::string& key) {
  return core::banned_until(draft.site->bans, key, draft.job(id)->owner_uid, draft.now().service) ||
         (approach != nullptr && approach->failed.contains(key));
}

std::vector<core::Neighbour> whom(const Draft& draft, const base::JobId& id, Approach& approach) {
  return core::whom_to_ask(
      draft.site->all, [&](const std::string& key) { return is_out(draft, id, &approach, key); }, approach.wait,
      [&] { return draft.context().random.draw(); });
}

// It is not worth a wait to whom nobody would wait for.
std::string own_rank(const Draft& draft, const base::JobId& id, const ports::NeighboursAnswered& event) {
  const bool keeps = core::may_be_cached(draft.conditions.policy->cache, *draft.job(id)) && draft.site->serves;
  return keeps ? event.own_rank : std::string();
}

bool makes_wait(const Lane& lane) { return lane.phase == LanePhase::searching || lane.phase == LanePhase::waiting; }

// It decides anew, with the next look at open lanes.
void decide_anew(Draft& draft, Lane& lane) {
  stop_asking(draft, lane);
  lane.phase = LanePhase::opening;
  lane.sign_of_life = draft.now().boot;
}

}  // namespace

const Approach* find_approach(const Draft& draft, const base::JobId& id, std::uint32_t file) {
  const Approaches* all = draft.approaches.find(id);
  if (all == nullptr) return nullptr;
  const auto found = all->find(file);
  return found == all->end() ? nullptr : &found->second;
}

Approach& edit_approach(Draft& draft, const base::JobId& id, std::uint32_t file) {
  return draft.approaches.make(id)[file];
}

bool knows_neighbours(const Draft& draft, const base::JobId& id, const Approach* approach) {
  return std::ranges::any_of(draft.site->all,
                             [&](const core::Neighbour& one) { return !is_out(draft, id, approach, one.key); });
}

NextWay way_of(const Draft& draft, const base::JobId& id, const Run& run, const Lane& lane) {
  if (next_duplicate(draft, id, lane.file)) return {Way::site, core::SiteSource::duplicate};
  const Approach* approach = find_approach(draft, id, lane.file);
  if (approach != nullptr && approach->settled == run.slice_began) return {};
  const bool identified = approach != nullptr && approach->identified == run.slice_began;
  const auto source = next_of_site(draft, id, lane.file, identified);
  if (!source) return {};
  if (!identified) return {Way::identity, *source};
  if (*source == core::SiteSource::neighbours) return {approach->offers.empty() ? Way::search : Way::neighbour, *source};
  return {*source == core::SiteSource::swarm && lane.place.socket.empty() ? Way::join : Way::site, *source};
}

std::string server_of(const Draft& draft, const base::JobId& id, const Lane& lane, const NextWay& next) {
  if (next.way == Way::neighbour) return core::url_origin(find_approach(draft, id, lane.file)->offers.front().address);
  if (next.way == Way::join || next.way == Way::site) return server_of_site(draft, id, lane, next.source);
  return server_of(draft.file(id, lane.file), draft.conditions.origins());
}

void search(Draft& draft, const base::JobId& id, Lane& lane) {
  lane.phase = LanePhase::searching;
  draft.effect(effect::SearchNeighbours{.transfer = lane.transfer,
                                        .sought = core::sought_of(*draft.file(id, lane.file)),
                                        .whom = whom(draft, id, edit_approach(draft, id, lane.file))});
}

std::vector<core::NeighbourAnswer> offers_of(const Draft& draft, const base::JobId& id, std::uint32_t file) {
  const Approach* approach = find_approach(draft, id, file);
  return approach == nullptr ? std::vector<core::NeighbourAnswer>() : approach->offers;
}

void forget_offer(Draft& draft, const base::JobId& id, std::uint32_t file, const std::string& key) {
  std::erase_if(edit_approach(draft, id, file).offers, [&](const core::NeighbourAnswer& one) { return one.key == key; });
}

core::Source neighbour_source(const Draft& draft, const core::NeighbourAnswer& offer) {
  const core::NeighbourRules& rules = neighbour_rules(draft);
  return {.kind = core::SourceKind::peer,
          .address = offer.address,
          .home = {},
          .entrusted = false,
          .neighbour = offer.key,
          .authority = rules.trust.value == core::NeighbourTrust::ca ? rules.authority.value : std::string()};
}

void take_identity(Draft& draft, const base::JobId& id, const Run& run, const Lane& lane,
                   const ports::HeadReceived& head) {
  const core::RemoteIdentity& told = head.identity;
  const core::File& file = *draft.file(id, lane.file);
  if (!file.stored.empty() && core::relate(file.remote_identity, told, false) != core::Relation::same)
    return settle_for_origin(draft, id, run, lane.file);  // it says what becomes of what is held
  if (file.stored.empty() && file.remote_identity != told)
    draft.edit_file(id, lane.file, Weight::soft, [&](core::File& row) {
      row.remote_identity = told;
      told_here(row);
    });
  Approach& approach = edit_approach(draft, id, lane.file);
  approach.identified = run.slice_began;
  approach.offers.clear();  // of another slice, and perhaps of another address or version
  approach.wait.asked.clear();
  approach.passed.clear();
  approach.caches_failed.clear();
  approach.torrent = head.torrent;
}

void settle_for_origin(Draft& draft, const base::JobId& id, const Run& run, std::uint32_t file) {
  Approach& approach = edit_approach(draft, id, file);
  approach.settled = run.slice_began;
  approach.offers.clear();
  approach.wait = {};
}

void on_answers(Draft& draft, ports::NeighboursAnswered& event) {
  const auto id = draft.view().runs.job_of(event.transfer);
  Run* run = id ? draft.runs.edit(*id) : nullptr;
  Lane* lane = run == nullptr ? nullptr : run->lane_of(event.transfer);
  if (lane == nullptr || lane->phase != LanePhase::searching || lane->joined) return;
  Approach& approach = edit_approach(draft, *id, lane->file);
  std::erase_if(event.answers, [&](const core::NeighbourAnswer& one) { return is_out(draft, *id, &approach, one.key); });
  core::NextSource next =
      core::next_source(event.answers, own_rank(draft, *id, event), approach.wait, draft.now().boot,
                        neighbour_rules(draft).pending_wait.value, draft.file(*id, lane->file)->size(),
                        [&] { return draft.context().random.draw(); },
                        draft.site->rates.of(core::url_origin(draft.file(*id, lane->file)->remote)));
  lane->sign_of_life = draft.now().boot;
  switch (next.kind) {
    case core::NextSource::Kind::origin: pass(draft, *id, lane->file, core::SiteSource::neighbours); break;
    case core::NextSource::Kind::search: break;
    case core::NextSource::Kind::neighbour:
      approach.offers = std::move(next.offers);
      approach.wait = {};
      break;
    case core::NextSource::Kind::wait:
      lane->phase = LanePhase::waiting;
      lane->neighbour = approach.wait.key;
      lane->ask_again = draft.now().boot + core::ask_again_after(draft.site->all.size());
      return;
  }
  lane->phase = LanePhase::opening;
  lane->neighbour.clear();
}

void neighbour_failed(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const base::Error& error) {
  if (core::source_of(lane.neighbour) != core::SiteSource::neighbours) return site_failed(draft, id, run, lane, error);
  draft.log(base::LogLevel::info,
            "file " + std::to_string(lane.file) + ": no more of it from neighbour " + draft.site->name_of(lane.neighbour) +
                " (" + lane.neighbour + "): " + base::symbol(error.code) + " " + error.text,
            id);
  Approach& approach = edit_approach(draft, id, lane.file);
  forget_offer(draft, id, lane.file, lane.neighbour);
  // Whoever asks in step with others finds the last place taken: it is asked once more, and then waited for.
  const bool once_more = error.code == base::http_code(503) && approach.refused.insert(lane.neighbour).second;
  if (!once_more) approach.failed.insert(lane.neighbour);
  if (!once_more && (approach.offers.empty() || approach.failed.size() >= neighbours_that_may_fail))
    pass(draft, id, lane.file, core::SiteSource::neighbours);
  leave_file(draft, run, lane);
}

bool give_up_unproven(Draft& draft, const base::JobId& id, std::uint32_t index) {
  const core::File& file = *draft.file(id, index);
  if (!core::is_unproven(neighbour_rules(draft), file)) return false;
  draft.log(base::LogLevel::notice,
            "file " + std::to_string(index) + ": nothing proves what others sent of it; it is fetched from its server",
            id);
  fetch_anew(draft, id, index);
  draft.edit_file(id, index, Weight::hard, core::distrust_neighbours);
  return true;
}

void change_sources(Draft& draft, const base::JobId& id, bool others_are_trusted) {
  if (Approaches* known = draft.approaches.edit(id))
    for (auto& [file, approach] : *known) {
      approach.identified = approach.settled = {};
      approach.offers.clear();
      approach.wait = {};
      approach.passed.clear();
      approach.caches_failed.clear();
    }
  Run* run = draft.runs.edit(id);
  if (run == nullptr || !run->active || !moves(draft, id)) return;
  for (Lane& lane : run->lanes) {
    if (makes_wait(lane)) decide_anew(draft, lane);
    if (lane.phase != LanePhase::receiving || lane.asked_only) continue;
    // What its server could not go on with is not given up for an offer that nobody has made yet; whoever else sends may
    // be trusted no more.
    const bool ends = lane.neighbour.empty()
                          ? draft.file(id, lane.file)->remote_identity.resumable != core::Resumable::no &&
                                next_of_site(draft, id, lane.file, false).has_value()
                          : others_are_trusted || !may_go_on(draft, id, lane);
    if (ends) leave_file(draft, *run, lane);
  }
}

void change_sources(Draft& draft, const core::Policy& former) {
  const core::NeighbourRules& before = former.neighbours;
  const core::NeighbourRules& now = neighbour_rules(draft);
  const bool other_site = former.site != draft.conditions.policy->site;
  if (other_site) forget_faults(draft);
  const bool others = before.trust.value != now.trust.value || before.fixed.value != now.fixed.value ||
                      before.authority.value != now.authority.value;
  if (!others && !other_site && before.client == now.client && before.content_trust == now.content_trust &&
      before.query_origins == now.query_origins)
    return;
  std::vector<base::JobId> running;
  draft.each_run([&](const base::JobId& id, const Run&) { running.push_back(id); });
  for (const base::JobId& id : running) change_sources(draft, id, others || other_site);
}

void look_at_waiting(Draft& draft) {
  const base::BootTime now = draft.now().boot;
  std::vector<base::JobId> due;
  draft.each_run([&](const base::JobId& id, const Run& run) {
    if (!run.active || std::ranges::none_of(run.lanes, makes_wait)) return;
    const core::Job* job = draft.job(id);
    const bool waits_no_more = job != nullptr && !core::is_background(core::served_as(*job));
    if (waits_no_more || std::ranges::any_of(run.lanes, [&](const Lane& lane) {
          return lane.phase == LanePhase::waiting && lane.ask_again <= now;
        }))
      due.push_back(id);
  });
  for (const base::JobId& id : due) {
    if (!moves(draft, id)) continue;
    const bool waits_no_more = !core::is_background(core::served_as(*draft.job(id)));
    for (Lane& lane : draft.runs.edit(id)->lanes)
      if (makes_wait(lane) && (waits_no_more || (lane.phase == LanePhase::waiting && lane.ask_again <= now)))
        decide_anew(draft, lane);
  }
}

base::BootTime next_asking(const Runs& runs) {
  base::BootTime next = base::never;
  for (const auto& [id, run] : runs.all())
    for (const Lane& lane : run.lanes)
      if (lane.phase == LanePhase::waiting) next = std::min(next, lane.ask_again);
  return next;
}

}  // namespace backhaul::engine
