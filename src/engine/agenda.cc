// SPDX-License-Identifier: Apache-2.0
#include "engine/agenda.h"


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
  if (waits(before)) by_priority_[static_cast<std::size_t>(before->priority)].erase(place_of(*before));
  if (waits(after))
    by_priority_[static_cast<std::size_t>(after->priority)].insert(place_of(*after));
  else if (after == nullptr || !base::is_action(after->state))
    rounds_.erase(after == nullptr ? before->id : after->id);
}

void Agenda::to_the_end(const base::JobId& id) { rounds_[id] = next_round_++; }

std::optional<base::JobId> Agenda::first(base::Priority priority, const Eligible& eligible) const {
  for (const Place& place : by_priority_[static_cast<std::size_t>(priority)])
    if (eligible(place.id)) return place.id;
  return std::nullopt;
}

std::optional<std::pair<base::Priority, base::JobId>> Agenda::first_background(
    const Eligible& eligible) const {
  for (const auto priority : {base::Priority::high, base::Priority::normal, base::Priority::low})
    if (auto id = first(priority, eligible)) return std::pair{priority, *id};
  return std::nullopt;
}

std::size_t Agenda::position(const core::Job& job) const {
  const auto& waiting = by_priority_[static_cast<std::size_t>(job.priority)];
  auto it = waiting.find(place_of(job));
  if (it == waiting.end()) return 0;
  std::size_t before = 0;
  for (; it != waiting.begin() && before < position_max; --it) ++before;
  return before;
}

}  // namespace backhaul::engine
