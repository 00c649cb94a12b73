// SPDX-License-Identifier: Apache-2.0
// The single-threaded apartment of a thread: calls to the objects that it registered wait here
// until it pumps, and run on it, one after another or one inside another. No thread of the library
// waits for a notification meanwhile.
#ifndef SRC_BITS_STA_H
#define SRC_BITS_STA_H

#include <deque>
#include <memory>
#include <vector>

#include "backhaul/threads.h"
#include "bits/thread.h"

namespace backhaul::bits {

// Something that belongs to an apartment, and lets go of the program's objects when it ends.
class Tenant {
 public:
  virtual void disconnect() = 0;

 protected:
  ~Tenant() = default;
};

class Sta final : public Executor, public Waiter {
 public:
  static void begin();                    // of the calling thread
  static std::shared_ptr<Sta> current();  // of the calling thread; null: it has none

  // Any thread. After the end the task is dropped: that call has failed.
  void run(std::function<void()> task) override;
  // … and waits until it has run. False if it never will.
  bool run_and_wait(std::function<void()> task);

  // Only the apartment's own thread from here on.
  void add(std::weak_ptr<Tenant> tenant);
  bool run_one();  // the oldest call; false: there is none
  bool pending() const;
  void wait(const std::function<bool()>& over) override;
  void wake() override;
  // No call will come in any more. With `let_go` the tenants disconnect here and now.
  void end(bool let_go);

 private:
  explicit Sta(Thread& thread) : thread_(thread) {}

  Thread& thread_;                           // not to be touched after the end
  bool over_ = false;                        // under the lock
  std::deque<std::function<void()>> calls_;  // under the lock
  std::vector<std::weak_ptr<Tenant>> tenants_;
};

// While it lives the thread sleeps when it waits for the service: no callback comes in. For what
// cannot be entered again.
class NoCallbacks {
 public:
  NoCallbacks() : before_(set_waiter(nullptr)) {}
  ~NoCallbacks() { set_waiter(before_); }
  NoCallbacks(const NoCallbacks&) = delete;
  NoCallbacks& operator=(const NoCallbacks&) = delete;

 private:
  Waiter* const before_;
};

}  // namespace backhaul::bits

#endif
