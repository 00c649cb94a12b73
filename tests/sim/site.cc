// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/site.h"

#include "core/site_sources.h"

namespace backhaul::sim {
namespace {

Fault some_fault(base::Prng& dice) {
  switch (dice.below(4)) {
    case 0: return {FaultKind::cut, dice.below(2000), {}};
    case 1: return {FaultKind::stall, dice.below(2000), {}};
    case 2: return {FaultKind::status, 503, {}};
    default: return {FaultKind::refuse, 0, {}};
  }
}

}  // namespace

void open_site(World& world, bool colleagues_are_believed, base::Prng& dice) {
  core::Policy& policy = world.settings.policy;
  policy.cache.enabled.value = policy.neighbours.client.value = true;
  policy.site.cache_host.value = SimSite::pattern;
  if (colleagues_are_believed) policy.neighbours.content_trust.value = core::ContentTrust::colleagues;
  for (const char* name : {"a", "b", "c"}) world.neighbours.add(name);
  change_the_site(world, dice);
}

namespace {

// What the cache of the site has of the files of all origins.
void change_the_cache(World& world, bool lies, base::Prng& dice) {
  for (auto& [url, file] : world.origin.files()) {
    const bool fit = !file.corrupts && file.bad.empty() && !core::cache_address(SimSite::pattern, url).empty();
    if (!fit || dice.chance(500)) continue;
    RemoteFile& copy = world.site.cache(url);
    copy.rate = 100 + dice.below(100'000);
    copy.corrupts = lies && dice.chance(100);
    if (dice.chance(100)) copy.latency = std::chrono::minutes(1);
    if (dice.chance(300)) copy.always = some_fault(dice);
  }
}

}  // namespace

// Nobody lies where nothing could prove it.
void change_the_site(World& world, base::Prng& dice) {
  const bool liars = world.settings.policy.neighbours.content_trust.value == core::ContentTrust::digest;
  for (auto& [key, one] : world.neighbours.all()) {
    one.known = dice.chance(800);
    one.answers = dice.chance(800);
    one.busy = dice.chance(200);
    for (auto& [url, file] : world.origin.files()) {
      one.coming.erase(url);
      if (dice.chance(200)) one.coming[url] = dice.below(10'000);
      if (dice.chance(500) || file.corrupts || !file.bad.empty()) continue;
      RemoteFile& copy = world.neighbours.keep(one, url);
      copy.rate = 100 + dice.below(100'000);
      copy.corrupts = liars && dice.chance(200);
      if (dice.chance(300)) copy.always = some_fault(dice);
    }
  }
  world.neighbours.tell();
  change_the_cache(world, liars, dice);
}

}  // namespace backhaul::sim
