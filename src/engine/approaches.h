// SPDX-License-Identifier: Apache-2.0
// The neighbours of this machine, and how each file comes by them. In memory alone but for the bans: after a restart
// everybody else is asked once more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/neighbours.h"
#include "core/origin_rates.h"
#include "core/site_sources.h"

namespace backhaul::engine {

struct Site {
  std::string own_key;  // by which they know this machine; empty: they do not
  std::vector<core::Neighbour> all;
  core::Bans bans;
  core::OriginRates rates;
  core::SiteMemory memory;
  std::vector<core::AnnouncedCache> caches;  // that were found
  bool looks_for_caches = false;
  // What the port was told last.
  bool applied = false;
  core::NeighbourRules rules{};
  bool serves = false;

  // Its name for people.
  std::string name_of(const std::string& key) const {
    for (const core::Neighbour& one : all)
      if (one.key == key) return one.name.empty() ? one.host : one.name;
    return key.substr(0, 16);
  }
  bool operator==(const Site&) const = default;
};
using SharedSite = std::shared_ptr<const Site>;
// One of its own in its place, to be changed.
inline Site& edit_site(SharedSite& site) {
  auto own = std::make_shared<Site>(*site);
  Site& changed = *own;
  site = std::move(own);
  return changed;
}

// How one file comes, as long as its job is in the queue. A slice of its job is known by the moment it began: in each of
// them the origin and the neighbours are asked anew.
struct Approach {
  std::optional<base::BootTime> identified;  // in this slice its origin told what it has
  std::optional<base::BootTime> settled;     // in this slice nobody but its origin is asked
  std::vector<core::NeighbourAnswer> offers;  // the first of them is asked for it
  std::set<std::string> failed;              // whose transfers failed, by key
  std::set<std::string> refused;             // who had no room when it was asked for its copy, once
  core::NeighbourWait wait;
  std::string torrent;                // of it, as its origin told when it was identified
  std::set<core::SiteSource> passed;  // which did not give it since then
  std::set<core::SiteSource> lied;    // which sent of it what is not valid
  std::size_t liars = 0;              // so many neighbours did
  // Who sent a piece that its owner denies, by key, with the digest that its origin told then.
  std::map<std::string, std::string> suspects;
  core::Cache cache;                    // the last one that was asked for it
  std::set<std::string> caches_failed;  // since its origin was asked, as core::known_as has them
  // Those of its duplicates that gave no more of it since its origin failed, no more than duplicates_max until the job is
  // told of that; unset: the origin did not fail, or the job was told.
  std::optional<std::set<std::string>> duplicates_failed;
  std::string duplicate;  // the last one that was asked
  // What neighbours were told of it, and as what.
  std::optional<core::Coming> told;
  base::TransferId told_as{};

  bool operator==(const Approach&) const = default;
};
inline constexpr std::size_t neighbours_that_may_fail = 3;
inline constexpr std::size_t caches_that_may_fail = 3;

using Approaches = std::map<std::uint32_t, Approach>;  // by file
using ApproachTable = std::unordered_map<base::JobId, Approaches>;

}  // namespace backhaul::engine
