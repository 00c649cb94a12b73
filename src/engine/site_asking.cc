// SPDX-License-Identifier: Apache-2.0
#include "engine/site_asking.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/duplicates.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/shown_url.h"
#include "engine/asking.h"
#include "engine/random_access.h"
#include "engine/server_use.h"

namespace backhaul::engine {
namespace {

using core::NotAsked;
using core::SiteSource;

const core::Policy& laid_down(const Draft& draft) { return *draft.conditions.policy; }

// One that is not left alone as far as this file goes, where there is one.
core::Cache cache_for(const Draft& draft, const core::File& file) {
  const Approach* approach = find_approach(draft, file.job, file.index);
  return core::cache_of(laid_down(draft), draft.site->caches, [&](const core::Cache& one) {
    return (approach != nullptr && approach->caches_failed.contains(core::known_as(one))) ||
           core::why_not_now(SiteSource::cache_host, one, draft.site->memory, file, draft.job(file.job)->owner_uid,
                             draft.now().boot) != NotAsked::none;
  });
}

// The one that a transfer came from. After a restart nobody knows any more.
core::Cache cache_asked(const Draft& draft, const core::File& file) {
  const Approach* approach = find_approach(draft, file.job, file.index);
  return approach == nullptr || approach->cache == core::Cache() ? cache_for(draft, file) : approach->cache;
}

// The server of a duplicate, as core::why_not_now has it.
core::Cache server_at(const std::string& duplicate) { return {.pattern = core::url_origin(duplicate), .place = {}}; }

// Which of these sources it was, where there may be several.
core::Cache asked_of(const Draft& draft, SiteSource source, const core::File& file) {
  if (source != SiteSource::duplicate) return cache_asked(draft, file);
  const Approach* approach = find_approach(draft, file.job, file.index);
  return server_at(approach == nullptr ? std::string() : approach->duplicate);
}

void remember(Draft& draft, SiteSource source, core::SourceFault fault, const core::File& file,
              std::optional<std::uint32_t> owner = {}) {
  core::SiteMemory memory = draft.site->memory;
  core::remember(memory, source, asked_of(draft, source, file), fault, file, draft.now().boot, owner);
  if (memory == draft.site->memory) return;
  edit_site(draft.site).memory = std::move(memory);
}

// What else a liar sends just now is not waited for.
void leave_source(Draft& draft, SiteSource source, const core::Cache& which, std::optional<std::uint32_t> owner) {
  const bool is_one_of_several = source == SiteSource::cache_host || source == SiteSource::duplicate;
  const auto comes_from_it = [&](const base::JobId& id, const Lane& lane) {
    if (owner && draft.job(id)->owner_uid != *owner) return false;
    return lane.phase == LanePhase::receiving && lane.neighbour == core::giver_of(source) &&
           (!is_one_of_several || asked_of(draft, source, *draft.file(id, lane.file)) == which);
  };
  std::vector<base::JobId> served;
  draft.each_run([&](const base::JobId& id, const Run& run) {
    if (std::ranges::any_of(run.lanes, [&](const Lane& lane) { return comes_from_it(id, lane); })) served.push_back(id);
  });
  for (const base::JobId& id : served) {
    Run& run = *draft.runs.edit(id);
    for (Lane& lane : run.lanes)
      if (comes_from_it(id, lane)) leave_file(draft, run, lane);
  }
}

}  // namespace

NotAsked why_not_of_site(const Draft& draft, const base::JobId& id, std::uint32_t index, SiteSource source,
                         bool identified) {
  const core::File& file = *draft.file(id, index);
  NotAsked why = core::why_not_asked(source, laid_down(draft), draft.site->caches, *draft.job(id), file);
  if (why != NotAsked::none) return why;
  const core::Cache cache = source == SiteSource::cache_host ? cache_for(draft, file) : core::Cache();
  why = core::why_not_now(source, cache, draft.site->memory, file, draft.job(id)->owner_uid, draft.now().boot);
  if (why != NotAsked::none) return why;
  const Approach* approach = find_approach(draft, id, index);
  if (source == SiteSource::neighbours && !knows_neighbours(draft, id, approach)) return NotAsked::nobody;
  if (approach != nullptr && approach->lied.contains(source)) return NotAsked::origin_only;
  if (!identified) return NotAsked::none;
  if (approach != nullptr && approach->passed.contains(source)) return NotAsked::passed;
  return core::why_not_taken(source, laid_down(draft), file, approach == nullptr ? std::string() : approach->torrent);
}

std::optional<std::string> next_duplicate(const Draft& draft, const base::JobId& id, std::uint32_t index) {
  const Approach* approach = find_approach(draft, id, index);
  if (approach == nullptr || !approach->duplicates_failed) return std::nullopt;
  // Of one round, whatever else its origin names meanwhile.
  if (approach->duplicates_failed->size() >= core::duplicates_max) return std::nullopt;
  if (why_not_of_site(draft, id, index, SiteSource::duplicate, false) != NotAsked::none) return std::nullopt;
  const core::File& file = *draft.file(id, index);
  const std::uint32_t owner = draft.job(id)->owner_uid;
  return core::first_duplicate(file, [&](const std::string& one) {
    return !approach->duplicates_failed->contains(one) && !core::refusal(draft.conditions.origins(), one) &&
           core::why_not_now(SiteSource::duplicate, server_at(one), draft.site->memory, file, owner, draft.now().boot) ==
               NotAsked::none &&
           draft.holds().find(core::url_origin(one), owner, draft.now().boot) == nullptr;
  });
}

std::optional<SiteSource> next_of_site(const Draft& draft, const base::JobId& id, std::uint32_t file, bool identified) {
  for (const SiteSource source : core::site_sources)
    if (why_not_of_site(draft, id, file, source, identified) == NotAsked::none) return source;
  return std::nullopt;
}

std::string server_of_site(const Draft& draft, const base::JobId& id, const Lane& lane, SiteSource source) {
  const core::File& file = *draft.file(id, lane.file);
  if (source == SiteSource::swarm) return {};
  if (source == SiteSource::duplicate) return core::url_origin(next_duplicate(draft, id, lane.file).value_or(""));
  if (source == SiteSource::cache_host)
    return core::url_origin(core::cache_address(cache_for(draft, file).pattern, file.remote));
  return server_of(&file, draft.conditions.origins());
}

core::Source site_source(Draft& draft, const base::JobId& id, Lane& lane, SiteSource which) {
  const core::File& file = *draft.file(id, lane.file);
  const core::Policy& policy = laid_down(draft);
  core::Source source{.kind = core::SourceKind::cache_host,
                      .address = std::string(file.remote),
                      .home = {},
                      .entrusted = false,
                      .patience = core::first_byte_within(which, policy.site, *draft.job(id))};
  switch (which) {
    case SiteSource::swarm:
      source.kind = core::SourceKind::swarm;
      source.socket = lane.place.socket;
      source.address = "http://localhost" + lane.place.path;
      break;
    case SiteSource::proxy:
      source.kind = core::SourceKind::site_proxy;
      source.proxy = policy.site.proxy.value;
      break;
    case SiteSource::duplicate:
      source.kind = core::SourceKind::duplicate;
      source.address = next_duplicate(draft, id, lane.file).value_or("");
      source.patience = {};
      edit_approach(draft, id, lane.file).duplicate = source.address;
      break;
    case SiteSource::cache_host:
    case SiteSource::neighbours:
      core::Cache cache = cache_for(draft, file);
      edit_approach(draft, id, lane.file).cache = cache;
      source.address = core::cache_address(cache.pattern, file.remote);
      source.place = std::move(cache.place);
      if (policy.neighbours.trust.value == core::NeighbourTrust::ca)
        source.authority = policy.neighbours.authority.value;
      break;
  }
  lane.neighbour = core::giver_of(which);
  return source;
}

bool may_go_on(const Draft& draft, const base::JobId& id, const Lane& lane) {
  if (core::source_of(lane.neighbour) == SiteSource::duplicate) return next_duplicate(draft, id, lane.file).has_value();
  return why_not_of_site(draft, id, lane.file, core::source_of(lane.neighbour), false) == NotAsked::none;
}

void join_swarm(Draft& draft, const base::JobId& id, Lane& lane) {
  const core::File& file = *draft.file(id, lane.file);
  lane.phase = LanePhase::searching;
  lane.neighbour.clear();
  lane.joined = true;
  const std::string& told = find_approach(draft, id, lane.file)->torrent;
  draft.effect(effect::JoinSwarm{.transfer = lane.transfer,
                                 .what = {.torrent = core::torrent_of(file, told),
                                          .url = std::string(core::address(file, draft.conditions.origins())),
                                          .size = file.remote_identity.size}});
}

void on_swarm(Draft& draft, ports::SwarmAnswered& event) {
  const auto id = draft.view().runs.job_of(event.transfer);
  Run* run = id ? draft.runs.edit(*id) : nullptr;
  Lane* lane = run == nullptr ? nullptr : run->lane_of(event.transfer);
  if (lane == nullptr || lane->phase != LanePhase::searching || !lane->joined) return;
  if (event.place && event.place->socket.starts_with('/') && event.place->path.starts_with('/')) {
    lane->place = *std::move(event.place);
  } else {
    draft.log(base::LogLevel::info,
              "file " + std::to_string(lane->file) + ": nothing of it from the swarm" +
                  (event.place ? std::string() : ": " + event.place.error().text),
              *id);
    stop_asking(draft, *lane);
    pass(draft, *id, lane->file, SiteSource::swarm);
  }
  lane->phase = LanePhase::opening;
  lane->sign_of_life = draft.now().boot;
}

void stop_asking(Draft& draft, Lane& lane) {
  if (lane.joined)
    draft.effect(effect::LeaveSwarm{lane.transfer});
  else if (lane.phase == LanePhase::searching)
    draft.effect(effect::GiveUpSearch{lane.transfer});
  lane.joined = false;
  lane.place = {};
}

void pass(Draft& draft, const base::JobId& id, std::uint32_t file, SiteSource source) {
  Approach& approach = edit_approach(draft, id, file);
  approach.passed.insert(source);
  if (source != SiteSource::neighbours) return;
  approach.offers.clear();
  approach.wait = {};
}

namespace {

// Whoever announces a place where nothing answers costs each file no more than so many attempts.
bool has_another_cache(const Draft& draft, const core::File& file) {
  const std::set<std::string>& failed = find_approach(draft, file.job, file.index)->caches_failed;
  return failed.size() < caches_that_may_fail && !failed.contains(core::known_as(cache_for(draft, file)));
}

}  // namespace

bool turn_to_duplicates(Draft& draft, const base::JobId& id, Run& run, Lane& lane) {
  // It gave the file, and not what its owner expects: others would give the same.
  const bool gave = lane.error->code == base::Code::BG_E_VALIDATION_FAILED;
  if (gave || !draft.file(id, lane.file)->rare->duplicates) return false;
  Approach& approach = edit_approach(draft, id, lane.file);
  if (!approach.duplicates_failed) approach.duplicates_failed.emplace();
  const auto next = next_duplicate(draft, id, lane.file);
  if (!next) return false;
  draft.log(base::LogLevel::notice,
            "file " + std::to_string(lane.file) + ": " + base::symbol(lane.error->code) + " " + lane.error->text +
                "; the next is a duplicate that its server names: " + core::shown_url(*next),
            id);
  leave_file(draft, run, lane);
  return true;
}

void turn_from_duplicates(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const Approach* approach = find_approach(draft, id, file);
  if (approach != nullptr && approach->duplicates_failed) edit_approach(draft, id, file).duplicates_failed.reset();
}

void site_failed(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const base::Error& error) {
  const SiteSource source = core::source_of(lane.neighbour);
  core::SourceFault fault = core::fault_of(source, error);
  // Where the network of this machine is gone nobody could have answered.
  if (fault == core::SourceFault::source && !draft.conditions.world.network_up) fault = core::SourceFault::file;
  std::string text = "file " + std::to_string(lane.file) + ": no more of it from " +
                     std::string(core::name_of(source)) + ": " + base::symbol(error.code) + " " + error.text;
  if (fault == core::SourceFault::source) text += "; it is left alone for a quarter of an hour";
  draft.log(base::LogLevel::info, std::move(text), id);
  const core::File& file = *draft.file(id, lane.file);
  bool goes_on = source == SiteSource::duplicate;
  std::optional<std::uint32_t> owner;
  if (goes_on) {
    // Which server that is says the origin of this job, and by which way it is asked its owner: his jobs leave it alone.
    owner = draft.job(id)->owner_uid;
    Approach& approach = edit_approach(draft, id, lane.file);
    if (approach.duplicates_failed) approach.duplicates_failed->insert(approach.duplicate);
  }
  remember(draft, source, fault, file, owner);
  if (source == SiteSource::cache_host && fault != core::SourceFault::file) {
    edit_approach(draft, id, lane.file).caches_failed.insert(core::known_as(cache_asked(draft, file)));
    goes_on = has_another_cache(draft, file);
  }
  if (!goes_on) pass(draft, id, lane.file, source);
  leave_file(draft, run, lane);
}

void blame_site(Draft& draft, const base::JobId& id, const core::File& before, std::vector<std::string>& givers,
                const std::string& why, Denial denial) {
  const auto others = std::ranges::partition(
      givers, [](const std::string& giver) { return core::source_of(giver) == SiteSource::neighbours; });
  for (const std::string& giver : others) {
    const SiteSource source = core::source_of(giver);
    draft.log(base::LogLevel::warning,
              "file " + std::to_string(before.index) + ": " + std::string(core::name_of(source)) +
                  " sent bytes that are not valid: " + why,
              id);
    edit_approach(draft, id, before.index).lied.insert(source);
    const core::Cache which = asked_of(draft, source, before);
    if (source == SiteSource::swarm || (source == SiteSource::duplicate && which.pattern.empty())) continue;
    const auto owner = believers_of(draft, id, denial);
    remember(draft, source, core::SourceFault::source, before, owner);
    leave_source(draft, source, which, owner);
  }
  givers.erase(others.begin(), others.end());
}

void forget_faults(Draft& draft) {
  if (draft.site->memory == core::SiteMemory()) return;
  edit_site(draft.site).memory = {};
}

}  // namespace backhaul::engine
