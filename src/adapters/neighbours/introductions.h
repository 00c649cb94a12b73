// SPDX-License-Identifier: Apache-2.0
// Whom this machine introduces itself to, and when: to everybody of its group who is new here, and once an hour anew,
// since they may have forgotten it; to those who do not agree after a minute, and then ever less often.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/neighbours/group.h"
#include "base/time.h"
#include "core/neighbours.h"
#include "loop/loop.h"
#include "ports/introducer.h"

namespace backhaul::neighbours {

class Introductions {
 public:
  // It proved that it belongs to the group.
  using Known = std::function<void(const std::string& key)>;
  Introductions(loop::Loop& loop, ports::Introducer& introducer, Group group, Known known);

  // Those who are there now, by their key or the beginning of it. Whoever comes back is new.
  void meet(const std::vector<core::Neighbour>& there);

 private:
  struct Acquaintance {
    core::Neighbour who;
    base::BootTime due{};
    base::Microseconds pause{};  // after the last attempt that failed
    bool under_way = false;
  };

  void go_on();
  void ended(const std::string& id, const std::string& key);

  loop::Loop& loop_;
  ports::Introducer& introducer_;
  const std::shared_ptr<const Group> group_;
  const Known known_;
  std::map<std::string, Acquaintance> all_;
  std::size_t under_way_ = 0;
  loop::Timer due_;
  std::shared_ptr<Introductions*> self_;  // what is told late finds out that nobody is there any more
};

}  // namespace backhaul::neighbours
