// SPDX-License-Identifier: Apache-2.0
// What one thread sleeps on. It stays awake once woken, until it has looked: wake() before wait()
// is not lost. Whoever waits clears it first, looks at what it waits for, and sleeps only then.
#ifndef SRC_BITS_WAKEUP_H
#define SRC_BITS_WAKEUP_H

#include <chrono>
#include <optional>

namespace backhaul::bits {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;  // none: no limit

// `milliseconds` from now; none for INFINITE.
Deadline deadline_in(unsigned milliseconds);

class Wakeup {
 public:
  Wakeup();  // throws std::bad_alloc when there is no descriptor left
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void wake();  // any thread
  void clear();
  void wait(const Deadline& deadline);  // may return early

 private:
  const int fd_;
};

}  // namespace backhaul::bits

#endif
