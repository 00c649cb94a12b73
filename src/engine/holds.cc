// SPDX-License-Identifier: Apache-2.0
#include "engine/holds.h"

#include <algorithm>
#include <string_view>
#include <utility>

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

Holds::Way Holds::way_to(const Context& context, const core::File& file) const {
  const auto& mirrors = file.rare->mirrors;
  const std::uint32_t current = mirrors ? mirrors->current : 0;
  if (until_.empty() || insisting_.contains(file.job)) return {.address = current};
  // Behind the one in use come those that follow it, and then those before it.
  const auto in_turn = [current](std::uint32_t number) { return std::pair(number < current, number); };
  std::optional<std::uint32_t> open;
  BootTime first = base::never;
  core::each_address(file, [&](std::uint32_t number, std::string_view address) {
    const auto held = until(core::url_origin(address), context.now().boot);
    if (held)
      first = std::min(first, *held);
    else if (!open || in_turn(number) < in_turn(*open))
      open = number;
  });
  if (open) return {.address = *open};
  return {.address = current, .until = first};
}

std::optional<BootTime> Holds::until(const std::string& origin, BootTime now) const {
  const auto found = until_.find(origin);
  if (found == until_.end() || found->second <= now) return std::nullopt;
  return found->second;
}

std::optional<std::string> Holds::holder(const Context& context, const base::JobId& job) const {
  if (until_.empty() || insisting_.contains(job)) return std::nullopt;
  const core::File* file = context.table.find(job)->next_file();
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

std::optional<BootTime> Holds::until(const Context& context, const base::JobId& job) const {
  if (until_.empty()) return std::nullopt;
  const Entry* entry = context.table.find(job);
  if (entry == nullptr) return std::nullopt;
  std::optional<BootTime> until;
  if (const core::File* file = entry->next_file()) until = way_to(context, *file).until;
  // A redirect may have led to the one who wishes: then only this job knows that it does.
  if (entry->job.server_wish && !insisting_.contains(job)) {
    const BootTime wish = context.clocks.resolve(entry->job.server_wish->until);
    if (wish > context.now().boot) until = std::max(until.value_or(wish), wish);
  }
  return until;
}

}  // namespace backhaul::engine
