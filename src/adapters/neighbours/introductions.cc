// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/introductions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t introduced_at_once = 4;
constexpr base::Microseconds first_pause = 1min;
constexpr base::Microseconds longest_pause = 1h;

}  // namespace

Introductions::Introductions(loop::Loop& loop, ports::Introducer& introducer, Group group, Known known)
    : loop_(loop),
      introducer_(introducer),
      group_(std::make_shared<const Group>(std::move(group))),
      known_(std::move(known)),
      due_(loop, 100ms, [this] { go_on(); }),
      self_(std::make_shared<Introductions*>(this)) {}

void Introductions::meet(const std::vector<core::Neighbour>& there) {
  std::erase_if(all_, [&](const auto& one) {
    return std::ranges::none_of(there, [&](const core::Neighbour& who) { return who.key == one.first; });
  });
  for (const core::Neighbour& who : there) {
    const auto [known, fresh] = all_.try_emplace(who.key);
    // At another place there may be an answer.
    if (!fresh && known->second.who != who && !known->second.under_way) known->second.due = {};
    known->second.who = who;
  }
  go_on();
}

void Introductions::go_on() {
  due_.disarm();
  const base::BootTime now = loop_.now();
  base::BootTime next = base::never;
  for (auto& [id, one] : all_) {
    if (one.under_way) continue;
    if (one.due > now) {
      next = std::min(next, one.due);
      continue;
    }
    if (under_way_ == introduced_at_once) return;  // it goes on when one of them ends
    one.under_way = true;
    ++under_way_;
    introducer_.introduce(
        one.who, [group = group_](std::string_view words) { return group->prove(words); },
        [weak = std::weak_ptr(self_), id](const std::string& key) {
          if (const auto self = weak.lock()) (*self)->ended(id, key);
        });
  }
  if (next != base::never) due_.arm(next);
}

// It may have left meanwhile; that it belongs to the group holds all the same.
void Introductions::ended(const std::string& id, const std::string& key) {
  --under_way_;
  if (const auto found = all_.find(id); found != all_.end()) {
    Acquaintance& one = found->second;
    one.under_way = false;
    one.pause = key.empty() ? std::clamp(2 * one.pause, first_pause, longest_pause) : base::Microseconds::zero();
    one.due = loop_.now() + (key.empty() ? one.pause : longest_pause);
  }
  if (!key.empty()) known_(key);
  go_on();
}

}  // namespace backhaul::neighbours
