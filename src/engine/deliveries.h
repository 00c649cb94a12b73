// SPDX-License-Identifier: Apache-2.0
// Notifications on their way and those that wait for a slot: at most a few at once per user, oldest
// event first. What is due stands in the rows; this is only the traffic.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/ids.h"
#include "core/job.h"

namespace backhaul::engine {

struct Delivery {
  base::JobId job;
  std::uint32_t uid = 0;
  std::uint64_t sequence = 0;
  core::Rung rung = core::Rung::object;
};

class Deliveries {
 public:
  // `sequence` unset: nothing of this job is to be delivered now.
  void set_candidate(const base::JobId& job, std::uint32_t uid,
                     std::optional<std::uint64_t> sequence) {
    if (auto old = candidates_.find(job); old != candidates_.end()) {
      auto& waiting = waiting_[old->second.first];
      waiting.erase({old->second.second, job});
      if (waiting.empty()) waiting_.erase(old->second.first);
      candidates_.erase(old);
    }
    if (!sequence) return;
    candidates_.emplace(job, std::pair{uid, *sequence});
    waiting_[uid].insert({*sequence, job});
  }
  // The oldest candidate of a user who has a free slot, and whose event is not under way already.
  // (A newer event of the same job may be: a callee that never returns must not silence its
  // successor.)
  std::optional<base::JobId> next(std::uint32_t slots) const {
    for (const auto& [uid, jobs] : waiting_) {
      if (auto busy = busy_.find(uid); busy != busy_.end() && busy->second >= slots) continue;
      for (const auto& [sequence, job] : jobs)
        if (!by_event_.contains({sequence, job})) return job;
    }
    return std::nullopt;
  }
  base::Ticket begin(Delivery delivery) {
    const base::Ticket ticket{++last_ticket_};
    by_event_.insert({delivery.sequence, delivery.job});
    ++busy_[delivery.uid];
    under_way_.emplace(ticket, std::move(delivery));
    return ticket;
  }
  std::optional<Delivery> end(base::Ticket ticket) {
    auto it = under_way_.find(ticket);
    if (it == under_way_.end()) return std::nullopt;
    Delivery delivery = it->second;
    under_way_.erase(it);
    by_event_.erase({delivery.sequence, delivery.job});
    if (auto busy = busy_.find(delivery.uid); --busy->second == 0) busy_.erase(busy);
    return delivery;
  }
  bool empty() const { return under_way_.empty(); }

 private:
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<base::JobId, std::pair<std::uint32_t, std::uint64_t>> candidates_;
  std::map<std::uint32_t, std::set<std::pair<std::uint64_t, base::JobId>>> waiting_;
  std::unordered_map<base::Ticket, Delivery> under_way_;
  std::set<std::pair<std::uint64_t, base::JobId>> by_event_;
  std::unordered_map<std::uint32_t, std::uint32_t> busy_;
};

}  // namespace backhaul::engine
