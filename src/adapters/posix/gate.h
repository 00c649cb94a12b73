// SPDX-License-Identifier: Apache-2.0
// Order on the parts of a job: what works on one file waits for what works on the same file, what
// works on the whole job (publishing, discarding) waits for everything and everything waits for it.
// First come, first served. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/ids.h"

namespace backhaul::posix {

class Gate {
 public:
  using Go = std::move_only_function<void()>;

  // Runs `go`, at once or when its time comes. What was entered must be left.
  void enter_file(const base::JobId& job, std::uint32_t index, Go go);
  void leave_file(const base::JobId& job, std::uint32_t index);
  void enter_job(const base::JobId& job, Go go);
  void leave_job(const base::JobId& job);

  // Somebody is in, or waits to get in.
  bool busy(const base::JobId& job, std::uint32_t index) const;

 private:
  struct Waiting {
    std::optional<std::uint32_t> index;  // unset: the whole job
    Go go;
  };
  struct Job {
    std::set<std::uint32_t> files;  // worked on now
    bool whole = false;
    std::deque<Waiting> waiting;
  };
  void enter(const base::JobId& id, Waiting waiting);
  void advance(const base::JobId& id);
  static std::optional<Waiting> take_next(Job& job);

  std::unordered_map<base::JobId, Job> jobs_;
};

}  // namespace backhaul::posix
