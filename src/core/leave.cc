// SPDX-License-Identifier: Apache-2.0
#include "core/leave.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace backhaul::core {

bool may_fetch_from_afar(const World& world, const Policy& policy, base::WallTime now) {
  // A name that is nobody's, and that no local network has.
  const Candidate somebody{.priority = base::Priority::normal, .address = "https://example.invalid/"};
  return std::ranges::all_of(bars(somebody, world, policy, now),
                             [](const Bar& bar) { return bar.kind == WaitingKind::policy; });
}

std::set<std::uint64_t> may_go_on(std::span<const Asking> all, const Leave& leave) {
  std::set<std::uint64_t> chosen;
  if (!leave.allowed) return chosen;
  const std::size_t room = leave.own_background ? downloads_at_once - 1 : downloads_at_once;
  std::map<std::uint32_t, std::size_t> of_account;
  const auto place = [&](const Asking& one) {
    const bool would_lose = one.active && !one.resumable;
    return std::tuple(of_account[one.uid], !would_lose, ~one.priority, one.number);
  };
  while (chosen.size() < room) {
    const Asking* next = nullptr;
    for (const Asking& one : all)
      if (!chosen.contains(one.number) && (next == nullptr || place(one) < place(*next))) next = &one;
    if (next == nullptr) break;
    chosen.insert(next->number);
    ++of_account[next->uid];
  }
  return chosen;
}

}  // namespace backhaul::core
