// SPDX-License-Identifier: Apache-2.0
// For programs whose objects belong to one thread, such as those with an event loop: where a
// callback runs, and what a thread does while it waits for the service.
#ifndef BACKHAUL_THREADS_H
#define BACKHAUL_THREADS_H

#include <chrono>
#include <functional>

#include "backhaul/export.h"

namespace backhaul {

// Runs the methods of a callback (Callback::executor) somewhere else than on a library thread.
class BACKHAUL_API Executor {
 public:
  Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor();

  // Runs `task` once, later. It is handed over by the thread that talks to the bus, so this must
  // not wait for anything. A task that is destroyed unrun says that the object is gone
  // (RPC_E_DISCONNECTED): the service drops its registration and tells the class, if there is one.
  virtual void run(std::function<void()> task) = 0;
};

// What a thread does instead of sleeping while the service makes up its answer.
class BACKHAUL_API Waiter {
 public:
  Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter();

  // Returns as soon as over() holds. It must be asked at the beginning and after every wake().
  // May run anything meanwhile, further calls of this library too. Must not throw.
  virtual void wait(const std::function<bool()>& over) = 0;
  // Any thread; must not wait for anything.
  virtual void wake() = 0;
};

// Of the calling thread; null: none, the thread sleeps. The result is the one it had before.
BACKHAUL_API Waiter* set_waiter(Waiter* waiter);

// Waits until the answers of all callbacks that have been entered are with the bus, but of those
// that the calling thread is inside of: what a callback has answered counts then, whatever becomes of
// this process. False when the time is over. exit() does this by itself, for at most two seconds;
// call it before _exit() and the like. A callback that runs on an executor has its answer on the
// way before its task returns.
BACKHAUL_API bool finish_callbacks(std::chrono::milliseconds limit);

}  // namespace backhaul

#endif
