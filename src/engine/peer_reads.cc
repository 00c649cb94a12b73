// SPDX-License-Identifier: Apache-2.0
// What administrators may see of what is kept for neighbours, and of those.
#include <algorithm>
#include <charconv>

#include "core/admission.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;

base::Result<ports::CachePage> Engine::cached(const std::string& cursor, std::uint32_t limit,
                                              const ports::Caller& caller) const {
  BH_CHECK(core::may_manage_peers(caller.owner(), caller.right, context_.settings.machine_wide));
  if (limit == 0 || limit > 1000) return base::Error(Code::E_INVALIDARG, "the limit is 1 to 1000 records a page");
  std::uint64_t from = 0;
  const char* const end = cursor.data() + cursor.size();
  const auto read = std::from_chars(cursor.data(), end, from);
  if (!cursor.empty() && (read.ec != std::errc() || read.ptr != end))
    return base::Error(Code::E_INVALIDARG, "the cursor is not one of ours");
  ports::CachePage page;
  for (const auto& [id, entry] : parts_.caching.table().all())
    if (entry.record.number >= from) page.records.push_back({&entry.record, is_busy_record(entry)});
  std::ranges::sort(page.records, {}, [](const ports::CachedRecord& one) { return one.record->number; });
  if (page.records.size() > limit) {
    page.next = std::to_string(page.records[limit].record->number);
    page.records.resize(limit);
  }
  return page;
}

base::Result<ports::CachedRecord> Engine::cached(const base::RecordId& id, const ports::Caller& caller) const {
  BH_CHECK(core::may_manage_peers(caller.owner(), caller.right, context_.settings.machine_wide));
  const CacheEntry* entry = parts_.caching.table().find(id);
  if (entry == nullptr) return base::Error(Code::BG_E_NOT_FOUND, "there is no such record");
  return ports::CachedRecord{&entry->record, is_busy_record(*entry)};
}

base::Result<std::vector<ports::KnownNeighbour>> Engine::neighbours(const ports::Caller& caller) const {
  BH_CHECK(core::may_manage_peers(caller.owner(), caller.right, context_.settings.machine_wide));
  const Site& site = *parts_.neighbourhood.site();
  std::vector<ports::KnownNeighbour> all;
  const base::Instant now = context_.clocks.this_moment();
  for (const core::Neighbour& one : site.all) {
    const auto banned = core::banned_until(site.bans, one.key, caller.uid, now.service);
    ports::KnownNeighbour known{.who = one, .available = !banned, .until = {}};
    if (banned) known.until = context_.clocks.on_wall_clock(context_.clocks.on_boot_clock(*banned), now);
    all.push_back(std::move(known));
  }
  return all;
}

ports::PeerStanding Engine::peer_standing() const {
  const Conditions& conditions = parts_.conditions;
  const core::Policy& policy = *conditions.policy;
  return {.settings = core::in_force(policy.cache, policy.neighbours, conditions.preferences),
          .own_key = parts_.neighbourhood.site()->own_key,
          .trust = policy.neighbours.trust.value,
          .octets_taken = ports_.transport.octets_of_neighbours(),
          .octets_given = ports_.neighbourhood.octets_given()};
}

}  // namespace backhaul::engine
