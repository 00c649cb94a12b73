// SPDX-License-Identifier: Apache-2.0
// Why each source of the site was asked for a file, or was not.
#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "core/peer_cache.h"
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
    const auto comes = [&](const Lane& lane) {
      return lane.phase == LanePhase::receiving && !lane.neighbour.empty() && core::source_of(lane.neighbour) == source;
    };
    core::Cause cause{.subject = core::Subject::policy, .kind = std::string(core::to_word(core::WaitingKind::neighbour))};
    const auto lane = run == nullptr ? std::deque<Lane>::const_iterator() : std::ranges::find_if(run->lanes, comes);
    NotAsked why = NotAsked::none;
    if (run != nullptr && lane != run->lanes.end()) {
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
    cause.where = is_of_job(why) ? "the job" : line_of(source, policy, why);
    if (cause.where.empty()) cause.where = "built in";
    chain.push_back(std::move(cause));
  }
}

}  // namespace backhaul::engine
