// SPDX-License-Identifier: Apache-2.0
#include "engine/neighbourhood.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/cost.h"
#include "core/peer_cache.h"
#include "core/site_sources.h"

namespace backhaul::engine {
namespace {

const core::Policy& policy_of(const Draft& draft) { return *draft.conditions.policy; }

// Nothing is given away by a network that somebody pays for, or on battery; nor before anybody has said so.
bool may_serve(const Draft& draft) {
  const core::Surroundings& around = draft.conditions.world.around;
  return policy_of(draft).cache.enabled.value && draft.conditions.known &&
         core::cost::allows(core::cost::unrestricted, around.cost) && !around.on_battery;
}

const Lane* lane_for(const Draft& draft, const base::JobId& id, std::uint32_t file) {
  const Run* run = draft.runs.find(id);
  if (run == nullptr) return nullptr;
  for (const Lane& lane : run->lanes)
    if (lane.file == file && lane.phase != LanePhase::closing) return &lane;
  return nullptr;
}

// Its copy is not there yet, and may come to be.
bool is_being_copied(const Draft& draft, const base::JobId& id, std::uint32_t file) {
  const auto is_of_it = [&](const base::RecordId& record) {
    const CacheEntry* entry = draft.cache.find(record);
    return entry != nullptr && entry->making && entry->record.job == id && entry->record.file == file;
  };
  return std::ranges::any_of(draft.view().cache.of_job(id), is_of_it) ||
         std::ranges::any_of(draft.cache.touched(), is_of_it);
}

// It would be kept as it is; of its bytes only its end can tell.
bool is_to_be_kept(const Draft& draft, const core::Job& job, const core::File& file) {
  return core::may_be_cached(policy_of(draft).cache, job) &&
         core::may_become_cached(file, policy_of(draft).neighbours.query_origins.value);
}

// What neighbours are to know of this file. Whose copy nobody would get is nothing to wait for.
std::optional<core::Coming> coming(const Draft& draft, const base::JobId& id, std::uint32_t index) {
  // Its copy is on its way also when its job was completed meanwhile, and has left.
  if (const Approaches* all = draft.approaches.find(id); all != nullptr && is_being_copied(draft, id, index))
    if (const auto one = all->find(index); one != all->end() && one->second.told) return one->second.told;
  const core::Job* job = draft.job(id);
  const core::File* file = draft.file(id, index);
  if (job == nullptr || file == nullptr || !is_to_be_kept(draft, *job, *file)) return std::nullopt;
  core::Coming what{.sought = core::sought_of(*file), .offset = file->stored.total()};
  const Lane* lane = lane_for(draft, id, index);
  if (lane == nullptr || lane->phase == LanePhase::opening || lane->asks_identity) {
    // Between two transfers, or when it is here.
    const bool goes_on = file->state == core::FileState::waiting && draft.runs.find(id) != nullptr &&
                         draft.runs.find(id)->active;
    const Approaches* known = draft.approaches.find(id);
    const auto told = known == nullptr ? Approaches::const_iterator() : known->find(index);
    const bool was_told = known != nullptr && told != known->end() && told->second.told;
    if (!was_told) return std::nullopt;
    if (goes_on) return told->second.told;
    const bool copied = file->state == core::FileState::transferred && is_being_copied(draft, id, index);
    return copied ? std::optional(std::move(what)) : std::nullopt;
  }
  switch (lane->phase) {
    case LanePhase::searching:
    case LanePhase::waiting: what.offset.reset(); return what;
    case LanePhase::receiving:
    case LanePhase::syncing:
    case LanePhase::verifying:
    case LanePhase::stored:
      if (!lane->neighbour.empty() && core::source_of(lane->neighbour) == core::SiteSource::neighbours)
        return std::nullopt;
      return what;
    default: return std::nullopt;
  }
}

}  // namespace

void Neighbourhood::recovered(const core::Bans& stored, base::ServiceTime now) {
  edit_site(site_).bans = core::stored_bans(stored, now);
}

void Neighbourhood::on(Draft& draft, ports::NeighboursChanged& event) const {
  draft.keep_if_dropped(event);
  if (draft.site->own_key == event.own_key && draft.site->all == event.all) return;
  Site& site = edit_site(draft.site);
  site.own_key = event.own_key;
  site.all = event.all;
}

void Neighbourhood::on(Draft& draft, ports::CachesFound& event) const {
  draft.keep_if_dropped(event);
  if (!draft.site->looks_for_caches || draft.site->caches == event.all) return;
  const core::Policy& policy = policy_of(draft);
  const core::Cache before = core::cache_of(policy, draft.site->caches);
  const core::Cache now = core::cache_of(policy, event.all);
  Site& site = edit_site(draft.site);
  site.caches = event.all;
  if (now == before) return;
  // Whoever is in the network can announce this: it is no news yet, and ends no ban.
  draft.log(base::LogLevel::info, now.pattern.empty() ? "No cache of the site is found any more"
                                                      : "A cache of the site was found: " + core::known_as(now));
}

void Neighbourhood::look_for_caches(Draft& draft) const {
  const bool looks = core::looks_for_caches(policy_of(draft));
  if (draft.site->looks_for_caches == looks) return;
  Site& site = edit_site(draft.site);
  site.looks_for_caches = looks;
  site.caches.clear();
  draft.effect(effect::LookForCaches{looks});
}

// The first time when there is something to apply.
void Neighbourhood::apply(Draft& draft) const {
  const core::NeighbourRules& rules = policy_of(draft).neighbours;
  const bool serves = may_serve(draft);
  const Site& now = *draft.site;
  if (!now.applied && !rules.client.value && !policy_of(draft).cache.enabled.value) return;
  if (now.applied && now.serves == serves && now.rules == rules) return;
  Site& site = edit_site(draft.site);
  site.applied = true;
  site.rules = rules;
  site.serves = serves;
  draft.effect(effect::ApplyNeighbourRules{rules, serves});
}

void Neighbourhood::tell(Draft& draft, const base::JobId& id) const {
  std::set<std::uint32_t> files;
  if (const Approaches* known = draft.approaches.find(id))
    for (const auto& [file, approach] : *known) files.insert(file);
  if (const Run* run = draft.runs.find(id))
    for (const Lane& lane : run->lanes) files.insert(lane.file);
  for (const std::uint32_t file : files) {
    const Approaches* known = draft.approaches.find(id);
    const auto found = known == nullptr ? Approaches::const_iterator() : known->find(file);
    const Approach* before = known == nullptr || found == known->end() ? nullptr : &found->second;
    std::optional<core::Coming> now = coming(draft, id, file);
    if (now == (before == nullptr ? std::optional<core::Coming>() : before->told)) continue;
    Approach& approach = draft.approaches.make(id)[file];
    if (now) {
      if (!approach.told) approach.told_as = lane_for(draft, id, file)->transfer;
      draft.effect(effect::TellComing{approach.told_as, *now});
    } else {
      draft.effect(effect::TellCame{approach.told_as});
    }
    approach.told = std::move(now);
  }
  // What is here, or gone, is asked for no more.
  Approaches* left = draft.approaches.edit(id);
  if (left == nullptr) return;
  std::erase_if(*left, [&](const auto& one) {
    const core::File* file = draft.file(id, one.first);
    return !one.second.told && (file == nullptr || file->state != core::FileState::waiting);
  });
  if (left->empty()) draft.approaches.erase(id);
}

void Neighbourhood::settle(Draft& draft) const {
  apply(draft);
  look_for_caches(draft);
  if (!policy_of(draft).cache.enabled.value && !policy_of(draft).neighbours.client.value && approaches_.empty()) return;
  std::set<base::JobId> jobs = draft.touched();
  for (const base::JobId& id : draft.approaches.touched()) jobs.insert(id);
  for (const base::RecordId& id : draft.cache.touched()) {
    if (const CacheEntry* entry = draft.view().cache.find(id)) jobs.insert(entry->record.job);
  }
  if (draft.conditions.policy != draft.context().policy)
    for (const auto& [id, known] : approaches_) jobs.insert(id);
  for (const base::JobId& id : jobs) tell(draft, id);
}

void Neighbourhood::merged(Change& change) {
  site_ = change.draft.site;
  change.draft.approaches.merge([this](const base::JobId& id, std::optional<Approaches> known) {
    Overlay<Approaches>::put(approaches_, id, std::move(known));
  });
}

}  // namespace backhaul::engine
