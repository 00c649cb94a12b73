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

void Holds::hold(const std::string& origin, BootTime until, Told told, std::optional<std::uint32_t> owner) {
  SeenServer server{origin, owner};
  const auto held = wishes_.find(server);
  if (held == wishes_.end() || held->second.until < until)
    wishes_.insert_or_assign(std::move(server), Wish{until, std::move(told)});
}

BootTime Holds::next() const {
  BootTime first = base::never;
  for (const auto& [server, wish] : wishes_) first = std::min(first, wish.until);
  return first;
}

Holds::Way Holds::way_to(const Context& context, const core::AllowedOrigins& origins, const core::File& file) const {
  const bool waits_for_nobody = wishes_.empty() || insisting_.contains(file.job);
  const std::uint32_t in_use = core::address_in_use(file);
  const auto& mirrors = file.rare->mirrors;
  // The policy may have come to refuse what was left: then there is none to wait for.
  const bool leaves_failed_out = mirrors && mirrors->failed != 0 && core::address_left(origins, file, in_use).has_value();
  Way held{.address = in_use, .refused = true};
  const auto open = core::first_address(file, in_use, [&](std::uint32_t number, std::string_view address) {
    if (core::refusal(origins, address) || (leaves_failed_out && core::has_failed(file, number))) return false;
    if (waits_for_nobody) return true;
    const std::uint32_t owner = context.table.find(file.job)->job.owner_uid;
    const Held* wish = find(core::url_origin(address), owner, context.now().boot);
    if (wish == nullptr) return true;
    if (held.refused || wish->second.until < *held.until) held = {.address = number, .until = wish->second.until};
    return false;
  });
  return open ? Way{.address = *open} : held;
}

const Holds::Held* Holds::find(const SeenServer& server, BootTime now) const {
  const auto found = wishes_.find(server);
  return found == wishes_.end() || found->second.until <= now ? nullptr : &*found;
}

std::optional<BootTime> Holds::until(const SeenServer& server, BootTime now) const {
  const Held* held = find(server, now);
  return held == nullptr ? std::nullopt : std::optional(held->second.until);
}

const Holds::Held* Holds::find(const std::string& origin, std::uint32_t owner, BootTime now) const {
  if (wishes_.empty()) return nullptr;
  const Held* last = find(SeenServer{origin}, now);
  const Held* own = find(SeenServer{origin, owner}, now);
  return last == nullptr || (own != nullptr && last->second.until < own->second.until) ? own : last;
}

std::optional<SeenServer> Holds::holder(const Context& context, const core::AllowedOrigins& origins,
                                        const base::JobId& job) const {
  if (wishes_.empty() || insisting_.contains(job)) return std::nullopt;
  const Entry& entry = *context.table.find(job);
  const core::File* file = next_to_fetch(entry.job, entry, origins);
  if (file == nullptr || file->rare->mirrors) return std::nullopt;  // that waits for whichever serves first
  const Held* held = find(core::url_origin(file->remote), entry.job.owner_uid, context.now().boot);
  return held == nullptr ? std::nullopt : std::optional(held->first);
}

std::set<std::string> Holds::held_from(const core::Job& job, BootTime now) const {
  std::set<std::string> origins;
  if (insisting_.contains(job.id)) return origins;
  for (const auto& [server, wish] : wishes_)
    if (wish.until > now && server.owner.value_or(job.owner_uid) == job.owner_uid) origins.insert(server.origin);
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
