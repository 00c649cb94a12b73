// SPDX-License-Identifier: Apache-2.0
#include "engine/holds.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/http.h"
#include "core/mirrors.h"
#include "core/shown_url.h"
#include "engine/next_file.h"

namespace backhaul::engine {

using base::BootTime;

void Holds::hold(const std::string& origin, BootTime until, Told told) {
  const auto held = wishes_.find(origin);
  if (held == wishes_.end() || held->second.until < until) wishes_.insert_or_assign(origin, Wish{until, std::move(told)});
}

BootTime Holds::next() const {
  BootTime first = base::never;
  for (const auto& [origin, wish] : wishes_) first = std::min(first, wish.until);
  return first;
}

Holds::Way Holds::way_to(const Context& context, const core::AllowedOrigins& origins, const core::File& file) const {
  const bool waits_for_nobody = wishes_.empty() || insisting_.contains(file.job);
  const std::uint32_t in_use = core::address_in_use(file);
  // The policy may have come to refuse what was left: then there is none to wait for.
  const bool all_failed = !core::address_left(origins, file, in_use);
  Way held{.address = in_use, .refused = true};
  const auto open = core::first_address(file, in_use, [&](std::uint32_t number, std::string_view address) {
    if (core::refusal(origins, address) || (!all_failed && core::has_failed(file, number))) return false;
    const auto wish = waits_for_nobody ? std::nullopt : until(core::url_origin(address), context.now().boot);
    if (!wish) return true;
    if (held.refused || *wish < *held.until) held = {.address = number, .until = wish};
    return false;
  });
  return open ? Way{.address = *open} : held;
}

const Holds::Wish* Holds::wish_of(const std::string& origin, BootTime now) const {
  const auto found = wishes_.find(origin);
  return found == wishes_.end() || found->second.until <= now ? nullptr : &found->second;
}

std::optional<BootTime> Holds::until(const std::string& origin, BootTime now) const {
  const Wish* wish = wish_of(origin, now);
  return wish == nullptr ? std::nullopt : std::optional(wish->until);
}

const Told* Holds::told(const std::string& origin, BootTime now) const {
  const Wish* wish = wish_of(origin, now);
  return wish == nullptr ? nullptr : &wish->told;
}

std::optional<std::string> Holds::holder(const Context& context, const core::AllowedOrigins& origins,
                                         const base::JobId& job) const {
  if (wishes_.empty() || insisting_.contains(job)) return std::nullopt;
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
  for (const auto& [origin, wish] : wishes_)
    if (wish.until > now) origins.insert(origin);
  return origins;
}

std::optional<BootTime> Holds::until(const Context& context, const core::AllowedOrigins& origins,
                                     const base::JobId& job) const {
  if (wishes_.empty()) return std::nullopt;
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

std::string shown_address_at(const core::File& file, const std::string& origin) {
  std::string shown;
  core::each_address(file, [&](std::uint32_t, std::string_view address) {
    if (shown.empty() && core::url_origin(address) == origin) shown = core::shown_url(address);
  });
  return shown;
}

}  // namespace backhaul::engine
