// SPDX-License-Identifier: Apache-2.0
// Who gets the next large answer: users take turns, so that nobody waits longer because somebody asks over many
// connections, and of each the one that has waited longest.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace backhaul::dbus {

template <class Turn>
class PageLine {
 public:
  bool empty() const { return users_.empty(); }
  void add(std::uint32_t user, Turn turn) {
    std::deque<Turn>& own = turns_[user];
    if (own.empty()) users_.push_back(user);
    own.push_back(std::move(turn));
  }
  Turn take() {
    const std::uint32_t user = users_.front();
    users_.pop_front();
    const auto own = turns_.find(user);
    Turn turn = std::move(own->second.front());
    own->second.pop_front();
    if (own->second.empty())
      turns_.erase(own);
    else
      users_.push_back(user);
    return turn;
  }

 private:
  std::deque<std::uint32_t> users_;  // who has any, each once
  std::map<std::uint32_t, std::deque<Turn>> turns_;
};

}  // namespace backhaul::dbus
