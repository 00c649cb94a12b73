// SPDX-License-Identifier: Apache-2.0
// A limit of what jobs of several owners use at once: turns in the foreground, places at one server. The share of an
// owner is the limit divided by the number of owners who want some of it. What one leaves of his, others may use; when he
// wants it, turns end of those who have more than theirs. Nobody is exempt: it is no quota of an owner but what the
// machine does at once. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace backhaul::core {

class SharedLimit {
 public:
  explicit SharedLimit(std::uint32_t most) : most_(most) {}

  // A job of his waits for some of it.
  void wanted_by(std::uint32_t owner) { held_[owner]; }
  void taken_by(std::uint32_t owner) {
    ++held_[owner];
    ++taken_;
  }
  // He goes on wanting it: a job of his waits now.
  void given_back_by(std::uint32_t owner) {
    --held_.at(owner);
    --taken_;
  }

  bool is_full() const { return taken_ >= most_; }
  std::uint32_t held_by(std::uint32_t owner) const {
    const auto found = held_.find(owner);
    return found == held_.end() ? 0 : found->second;
  }
  std::uint32_t share() const;
  bool has_less(std::uint32_t owner) const { return held_by(owner) < share(); }
  bool has_more(std::uint32_t owner) const { return held_by(owner) > share(); }

 private:
  std::uint32_t most_;
  std::uint32_t taken_ = 0;
  std::map<std::uint32_t, std::uint32_t> held_;  // by owner; 0: he waits
};

// A turn that may end before its job does.
struct HeldTurn {
  base::JobId job{};
  std::uint32_t owner = 0;
  bool all_or_nothing = false;  // some file of it would have to be fetched from its beginning
  bool stands_still = false;    // nothing of it was heard of for a while
  base::BootTime began{};
  std::uint64_t order = 0;  // of the job, in the queue
};

// Whose turns end so that one more job may begin, of an owner who has less than his share: of owners who have more than
// theirs, and no more turns than it takes. First those that can be continued, that stand still, of who has most, that
// began last: so the others go on undisturbed, however often somebody comes and goes. None: there is room, or too few
// have more.
std::vector<base::JobId> making_way(SharedLimit limit, std::vector<HeldTurn> turns);

}  // namespace backhaul::core
