// SPDX-License-Identifier: Apache-2.0
#include "engine/agenda.h"

#include <algorithm>

#include "core/needed.h"

namespace backhaul::engine {

Agenda::Place Agenda::place_of(const core::Job& job) const {
  const auto round = rounds_.find(job.id);
  return {round == rounds_.end() ? 0 : round->second, job.order, job.id, job.owner_uid};
}

bool Agenda::remove(Line& line, const Place& place) {
  const auto own = line.find(place.owner);
  if (own == line.end() || own->second.erase(place) == 0) return false;
  if (own->second.empty()) line.erase(own);
  return true;
}

std::vector<const std::set<Agenda::Place>*> Agenda::by_turns(const Line& line) const {
  std::vector<const std::set<Place>*> owners;
  for (const auto& [owner, places] : line) owners.push_back(&places);
  std::ranges::sort(owners, {}, [this](const std::set<Place>* places) {
    const auto served = owners_served_.find(places->begin()->owner);
    return std::pair(served == owners_served_.end() ? 0 : served->second, *places->begin());
  });
  return owners;
}

void Agenda::update(const core::Job* before, const core::Job* after) {
  const auto waits = [](const core::Job* job) {
    return job != nullptr && job->state == base::JobState::queued &&
           job->intent == core::Intent::none;
  };
  if (waits(before)) {
    take_back(before->id);
    remove(line(core::served_as(*before)), place_of(*before));
  }
  if (waits(after))
    line(core::served_as(*after))[after->owner_uid].insert(place_of(*after));
  else if (after == nullptr || !base::is_action(after->state))
    rounds_.erase(after == nullptr ? before->id : after->id);
}

void Agenda::to_the_end(const base::JobId& id) { rounds_[id] = next_round_++; }

void Agenda::served(std::uint32_t owner) { owners_served_[owner] = next_round_++; }

void Agenda::set_aside(const core::Job& job, const SeenServer& server) {
  const Place place = place_of(job);
  const base::Priority priority = core::served_as(job);
  if (!remove(line(priority), place)) return;
  aside_.emplace(job.id, Aside{server, priority, place});
  behind_[server][static_cast<std::size_t>(priority)][place.owner].insert(place);
}

void Agenda::take_back(const base::JobId& id) {
  const auto found = aside_.extract(id);
  if (found.empty()) return;
  const Aside& aside = found.mapped();
  line(aside.priority)[aside.place.owner].insert(aside.place);
  const auto others = behind_.find(aside.server);
  remove(others->second[static_cast<std::size_t>(aside.priority)], aside.place);
  if (std::ranges::all_of(others->second, &Line::empty)) behind_.erase(others);
}

bool Agenda::take_back_from(const std::function<std::size_t(const SeenServer&)>& room) {
  std::vector<base::JobId> back;
  for (const auto& [server, jobs] : behind_) {
    if (server.origin.empty()) continue;
    std::size_t left = room(server);
    for (const Line& of_priority : jobs) {
      const auto found = pick(of_priority, left, [](const base::JobId&) { return true; });
      left -= found.size();
      back.insert(back.end(), found.begin(), found.end());
    }
  }
  for (const base::JobId& id : back) take_back(id);
  return !back.empty();
}

std::size_t Agenda::queued(base::Priority priority) const {
  std::size_t count = 0;
  for (const auto& [owner, places] : line(priority)) count += places.size();
  return count;
}

std::vector<base::JobId> Agenda::first(base::Priority priority, std::size_t count,
                                       const Eligible& eligible) const {
  return pick(line(priority), count, eligible);
}

std::vector<base::JobId> Agenda::pick(const Line& line, std::size_t count, const Eligible& eligible) const {
  struct Rest {
    std::set<Place>::const_iterator next, end;
  };
  std::vector<Rest> owners;
  for (const std::set<Place>* places : by_turns(line))
    owners.push_back({places->begin(), places->end()});
  std::vector<base::JobId> found;
  while (!owners.empty() && found.size() < count) {
    for (Rest& rest : owners) {
      if (found.size() == count) break;
      while (rest.next != rest.end && !eligible(rest.next->id)) ++rest.next;
      if (rest.next != rest.end) found.push_back((rest.next++)->id);
    }
    std::erase_if(owners, [](const Rest& rest) { return rest.next == rest.end; });
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
  const Line& waiting = line(core::served_as(job));
  const auto own = waiting.find(job.owner_uid);
  if (own == waiting.end()) return 0;
  auto it = own->second.find(place_of(job));
  if (it == own->second.end()) return 0;
  std::size_t of_own = 0;
  for (; it != own->second.begin() && of_own < position_max; --it) ++of_own;
  std::size_t before = of_own;
  // Of each of the others as many, and one more of those that come first.
  bool first = true;
  for (const std::set<Place>* places : by_turns(waiting)) {
    if (places == &own->second)
      first = false;
    else
      before += std::min(places->size(), of_own + (first ? 1 : 0));
  }
  return std::min(before, position_max);
}

}  // namespace backhaul::engine
