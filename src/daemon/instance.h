// SPDX-License-Identifier: Apache-2.0
// One service per queue: an flock on queue.lock, held for the life of the process and taken before
// the database is opened (SQLite's own lock is lost when any descriptor of its file closes). The
// holder writes `bus` beside it, so that clients without a bus, or on another one, find it.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"

namespace backhaul::daemon {

struct BusPlace {
  std::string address;
  std::string id;
};

class Instance {
 public:
  // When the lock is held by a service of the same bus, it is on its way out (its name is free, or
  // nobody would have started us): waits for it up to `patience`. When it is held by a service of
  // another bus, waiting is of no use. Error RPC_SERVER_UNAVAILABLE: the queue is another's.
  static base::Result<Instance> take(const std::string& state_folder, const BusPlace& own,
                                     base::Microseconds patience);
  Instance(Instance&& other) noexcept;
  Instance& operator=(Instance&&) = delete;
  ~Instance();

  // Writes the `bus` file: address, id, pid, one "key=value" a line.
  base::Result<void> announce(const BusPlace& own);

 private:
  Instance(int fd, std::string bus_file) : fd_(fd), bus_file_(std::move(bus_file)) {}

  int fd_;
  std::string bus_file_;
};

}  // namespace backhaul::daemon
