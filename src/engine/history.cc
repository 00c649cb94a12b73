// SPDX-License-Identifier: Apache-2.0
#include "engine/history.h"

#include <algorithm>

#include "base/result.h"
#include "core/admission.h"

namespace backhaul::engine {

void History::append(std::span<const core::EventRecord> events) {
  for (const core::EventRecord& event : events) {
    // Listeners page through it by these numbers.
    BH_ASSERT(events_.empty() || events_.back().sequence < event.sequence);
    events_.push_back(event);
  }
  while (events_.size() > core::event_log_max) events_.pop_front();
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
  auto it = std::upper_bound(
      events_.begin(), events_.end(), since,
      [](std::uint64_t number, const core::EventRecord& event) { return number < event.sequence; });
  for (; it != events_.end() && page.events.size() < limit; ++it) {
    page.next = it->sequence;
    if (core::may_touch(core::owner_of(*it), owner))
      page.events.push_back(*it);
  }
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
