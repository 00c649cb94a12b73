// SPDX-License-Identifier: Apache-2.0
#include "engine/holds.h"

#include <algorithm>
#include <string_view>

#include "core/http.h"
#include "core/mirrors.h"
#include "engine/next_file.h"

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

Holds::Way Holds::way_to(const Context& context, const core::AllowedOrigins& origins, const core::File& file) const {
  const bool waits_for_nobody = until_.empty() || insisting_.contains(file.job);
  const std::uint32_t in_use = core::address_in_use(file);
  bool refused = true;
  BootTime first = base::never;
  const auto open = core::first_address(file, in_use, [&](std::string_view address) {
    if (core::refusal(origins, address)) return false;
    refused = false;
    if (waits_for_nobody) return true;
    const auto held = until(core::url_origin(address), context.now().boot);
    if (held) first = std::min(first, *held);
    return !held;
  });
  if (open) return {.address = *open};
  if (refused) return {.address = in_use, .refused = true};
  return {.address = in_use, .until = first};
}

std::optional<BootTime> Holds::until(const std::string& origin, BootTime now) const {
  const auto found = until_.find(origin);
  if (found == until_.end() || found->second <= now) return std::nullopt;
  return found->second;
}

std::optional<std::string> Holds::holder(const Context& context, const core::AllowedOrigins& origins,
                                         const base::JobId& job) const {
  if (until_.empty() || insisting_.contains(job)) return std::nullopt;
  const Entry& entry = *context.table.find(job);
  const core::File* file = next_to_fetch(entry.job, entry, origins);
  if (file == nullptr || file->rare->mirrors) return std::nullopt;  // that waits for whichever serves first
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

std::optional<BootTime> Holds::until(const Context& context, const core::AllowedOrigins& origins,
                                     const base::JobId& job) const {
  if (until_.empty()) return std::nullopt;
  const Entry* entry = context.table.find(job);
  if (entry == nullptr) return std::nullopt;
  std::optional<BootTime> until;
  if (const core::File* file = next_to_fetch(entry->job, *entry, origins))
    until = way_to(context, origins, *file).until;
  // A redirect may have led to the one who wishes: then only this job knows that it does.
  if (entry->job.server_wish && !insisting_.contains(job)) {
    const BootTime wish = context.clocks.resolve(entry->job.server_wish->until);
    if (wish > context.now().boot) until = std::max(until.value_or(wish), wish);
  }
  return until;
}

}  // namespace backhaul::engine
