// SPDX-License-Identifier: Apache-2.0
// Notifications on their way and those that wait for a slot: at most a few at once per user, oldest
// event first, modifications only when nothing else wants the slot. What is due stands in the rows;
// this is only the traffic.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/ids.h"
#include "core/job.h"

namespace backhaul::engine {

// What waits for a slot. State and file events have a number; modifications have none.
struct Candidate {
  bool modification = false;
  std::uint64_t sequence = 0;
  base::JobId job;
  auto operator<=>(const Candidate&) const = default;
};

struct Delivery {
  base::JobId job;
  std::uint32_t uid = 0;
  core::NotifyKind kind = core::NotifyKind::none;
  std::uint64_t sequence = 0;
  core::Rung rung = core::Rung::object;

  Candidate candidate() const { return {kind == core::NotifyKind::job_modification, sequence, job}; }
};

class Deliveries {
 public:
  // The one event of this job that could be delivered now; `sequence` unset: none.
  void set_event(const base::JobId& job, std::uint32_t uid, std::optional<std::uint64_t> sequence) {
    std::optional<Candidate> candidate;
    if (sequence) candidate = Candidate{false, *sequence, job};
    set(events_, job, uid, candidate);
  }
  void set_modification(const base::JobId& job, std::uint32_t uid, bool due) {
    std::optional<Candidate> candidate;
    if (due) candidate = Candidate{true, 0, job};
    set(modifications_, job, uid, candidate);
  }

  // The first in line whose user has a free slot and that is not under way already. (A newer event
  // of the same job may be: a callee that never returns must not silence its successor.)
  std::optional<Candidate> next(std::uint32_t slots) const {
    for (const auto& [uid, line] : waiting_) {
      if (auto busy = busy_.find(uid); busy != busy_.end() && busy->second >= slots) continue;
      for (const Candidate& candidate : line)
        if (!started_.contains(candidate)) return candidate;
    }
    return std::nullopt;
  }

  base::Ticket begin(Delivery delivery) {
    const base::Ticket ticket{++last_ticket_};
    started_.insert(delivery.candidate());
    ++busy_[delivery.uid];
    under_way_.emplace(ticket, std::move(delivery));
    return ticket;
  }
  const Delivery* find(base::Ticket ticket) const {
    auto it = under_way_.find(ticket);
    return it == under_way_.end() ? nullptr : &it->second;
  }
  void end(base::Ticket ticket) {
    auto it = under_way_.find(ticket);
    if (it == under_way_.end()) return;
    started_.erase(it->second.candidate());
    if (auto busy = busy_.find(it->second.uid); --busy->second == 0) busy_.erase(busy);
    under_way_.erase(it);
  }
  bool empty() const { return under_way_.empty(); }

 private:
  using Registered = std::unordered_map<base::JobId, std::pair<std::uint32_t, Candidate>>;

  void set(Registered& registered, const base::JobId& job, std::uint32_t uid,
           const std::optional<Candidate>& candidate) {
    if (auto old = registered.find(job); old != registered.end()) {
      auto line = waiting_.find(old->second.first);
      line->second.erase(old->second.second);
      if (line->second.empty()) waiting_.erase(line);
      registered.erase(old);
    }
    if (!candidate) return;
    registered.emplace(job, std::pair{uid, *candidate});
    waiting_[uid].insert(*candidate);
  }

  std::uint64_t last_ticket_ = 0;
  Registered events_;
  Registered modifications_;
  std::map<std::uint32_t, std::set<Candidate>> waiting_;
  std::unordered_map<base::Ticket, Delivery> under_way_;
  std::set<Candidate> started_;
  std::unordered_map<std::uint32_t, std::uint32_t> busy_;
};

}  // namespace backhaul::engine
