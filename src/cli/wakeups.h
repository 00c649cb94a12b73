// SPDX-License-Identifier: Apache-2.0
// What a waiting command reacts to, on one thread: changes of jobs that the library tells on its
// own threads, Ctrl+C, a resized terminal, the end of a time.
#pragma once

#include <backhaul/client.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace backhaul::cli {

struct Wake {
  enum class Kind { timeout, interrupt, resize, added, removed, changed, gap, answer } kind = Kind::timeout;
  Job job;
};

class Wakeups {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes SIGINT and SIGWINCH out of their ordinary course, until the end of this object; likewise
  // SIGTERM, SIGHUP, SIGPIPE and the others that end a program, whose course is then run after
  // `before_end`: the terminal was closed, nobody reads any more, or somebody ends the command. A SIGINT that nobody
  // waited for goes with this object.
  explicit Wakeups(std::function<void()> before_end = {});
  ~Wakeups();
  Wakeups(const Wakeups&) = delete;
  Wakeups& operator=(const Wakeups&) = delete;

  // From now on changes of the service's jobs arrive here.
  Result<void> listen(const Client& client);
  // To be called by another thread when what it was sent for is here; also after the end of this object.
  std::function<void()> teller() const;
  Wake wait(std::optional<Clock::time_point> until);

 private:
  void end_by(int signal);
  int next_signal() const;

  struct Queue;
  const std::function<void()> before_end_;
  std::shared_ptr<Queue> queue_;
  Subscription subscription_;
  int signals_ = -1;
};

}  // namespace backhaul::cli
