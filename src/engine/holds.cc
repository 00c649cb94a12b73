// SPDX-License-Identifier: Apache-2.0
#include "engine/holds.h"

#include <algorithm>

#include "core/http.h"
#include "core/mirrors.h"

namespace backhaul::engine {

using base::BootTime;

void Holds::hold(const std::string& origin, BootTime until) {
  BootTime& held = until_[origin];
  held = std::max(held, until);
}

BootTime Holds::next() const {
  BootTime first = base::never;
  for (const auto& [origin, until] : until_) first = std::min(first, until);
  return first;
}

std::optional<BootTime> Holds::until(const Context& context, const core::File& file) const {
  if (until_.empty() || insisting_.contains(file.job)) return std::nullopt;
  // As long as one of its addresses may be asked, nothing is in its way.
  BootTime first = base::never;
  for (std::uint32_t n = 0; n < core::address_count(file); ++n) {
    const auto held = until(core::url_origin(core::address(file, n)), context.now().boot);
    if (!held) return std::nullopt;
    first = std::min(first, *held);
  }
  return first;
}

std::optional<BootTime> Holds::until(const std::string& origin, BootTime now) const {
  const auto found = until_.find(origin);
  if (found == until_.end() || found->second <= now) return std::nullopt;
  return found->second;
}

std::optional<std::string> Holds::holder(const Context& context, const base::JobId& job) const {
  if (until_.empty() || insisting_.contains(job)) return std::nullopt;
  const core::File* file = context.table.find(job)->next_file();
  if (file == nullptr || file->rare->mirrors) return std::nullopt;  // that waits for whichever serves again first
  std::string origin = core::url_origin(file->remote);
  if (!until(origin, context.now().boot)) return std::nullopt;
  return origin;
}

std::set<std::string> Holds::held_from(const base::JobId& job, BootTime now) const {
  std::set<std::string> origins;
  if (insisting_.contains(job)) return origins;
  for (const auto& [origin, until] : until_)
    if (until > now) origins.insert(origin);
  return origins;
}

std::optional<BootTime> Holds::until(const Context& context, const base::JobId& job) const {
  if (until_.empty()) return std::nullopt;
  const Entry* entry = context.table.find(job);
  if (entry == nullptr) return std::nullopt;
  std::optional<BootTime> until;
  if (const core::File* file = entry->next_file()) until = this->until(context, *file);
  // A redirect may have led to the one who wishes: then only this job knows that it does.
  if (entry->job.server_wish && !insisting_.contains(job)) {
    const BootTime wish = context.clocks.resolve(entry->job.server_wish->until);
    if (wish > context.now().boot) until = std::max(until.value_or(wish), wish);
  }
  return until;
}

}  // namespace backhaul::engine
