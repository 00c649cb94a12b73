// SPDX-License-Identifier: Apache-2.0
#include "engine/agenda.h"

#include <algorithm>
#include <limits>

#include "core/needed.h"
#include "core/schedule.h"

namespace backhaul::engine {

namespace {

constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

}  // namespace

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

// Places are those of the foreground: in the background the owners take turns, whatever they have of them.
bool Agenda::take_back_from(const std::function<core::SharedLimit(const SeenServer&)>& places) {
  std::vector<base::JobId> back;
  for (const auto& [server, jobs] : behind_) {
    if (server.origin.empty()) continue;
    core::SharedLimit limit = places(server);
    if (limit.is_full()) continue;
    for (std::size_t priority = 0; priority < jobs.size(); ++priority) {
      const bool background = core::is_background(static_cast<base::Priority>(priority));
      std::map<std::uint32_t, std::size_t> found;
      const auto take = [&](const base::JobId& id) {
        const std::uint32_t owner = aside_.at(id).place.owner;
        limit.taken_by(owner);
        ++found[owner];
        back.push_back(id);
        return true;
      };
      const auto held = [&](std::uint32_t owner) -> std::optional<std::size_t> {
        if (limit.is_full()) return std::nullopt;
        return background ? found[owner] : limit.held_by(owner);
      };
      pick(jobs[priority], no_bound, take, held);
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

std::vector<std::uint32_t> Agenda::owners_of(const Line& line) {
  std::vector<std::uint32_t> owners;
  for (const auto& [owner, places] : line) owners.push_back(owner);
  return owners;
}

std::vector<std::uint32_t> Agenda::owners(base::Priority priority) const { return owners_of(line(priority)); }

std::vector<std::uint32_t> Agenda::owners_behind(const SeenServer& server, base::Priority priority) const {
  const auto found = behind_.find(server);
  if (found == behind_.end()) return {};
  return owners_of(found->second[static_cast<std::size_t>(priority)]);
}

std::vector<base::JobId> Agenda::first(base::Priority priority, std::size_t count, const Eligible& eligible,
                                       const Held& held) const {
  return pick(line(priority), count, eligible, held);
}

std::vector<base::JobId> Agenda::first_aside(base::Priority priority, std::size_t count, const Eligible& eligible,
                                             const HeldAt& held) const {
  std::vector<base::JobId> found;
  for (const auto& [server, jobs] : behind_) {
    const Line& waiting = jobs[static_cast<std::size_t>(priority)];
    if (server.origin.empty() || waiting.empty()) continue;
    const auto here = [&](std::uint32_t owner) { return held(server, owner); };
    const auto some = pick(waiting, count - found.size(), eligible, here);
    found.insert(found.end(), some.begin(), some.end());
  }
  return found;
}

std::vector<base::JobId> Agenda::pick(const Line& line, std::size_t count, const Eligible& eligible,
                                      const Held& held) const {
  struct Rest {
    std::set<Place>::const_iterator next, end;
  };
  std::vector<Rest> owners;
  for (const std::set<Place>* places : by_turns(line))
    owners.push_back({places->begin(), places->end()});
  std::vector<base::JobId> found;
  while (found.size() < count) {
    Rest* first = nullptr;
    std::size_t least = 0;
    for (Rest& rest : owners) {
      const auto has = held(rest.next->owner);
      if (!has || (first != nullptr && *has >= least)) continue;
      first = &rest;
      least = *has;
    }
    if (first == nullptr) break;
    while (first->next != first->end && !eligible(first->next->id)) ++first->next;
    if (first->next != first->end) found.push_back((first->next++)->id);
    std::erase_if(owners, [](const Rest& rest) { return rest.next == rest.end; });
  }
  return found;
}

std::optional<std::pair<base::Priority, base::JobId>> Agenda::first_background(
    const Eligible& eligible) const {
  for (const auto priority : {base::Priority::high, base::Priority::normal, base::Priority::low})
    if (const auto found = first(priority, 1, eligible, [](std::uint32_t) { return std::size_t{0}; }); !found.empty())
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
