// SPDX-License-Identifier: Apache-2.0
// What the library knows of a thread of the program: what it sleeps on, its message queue, and its
// single-threaded apartment. Made when a function first needs it, ended with the thread.
//
// One lock guards the queues of all threads, the calls to their apartments, and the events that
// they wait for. Under it nobody waits and no code of the program runs, so it can be held across
// fork: the child finds everything whole, and a new record for the one thread it has.
#ifndef SRC_BITS_THREAD_H
#define SRC_BITS_THREAD_H

#include <windows.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "bits/wakeup.h"

namespace backhaul::bits {

class Sta;

std::mutex& kernel_mutex();

struct Thread {
  Thread();
  ~Thread();

  static Thread& mine();          // of the calling thread
  static Thread* mine_if_any();   // … without making one
  static Thread* find(DWORD id);  // under the lock; null: that thread has none

  const DWORD id;
  Wakeup wakeup;
  std::shared_ptr<Sta> sta;  // of its own thread only; empty: it has no such apartment
  unsigned empty_looks = 0;  // PeekMessage in vain, one after another

  // Under the lock.
  std::deque<MSG> messages;
  std::optional<int> quit;
  unsigned waits = 0;  // for objects, one in another
};

// Wakes every thread that waits for objects: one of them changed. Under the lock.
void wake_waiters();

}  // namespace backhaul::bits

#endif
