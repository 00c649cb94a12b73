// SPDX-License-Identifier: Apache-2.0
// Why each source of the site was asked for a file, or was not.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/peer_cache.h"
#include "core/shown_url.h"
#include "core/site_sources.h"
#include "engine/asking.h"
#include "engine/engine.h"
#include "engine/site_asking.h"

namespace backhaul::engine {
namespace {

using core::NotAsked;
using core::SiteSource;

// Somebody wants it: of what nobody switched on nothing is said, unless the job asks for it.
bool is_of_interest(SiteSource source, const core::Policy& policy, const core::Job& job) {
  const bool shares = (job.rare->peer_caching_flags & core::peer_caching::client) != 0;
  switch (source) {
    case SiteSource::neighbours: return shares;
    case SiteSource::swarm: return shares && policy.site.swarm.value;
    case SiteSource::cache_host: return !policy.site.cache_host.value.empty();
    case SiteSource::proxy: return !policy.site.proxy.value.empty();
    case SiteSource::duplicate: return false;  // until it is asked
  }
  std::unreachable();
}

// The line that switches it on, or keeps it from being asked.
std::string line_of(SiteSource source, const core::Policy& policy, NotAsked why) {
  if (why == NotAsked::digest && source != SiteSource::swarm && source != SiteSource::proxy)
    return policy.neighbours.content_trust.where;
  if (why == NotAsked::unvouched) return policy.neighbours.trust.where;
  if (why == NotAsked::query) return policy.neighbours.query_origins.where;
  if (why == NotAsked::foreground && source == SiteSource::cache_host)
    return policy.site.cache_host_wait_foreground.where;
  switch (source) {
    case SiteSource::neighbours: return policy.neighbours.client.where;
    case SiteSource::swarm: return policy.site.swarm.where;
    case SiteSource::cache_host: return policy.site.cache_host.where;
    case SiteSource::proxy: return policy.site.proxy.where;
    case SiteSource::duplicate: return policy.site.duplicates.where;
  }
  std::unreachable();
}

// It is the job, its file or what its server tells of it that keeps it from being asked.
bool is_of_job(NotAsked why) {
  switch (why) {
    case NotAsked::none:
    case NotAsked::off:
    case NotAsked::query:
    case NotAsked::digest:
    case NotAsked::nobody:
    case NotAsked::unvouched:
    case NotAsked::banned:
    case NotAsked::not_there: return false;
    default: return true;
  }
}

std::string asked_sentence(SiteSource source, NotAsked why, std::size_t known) {
  if (source != SiteSource::neighbours) {
    const std::string who(core::name_of(source));
    return why == NotAsked::none ? who + " is asked for it before its server"
                                 : who + " is not asked for it: " + std::string(core::describe(why));
  }
  if (why == NotAsked::nobody) return "neighbours would be asked for it, and none is known";
  if (why != NotAsked::none) return "neighbours are not asked for it: " + std::string(core::describe(why));
  return "neighbours are asked for it before its server; " + std::to_string(known) +
         (known == 1 ? " is known" : " are known");
}

// Null: nothing comes from there.
const Lane* lane_from(const Run* run, SiteSource source) {
  if (run == nullptr) return nullptr;
  const auto found = std::ranges::find_if(run->lanes, [&](const Lane& lane) {
    return lane.phase == LanePhase::receiving && !lane.neighbour.empty() && core::source_of(lane.neighbour) == source;
  });
  return found == run->lanes.end() ? nullptr : &*found;
}

core::Cause cause_of_source() {
  return {.subject = core::Subject::policy, .kind = std::string(core::to_word(core::WaitingKind::neighbour))};
}

std::string line_or_built_in(std::string where) { return where.empty() ? "built in" : std::move(where); }

// Of a source that is behind the origin nothing is said before.
void explain_duplicate(const Draft& draft, const base::JobId& id, const Run* run, const core::Policy& policy,
                       std::vector<core::Cause>& chain) {
  const Lane* lane = lane_from(run, SiteSource::duplicate);
  const Approach* approach = lane == nullptr ? nullptr : find_approach(draft, id, lane->file);
  if (approach == nullptr) return;
  core::Cause cause = cause_of_source();
  cause.sentence = "file " + std::to_string(lane->file) + " comes from " + core::shown_url(approach->duplicate) +
                   ", which its server names as a duplicate, since the server gave no more of it";
  cause.where = line_or_built_in(line_of(SiteSource::duplicate, policy, NotAsked::none));
  chain.push_back(std::move(cause));
}

}  // namespace

void Engine::explain_neighbours(const core::Job& job, const core::File& next, std::vector<core::Cause>& chain) const {
  const Draft draft(context_, view_);
  const core::Policy& policy = *parts_.conditions.policy;
  const Site& site = *parts_.neighbourhood.site();
  const Run* run = parts_.fetching.runs().find(job.id);
  const Approach* approach = find_approach(draft, job.id, next.index);
  const bool asked_about = approach != nullptr && approach->identified;
  const bool known = next.remote_identity.size != base::size_unknown;
  for (const SiteSource source : core::site_sources) {
    if (!is_of_interest(source, policy, job)) continue;
    core::Cause cause = cause_of_source();
    const Lane* lane = lane_from(run, source);
    NotAsked why = NotAsked::none;
    if (lane != nullptr) {
      const bool of_neighbour = source == SiteSource::neighbours;
      const std::string who = lane->senders.empty() ? "neighbour " + site.name_of(lane->neighbour)
                                                    : std::to_string(lane->requests()) + " neighbours at once";
      cause.sentence = "file " + std::to_string(lane->file) + " comes from " +
                       (of_neighbour ? who : std::string(core::name_of(source)));
    } else {
      const bool identified = source == SiteSource::swarm ? asked_about : known;
      why = why_not_of_site(draft, job.id, next.index, source, identified);
      cause.sentence = asked_sentence(source, why, site.all.size());
    }
    cause.where = is_of_job(why) ? "the job" : line_or_built_in(line_of(source, policy, why));
    chain.push_back(std::move(cause));
  }
  explain_duplicate(draft, job.id, run, policy, chain);
}

}  // namespace backhaul::engine
