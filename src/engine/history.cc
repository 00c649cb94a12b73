// SPDX-License-Identifier: Apache-2.0
#include "engine/history.h"

#include "core/admission.h"

namespace backhaul::engine {

void History::append(std::span<const core::EventRecord> events) {
  for (const core::EventRecord& event : events) events_.append(event);
}

void History::made(const core::Owner& owner, std::uint64_t order, const base::JobId& id) {
  Made& last = last_made_[owner];
  if (order >= last.order) last = {order, id, owner.account};
}

ports::EventPage History::page(std::uint64_t since, std::uint32_t limit,
                               const ports::Caller& caller) const {
  ports::EventPage page;
  page.next = since;
  const core::Owner owner = caller.owner();
  if (limit == 0) return page;
  events_.after(since, [&](const core::EventRecord& event) {
    page.next = event.sequence;
    if (core::may_touch(core::owner_of(event), owner)) page.events.push_back(event);
    return page.events.size() < limit;
  });
  return page;
}

std::optional<base::JobId> History::last_job(const core::Owner& owner) const {
  const Made* last = nullptr;
  for (auto it = last_made_.lower_bound(owner);
       it != last_made_.end() && it->first.uid == owner.uid; ++it) {
    if (!owner.application.empty() && it->first != owner) break;
    // The number may have gone on to somebody else.
    if (!core::may_touch({it->first.uid, it->first.application, it->second.account}, owner)) continue;
    if (last == nullptr || it->second.order > last->order) last = &it->second;
  }
  return last == nullptr ? std::nullopt : std::optional(last->id);
}

}  // namespace backhaul::engine
