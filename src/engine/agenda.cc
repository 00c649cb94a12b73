// SPDX-License-Identifier: Apache-2.0
#include "engine/agenda.h"

#include "core/needed.h"

namespace backhaul::engine {

Agenda::Place Agenda::place_of(const core::Job& job) const {
  const auto round = rounds_.find(job.id);
  return {round == rounds_.end() ? 0 : round->second, job.order, job.id};
}

void Agenda::update(const core::Job* before, const core::Job* after) {
  const auto waits = [](const core::Job* job) {
    return job != nullptr && job->state == base::JobState::queued &&
           job->intent == core::Intent::none;
  };
  if (waits(before)) {
    take_back(before->id);
    line(core::served_as(*before)).erase(place_of(*before));
  }
  if (waits(after))
    line(core::served_as(*after)).insert(place_of(*after));
  else if (after == nullptr || !base::is_action(after->state))
    rounds_.erase(after == nullptr ? before->id : after->id);
}

void Agenda::to_the_end(const base::JobId& id) { rounds_[id] = next_round_++; }

void Agenda::set_aside(const core::Job& job, const std::string& server) {
  const Place place = place_of(job);
  const base::Priority priority = core::served_as(job);
  if (line(priority).erase(place) == 0) return;
  aside_.emplace(job.id, Aside{server, priority, place});
  behind_[server].emplace(priority, place);
}

void Agenda::take_back(const base::JobId& id) {
  const auto found = aside_.extract(id);
  if (found.empty()) return;
  const Aside& aside = found.mapped();
  line(aside.priority).insert(aside.place);
  const auto others = behind_.find(aside.server);
  others->second.erase({aside.priority, aside.place});
  if (others->second.empty()) behind_.erase(others);
}

bool Agenda::take_back_from(const std::function<std::size_t(const std::string&)>& room) {
  std::vector<base::JobId> back;
  for (const auto& [server, jobs] : behind_) {
    if (server.empty()) continue;
    std::size_t left = room(server);
    for (auto job = jobs.begin(); job != jobs.end() && left > 0; ++job, --left)
      back.push_back(job->second.id);
  }
  for (const base::JobId& id : back) take_back(id);
  return !back.empty();
}

std::vector<base::JobId> Agenda::first(base::Priority priority, std::size_t count,
                                       const Eligible& eligible) const {
  std::vector<base::JobId> found;
  for (const Place& place : by_priority_[static_cast<std::size_t>(priority)]) {
    if (found.size() == count) break;
    if (eligible(place.id)) found.push_back(place.id);
  }
  return found;
}

std::optional<std::pair<base::Priority, base::JobId>> Agenda::first_background(
    const Eligible& eligible) const {
  for (const auto priority : {base::Priority::high, base::Priority::normal, base::Priority::low})
    if (const auto found = first(priority, 1, eligible); !found.empty())
      return std::pair{priority, found.front()};
  return std::nullopt;
}

std::size_t Agenda::position(const core::Job& job) const {
  const auto& waiting = by_priority_[static_cast<std::size_t>(core::served_as(job))];
  auto it = waiting.find(place_of(job));
  if (it == waiting.end()) return 0;
  std::size_t before = 0;
  for (; it != waiting.begin() && before < position_max; --it) ++before;
  return before;
}

}  // namespace backhaul::engine
