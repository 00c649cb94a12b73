// SPDX-License-Identifier: Apache-2.0
#include "engine/foreground.h"

#include <algorithm>
#include <utility>

#include "core/job_table.h"
#include "core/needed.h"
#include "core/schedule.h"
#include "core/turns.h"
#include "engine/job_steps.h"
#include "engine/next_file.h"
#include "engine/server_use.h"

namespace backhaul::engine {

bool is_all_or_nothing(const Entry& entry, const Run& run) {
  return std::any_of(run.lanes.begin(), run.lanes.end(), [&](const Lane& lane) {
    return lane.phase == LanePhase::receiving &&
           entry.files[lane.file].remote_identity.resumable == core::Resumable::no;
  });
}

void Foreground::Limit::add(const Holder& holder) {
  share.taken_by(holder.owner());
  holders.push_back(holder);
}

void Foreground::Limit::remove(const base::JobId& id) {
  const auto found = std::ranges::find(holders, id, &Holder::id);
  if (found == holders.end()) return;
  share.given_back_by(found->owner());
  holders.erase(found);
}

Foreground::Foreground(const Draft& draft, const Agenda& agenda)
    : draft_(draft),
      agenda_(agenda),
      link_{core::SharedLimit(draft.conditions.policy->limits.foreground_jobs.value)},
      all_{core::SharedLimit(core::turns_in_all(draft.conditions.policy->limits.foreground_jobs.value))} {
  for (const std::uint32_t owner : agenda.owners(base::Priority::foreground)) {
    link_.share.wanted_by(owner);
    all_.share.wanted_by(owner);
  }
}

void Foreground::add(const base::JobId& id, const Run& run) {
  const Entry& entry = *draft_.context().table.find(id);
  const Holder holder{id, &entry, &run};
  all_.add(holder);
  if (!run.link_is_free(entry.files.size()) && !run.is_stuck(draft_.now().boot)) link_.add(holder);
}

std::string Foreground::next_server(const base::JobId& id) const {
  const Entry& entry = *draft_.context().table.find(id);
  const core::AllowedOrigins& origins = draft_.conditions.origins();
  return server_of(next_to_fetch(entry.job, entry, origins), origins);
}

Foreground::Limit& Foreground::at(const std::string& server) {
  const auto known = servers_.find(server);
  if (known != servers_.end()) return known->second;
  Limit limit{core::SharedLimit(draft_.conditions.policy->limits.connections_per_server.value)};
  for (const std::uint32_t owner : agenda_.owners_behind({server}, base::Priority::foreground)) limit.share.wanted_by(owner);
  for (const Holder& holder : link_.holders)
    if (is_at(draft_, *holder.entry, *holder.run, server)) limit.add(holder);
  return servers_.emplace(server, std::move(limit)).first->second;
}

std::optional<std::string> Foreground::full(const base::JobId& id) {
  std::string server = next_server(id);
  if (server.empty()) return std::nullopt;
  Limit& limit = at(server);
  if (!limit.share.is_full()) return std::nullopt;
  const core::Job& job = draft_.context().table.find(id)->job;
  if (core::is_background(core::served_as(job))) return server;
  limit.share.wanted_by(job.owner_uid);
  return may_begin(limit, job.owner_uid) ? std::nullopt : std::optional(std::move(server));
}

std::optional<std::size_t> Foreground::turns_of(std::uint32_t owner) const {
  if (!may_begin(link_, owner) || !may_begin(all_, owner)) return std::nullopt;
  return link_.share.held_by(owner);
}

std::optional<std::size_t> Foreground::places_of(std::uint32_t owner, const std::string& server) {
  Limit& limit = at(server);
  if (!limit.share.is_full()) return std::nullopt;
  limit.share.wanted_by(owner);  // his may be aside for a wish to him alone
  if (!may_begin(limit, owner)) return std::nullopt;
  link_.share.wanted_by(owner);  // of those that are set aside none is in line
  all_.share.wanted_by(owner);
  if (!turns_of(owner)) return std::nullopt;
  return limit.share.held_by(owner);
}

std::vector<base::JobId> Foreground::take(const base::JobId& id) {
  std::vector<Limit*> limits;  // a turn that ends for the sake of one of them leaves room in those behind it as well
  if (const std::string server = next_server(id); !server.empty()) limits.push_back(&at(server));
  limits.push_back(&link_);
  limits.push_back(&all_);
  std::vector<base::JobId> ended;
  for (const Limit* limit : limits) {
    for (const base::JobId& other : making_way(*limit)) {
      link_.remove(other);
      all_.remove(other);
      for (auto& [server, places] : servers_) places.remove(other);
      ended.push_back(other);
    }
  }
  for (Limit* limit : limits) limit->share.taken_by(draft_.context().table.find(id)->job.owner_uid);
  return ended;
}

bool Foreground::may_begin(const Limit& limit, std::uint32_t owner) const {
  return !limit.share.is_full() || (limit.share.has_less(owner) && !making_way(limit).empty());
}

// What asks but once would be in error.
std::vector<base::JobId> Foreground::making_way(const Limit& limit) const {
  if (!limit.share.is_full()) return {};
  std::vector<core::HeldTurn> turns;
  for (const Holder& holder : limit.holders)
    if (limit.share.has_more(holder.owner()) && moves(draft_, holder.id) && !core::asks_once(holder.entry->job))
      turns.push_back(turn_of(holder));
  return core::making_way(limit.share, std::move(turns));
}

core::HeldTurn Foreground::turn_of(const Holder& holder) const {
  const Run& run = *holder.run;
  const base::BootTime heard = std::max(run.slice_began, run.sign_of_life());
  return {.job = holder.id,
          .owner = holder.owner(),
          .all_or_nothing = is_all_or_nothing(*holder.entry, run),
          .stands_still = draft_.now().boot - heard >= Run::opening_patience,
          .began = run.slice_began,
          .order = holder.entry->job.order};
}

}  // namespace backhaul::engine
