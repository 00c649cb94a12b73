// SPDX-License-Identifier: Apache-2.0
// One service per queue: an flock on queue.lock, held for the life of the process and taken before
// the database is opened (SQLite's own lock is lost when any descriptor of its file closes), and another on the state
// folder, since the file can be removed under its holder. The holder says beside it where it can be reached
// (bus/holder.h).
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "bus/holder.h"
#include "bus/service.h"

namespace backhaul::daemon {

class Instance {
 public:
  // Whoever holds the lock and does not answer is on its way in or out: waits for it up to `patience`.
  // When it answers, on this bus (two of us were started at once, the bus's and a guardian's) or on
  // another, the queue is served and waiting is of no use: error ALREADY_EXISTS. Held by one that does
  // not answer: RPC_SERVER_UNAVAILABLE.
  using Answers = std::function<bool(const bus::Holder&)>;
  static base::Result<Instance> take(const std::string& state_folder, base::Microseconds patience,
                                     const Answers& answers = bus::holder_answers);
  Instance(Instance&& other) noexcept;
  Instance& operator=(Instance&&) = delete;
  ~Instance();

  // Says where the service is, once it answers there.
  base::Result<void> announce(const std::string& address, const std::string& bus_id);

  // Whether the queue has, or was last left with, something to do: what a login and the choice of a service look at.
  static bool work_was_left(const std::string& state_folder);
  void note_work_left(bool left);

 private:
  Instance(int fd, int folder, std::string state_folder)
      : fd_(fd), folder_(folder), state_folder_(std::move(state_folder)) {}

  int fd_;
  int folder_;  // -1: its file system has no locks of folders
  std::string state_folder_;
};

}  // namespace backhaul::daemon
