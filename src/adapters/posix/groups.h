// SPDX-License-Identifier: Apache-2.0
// Small work on files, done together: a thread that is woken, a directory that is locked and a disk that is told to
// sync cost more than what is done for one file. Nobody waits for company: what comes in one go begins together, and
// while as many groups are under way as may be, what comes adds up to the next ones. Each place for itself, since none
// may hang on another. Loop thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "adapters/posix/mount_threads.h"
#include "base/result.h"

namespace backhaul::posix {

struct GroupLimits {
  unsigned at_once = 1;   // groups under way, at each place
  std::size_t most = 16;  // items of one, or what they weigh
};

template <class Item>
class Groups {
 public:
  using Place = MountThreads::Place;
  using Begin = std::function<void(const Place&, std::vector<Item>)>;  // ended() follows, later
  using Weight = std::size_t (*)(const Item&);

  Groups(GroupLimits limits, Begin begin, Weight weight = [](const Item&) -> std::size_t { return 1; })
      : limits_(limits), begin_(std::move(begin)), weight_(weight) {}

  // begin() follows, when all was added that came in one go.
  void add(const Place& place, Item item) { places_[place].waiting.push_back(std::move(item)); }
  void begin() {
    for (auto next = places_.begin(); next != places_.end();) go_on(next++);
  }
  void ended(const Place& place) {
    const auto found = places_.find(place);
    --found->second.under_way;
    go_on(found);
  }

 private:
  struct AtPlace {
    std::deque<Item> waiting;
    unsigned under_way = 0;
  };

  using AtPlaces = std::map<Place, AtPlace>;

  void go_on(typename AtPlaces::iterator found) {
    auto& [waiting, under_way] = found->second;
    while (!waiting.empty() && under_way < limits_.at_once) {
      std::vector<Item> group;
      std::size_t weight = 0;
      do {
        weight += weight_(waiting.front());
        group.push_back(std::move(waiting.front()));
        waiting.pop_front();
      } while (!waiting.empty() && weight + weight_(waiting.front()) <= limits_.most);
      ++under_way;
      begin_(found->first, std::move(group));
    }
    if (under_way == 0) places_.erase(found);
  }

  const GroupLimits limits_;
  const Begin begin_;
  const Weight weight_;
  AtPlaces places_;
};

}  // namespace backhaul::posix
