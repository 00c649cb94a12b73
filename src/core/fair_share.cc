// SPDX-License-Identifier: Apache-2.0
#include "core/fair_share.h"

#include <algorithm>
#include <tuple>

namespace backhaul::core {
namespace {

bool ends_before(const SharedLimit& limit, const HeldTurn& one, const HeldTurn& other) {
  const auto key = [&](const HeldTurn& turn) {
    return std::tuple(!turn.all_or_nothing, turn.stands_still, limit.held_by(turn.owner), turn.began, turn.order);
  };
  return key(one) > key(other);
}

}  // namespace

std::uint32_t SharedLimit::share() const {
  const auto owners = static_cast<std::uint32_t>(held_.size());
  return std::max(most_ / std::max(owners, 1U), 1U);
}

std::vector<base::JobId> making_way(SharedLimit limit, std::vector<HeldTurn> turns) {
  std::vector<base::JobId> ended;
  while (limit.is_full()) {
    std::erase_if(turns, [&](const HeldTurn& turn) { return !limit.has_more(turn.owner); });
    if (turns.empty()) return {};
    const auto first = std::ranges::min_element(
        turns, [&](const HeldTurn& one, const HeldTurn& other) { return ends_before(limit, one, other); });
    ended.push_back(first->job);
    limit.given_back_by(first->owner);
    turns.erase(first);
  }
  return ended;
}

}  // namespace backhaul::core
