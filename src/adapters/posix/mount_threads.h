// SPDX-License-Identifier: Apache-2.0
// Threads that work on files. One that waits for a file system which does not answer cannot be called
// back, and must not keep the files of others waiting: work on one file system that is served elsewhere
// (mounts.h) never has all threads, what takes longer than anybody has patience for does not count among
// those at work any more, and no owner has more than a share of all that there may be.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <tuple>

#include "adapters/posix/mounts.h"
#include "base/time.h"
#include "core/owner.h"
#include "loop/loop.h"

namespace backhaul::posix {

struct MountThreadLimits {
  unsigned at_work = 8;
  unsigned on_one_mount = 4;  // that is served elsewhere
  unsigned of_owner = 32;
  unsigned in_all = 64;
  base::Microseconds patience = std::chrono::seconds(10);
};

class MountThreads {
 public:
  // What work may hang on together.
  struct Place {
    core::Owner owner;
    std::string mount{};  // empty: file systems of this machine

    // Who had the number of an owner before is another one.
    auto operator<=>(const Place& other) const {
      return std::tie(owner, owner.account, mount) <=> std::tie(other.owner, other.owner.account, other.mount);
    }
    bool operator==(const Place& other) const { return (*this <=> other) == 0; }
  };

  MountThreads(loop::Loop& loop, MountThreadLimits limits);

  Place place_of(const core::Owner& owner, std::string_view path) {
    return {owner, mounts_.served_elsewhere(path)};
  }
  // Of the first one that may hang: the others wait for that one anyway. `local`: the path of one of them.
  template <class Files, class Local = std::identity>
  Place place_of_all(const core::Owner& owner, const Files& files, const Local& local = {}) {
    for (const auto& file : files)
      if (auto place = place_of(owner, local(file)); !place.mount.empty()) return place;
    return {owner};
  }
  // In the order in which it comes, but for what has to wait for its place.
  void submit(Place place, loop::Worker::Work work);

 private:
  struct Waiting {
    Place place;
    loop::Worker::Work work;
  };
  struct Running {
    Place place;
    base::BootTime began;
  };

  void go_on();
  bool may_begin(const Place& place) const;
  void begin(Waiting one);

  loop::Loop& loop_;
  const MountThreadLimits limits_;
  Mounts mounts_;
  std::deque<Waiting> waiting_;
  std::list<Running> running_;
  loop::Timer out_of_patience_;
  loop::Worker worker_;  // last: its threads end before what they work on
};

}  // namespace backhaul::posix
