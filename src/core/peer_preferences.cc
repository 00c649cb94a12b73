// SPDX-License-Identifier: Apache-2.0
#include "core/peer_preferences.h"

#include <string>
#include <string_view>
#include <utility>

namespace backhaul::core {
namespace {

using base::Code;
constexpr std::uint32_t seconds_of_day = 86'400;
constexpr std::uint32_t all_flags = peer_caching::client | peer_caching::server | peer_caching::no_branch_cache;

template <class Value>
void take_preferred(Rule<Value>& rule, const std::optional<Value>& preferred) {
  if (preferred && rule.where.empty()) rule.value = *preferred;
}

}  // namespace

base::Result<void> check(const PeerPreferences& wanted) {
  if (wanted.cache_percent && (*wanted.cache_percent < 1 || *wanted.cache_percent > 80))
    return base::Error(Code::E_INVALIDARG, "the cache has 1 to 80 per cent of its disk, not " +
                                               std::to_string(*wanted.cache_percent));
  if (wanted.content_age && (*wanted.content_age < seconds_of_day || *wanted.content_age > 120 * seconds_of_day))
    return base::Error(Code::E_INVALIDARG, "files are kept for 86400 to 10368000 seconds, not " +
                                               std::to_string(*wanted.content_age));
  if (wanted.flags && (*wanted.flags & ~all_flags) != 0)
    return base::Error(Code::E_INVALIDARG, "the flags are 1 (client), 2 (server) and 4, not " +
                                               std::to_string(*wanted.flags));
  return {};
}

void add(PeerPreferences& all, const PeerPreferences& wanted) {
  if (wanted.cache_percent) all.cache_percent = wanted.cache_percent;
  if (wanted.content_age) all.content_age = wanted.content_age;
  if (wanted.flags) all.flags = wanted.flags;
}

void prefer(CacheRules& cache, NeighbourRules& neighbours, const PeerPreferences& all) {
  take_preferred(cache.percent, all.cache_percent);
  if (all.content_age) take_preferred<base::Microseconds>(cache.age, std::chrono::seconds(*all.content_age));
  if (!all.flags) return;
  take_preferred<bool>(cache.enabled, (*all.flags & peer_caching::server) != 0);
  take_preferred<bool>(neighbours.client, (*all.flags & peer_caching::client) != 0);
}

PeerSettings in_force(const CacheRules& cache, const NeighbourRules& neighbours, const PeerPreferences& all) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(cache.age.value);
  const std::uint32_t others = all.flags.value_or(0) & peer_caching::no_branch_cache;
  return {.cache_percent = cache.percent.value,
          .content_age = static_cast<std::uint32_t>(age.count()),
          .flags = (neighbours.client.value ? peer_caching::client : 0) |
                   (cache.enabled.value ? peer_caching::server : 0) | others};
}

void show_preferred(PolicyList& list, const PeerPreferences& all, const CacheRules& cache,
                    const NeighbourRules& neighbours) {
  const auto show = [&](std::string_view key, std::string value) {
    for (PolicyEntry& entry : list)
      if (entry.section == "Peers" && entry.key == key && entry.said_by == SaidBy::nobody) {
        entry.value = std::move(value);
        entry.said_by = SaidBy::program;
        return;
      }
  };
  const auto yes_or_no = [](bool yes) { return std::string(yes ? "yes" : "no"); };
  if (all.cache_percent && cache.percent.where.empty()) show("CachePercent", std::to_string(*all.cache_percent));
  if (all.content_age && cache.age.where.empty())
    show("ContentAgeDays", std::to_string((*all.content_age + seconds_of_day - 1) / seconds_of_day));
  const bool of_client = neighbours.client.where.empty();
  const bool of_server = cache.enabled.where.empty();
  if (!all.flags || (!of_client && !of_server)) return;
  // As far as a file leaves it to them; it is on where one of its sides is.
  show("Enable", yes_or_no((*all.flags & (peer_caching::client | peer_caching::server)) != 0));
  if (of_client) show("Client", yes_or_no((*all.flags & peer_caching::client) != 0));
  if (of_server) show("Server", yes_or_no((*all.flags & peer_caching::server) != 0));
}

base::Code outcome(const PeerPreferences& wanted, const PeerSettings& now) {
  if (wanted.flags && *wanted.flags != now.flags) return Code::BG_S_OVERRIDDEN_BY_POLICY;
  if (wanted.cache_percent && *wanted.cache_percent != now.cache_percent) return Code::S_FALSE;
  if (wanted.content_age && *wanted.content_age != now.content_age) return Code::S_FALSE;
  return Code::S_OK;
}

}  // namespace backhaul::core
