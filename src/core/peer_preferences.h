// SPDX-License-Identifier: Apache-2.0
// What a program asked for of the peer cache (peer-caching.md §2). It is kept, and holds where no file of settings says
// anything. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/code.h"
#include "base/result.h"
#include "core/neighbours.h"
#include "core/peer_cache.h"
#include "core/policy_entry.h"

namespace backhaul::core {

namespace peer_caching {
inline constexpr std::uint32_t no_branch_cache = 4;  // there is none here: kept, and nothing follows from it
}  // namespace peer_caching

// Unset: nobody asked for any.
struct PeerPreferences {
  std::optional<std::uint32_t> cache_percent{};
  std::optional<std::uint32_t> content_age{};  // seconds
  std::optional<std::uint32_t> flags{};        // peer_caching

  bool operator==(const PeerPreferences&) const = default;
};

// What is in force, in the same terms.
struct PeerSettings {
  std::uint32_t cache_percent = 0;
  std::uint32_t content_age = 0;
  std::uint32_t flags = 0;

  bool operator==(const PeerSettings&) const = default;
};

// E_INVALIDARG: 1 to 80 per cent, 1 to 120 days, the three flags that there are.
base::Result<void> check(const PeerPreferences& wanted);
// `wanted` in the place of what was asked for before.
void add(PeerPreferences& all, const PeerPreferences& wanted);
// They take the place of what is built in, or was asked for before.
void prefer(CacheRules& cache, NeighbourRules& neighbours, const PeerPreferences& all);
PeerSettings in_force(const CacheRules& cache, const NeighbourRules& neighbours, const PeerPreferences& all);
// The entries of the settings that nobody says anything of, as they are in force by what was asked for. `cache` and
// `neighbours`: of the same settings.
void show_preferred(PolicyList& list, const PeerPreferences& all, const CacheRules& cache,
                    const NeighbourRules& neighbours);
// What whoever asked is told. S_OK: so it is now. A file of settings says something else: S_FALSE, of the flags
// BG_S_OVERRIDDEN_BY_POLICY.
base::Code outcome(const PeerPreferences& wanted, const PeerSettings& now);

}  // namespace backhaul::core
