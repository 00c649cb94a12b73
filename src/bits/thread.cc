// SPDX-License-Identifier: Apache-2.0
#include "bits/thread.h"

#include <pthread.h>
#include <unistd.h>

#include <unordered_map>
#include <utility>

#include "bits/sta.h"

namespace backhaul::bits {

namespace {

// Never freed: threads of the library may look for a thread while the program exits.
std::unordered_map<DWORD, Thread*>& threads() {
  static auto* const all = new std::unordered_map<DWORD, Thread*>;
  return *all;
}

thread_local Thread* the_thread = nullptr;

// Ends the record with its thread; a record that a later destructor asks for is left behind.
struct End {
  bool armed = false;
  ~End() {
    if (the_thread == nullptr) return;
    if (the_thread->sta) the_thread->sta->end(false);
    delete std::exchange(the_thread, nullptr);
  }
};
thread_local End at_end;

// The other threads do not exist in the child. Theirs and the old record of this one are left as
// they are: their descriptors are the parent's too.
void renew_in_child() {
  threads().clear();
  if (Thread* old = std::exchange(the_thread, nullptr)) {
    set_waiter(nullptr);
    const bool single_threaded = old->sta != nullptr;
    kernel_mutex().unlock();
    if (single_threaded) Sta::begin();
  } else {
    kernel_mutex().unlock();
  }
}

}  // namespace

std::mutex& kernel_mutex() {
  static auto* const mutex = [] {
    auto* made = new std::mutex;
    pthread_atfork([] { kernel_mutex().lock(); }, [] { kernel_mutex().unlock(); },
                   [] { renew_in_child(); });
    return made;
  }();
  return *mutex;
}

Thread::Thread() : id(GetCurrentThreadId()) {
  const std::lock_guard lock(kernel_mutex());
  threads().insert_or_assign(id, this);
}

Thread::~Thread() {
  const std::lock_guard lock(kernel_mutex());
  threads().erase(id);
}

Thread& Thread::mine() {
  if (the_thread == nullptr) {
    the_thread = new Thread;
    at_end.armed = true;  // its destructor is due from the first use on
  }
  return *the_thread;
}

Thread* Thread::mine_if_any() { return the_thread; }

Thread* Thread::find(DWORD id) {
  const auto found = threads().find(id);
  return found != threads().end() ? found->second : nullptr;
}

void wake_waiters() {
  for (const auto& [id, thread] : threads()) {
    if (thread->waits != 0) thread->wakeup.wake();
  }
}

}  // namespace backhaul::bits
