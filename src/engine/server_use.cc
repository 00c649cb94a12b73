// SPDX-License-Identifier: Apache-2.0
#include "engine/server_use.h"

#include <algorithm>

#include "core/http.h"
#include "core/mirrors.h"
#include "core/needed.h"

namespace backhaul::engine {
namespace {

bool is_connected(const Lane& lane) {
  return (lane.phase == LanePhase::opening && !lane.ahead) || lane.phase == LanePhase::receiving;
}

std::uint32_t connections_of(const Lane& lane, const std::string& server) {
  if (lane.senders.empty()) return lane.server == server ? 1 : 0;
  return static_cast<std::uint32_t>(std::ranges::count_if(lane.senders, [&](const Sender& one) {
    return one.server == server && one.transfer != base::TransferId{};
  }));
}

// It has no connection yet, or waits for another one.
bool is_on_its_way(const Run& run) {
  return run.wants_connection || std::ranges::none_of(run.lanes, is_connected);
}

// The server that it connects to next.
std::string next_server(const Entry& entry, const Run& run, const core::AllowedOrigins& origins) {
  const auto opened = std::ranges::find_if(run.lanes, &Lane::waits_for_request);
  if (opened != run.lanes.end()) return opened->server;
  return server_of(run.next_file < entry.files.size() ? &entry.files[run.next_file] : nullptr, origins);
}

}  // namespace

std::string server_of(const core::File* file, const core::AllowedOrigins& origins) {
  return file == nullptr ? std::string() : core::url_origin(core::address(*file, origins));
}

std::uint32_t connections(const Run& run, const std::string& server) {
  std::uint32_t count = 0;
  for (const Lane& lane : run.lanes)
    if (is_connected(lane)) count += connections_of(lane, server);
  return count;
}

bool is_served_fully(const Draft& draft, const std::string& server) {
  if (server.empty()) return false;
  std::ptrdiff_t served = 0;
  draft.each_run([&](const base::JobId&, const Run& run) {
    for (const Lane& lane : run.lanes)
      if (lane.phase == LanePhase::receiving) served += connections_of(lane, server);
  });
  return served >= static_cast<std::ptrdiff_t>(draft.conditions.policy->limits.connections_per_server.value);
}

bool is_at(const Draft& draft, const Entry& entry, const Run& run, const std::string& server) {
  if (!run.active || run.is_stuck(draft.now().boot) || run.link_is_free(entry.files.size())) return false;
  return connections(run, server) > 0 ||
         (is_on_its_way(run) && next_server(entry, run, draft.conditions.origins()) == server);
}

core::ServerUse use_of(const Draft& draft, const std::string& server) {
  core::ServerUse use;
  draft.each_run([&](const base::JobId& id, const Run& run) {
    if (!run.is_stuck(draft.now().boot)) use.connections += connections(run, server);
    if (is_at(draft, *draft.context().table.find(id), run, server)) ++use.jobs;
  });
  return use;
}

core::SharedLimit places_at(const Draft& draft, const std::string& server) {
  core::SharedLimit places(draft.conditions.policy->limits.connections_per_server.value);
  draft.each_run([&](const base::JobId& id, const Run& run) {
    const Entry& entry = *draft.context().table.find(id);
    if (!core::is_background(core::served_as(entry.job)) && is_at(draft, entry, run, server))
      places.taken_by(entry.job.owner_uid);
  });
  return places;
}

}  // namespace backhaul::engine
