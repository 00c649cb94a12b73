// SPDX-License-Identifier: Apache-2.0
// The event loop in our terms, over sd-event. Everything is owned by its holder and stops when it is
// destroyed, also when that happens inside its own callback; everything belongs to the thread that
// runs the loop, but Poster::post and the work functions of a Worker. Callbacks do not throw; what is made here
// throws std::system_error where the process is short of descriptors or memory. Not seen by engine or core.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"

struct sd_event;

namespace backhaul::loop {

using Callback = std::move_only_function<void()>;

class Worker;

// Of a call that gives a negative errno: throws where that is a shortage. Anything else is a bug of ours.
void must(int result);

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int run();           // until exit(); returns its code
  void exit(int code);
  // Runs what is ready and waits at most `limit` for something to become ready. For tests.
  void run_once(base::Microseconds limit);
  // For the end: drops the work of all its Workers that has not begun and waits at most `limit` for what
  // has. How many threads are still in it: each may come back at any time, so what their work uses has to
  // stay where it is until the process ends.
  std::size_t end_work(base::Microseconds limit);
  base::BootTime now() const;  // read afresh each time
  sd_event* native() const { return event_; }

 private:
  friend class Worker;
  bool run_event(std::uint64_t wait);  // microseconds; whether one was dispatched

  sd_event* event_ = nullptr;
  std::vector<Worker*> workers_;
};

// Lower runs first. The bus is normal; the turn is later, so that a burst of messages shares one.
enum class Order : std::int64_t { first = -100, normal = 0, turn = 100, idle = 200 };

class Io {
 public:
  // `events` are EPOLLIN, EPOLLOUT, …; the callback gets what happened.
  Io(Loop& loop, int fd, std::uint32_t events, std::move_only_function<void(std::uint32_t)> callback,
     Order order = Order::normal);
  ~Io();
  void set_events(std::uint32_t events);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One-shot, on CLOCK_BOOTTIME. The accuracy is always explicit: sd-event's 0 means 250 ms.
class Timer {
 public:
  Timer(Loop& loop, base::Microseconds accuracy, Callback callback, Order order = Order::normal);
  ~Timer();
  void arm(base::BootTime when);  // base::never: disarm
  void disarm();
  bool armed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs once per schedule(), after everything of a lower order that is ready.
class Deferred {
 public:
  Deferred(Loop& loop, Order order, Callback callback);
  ~Deferred();
  void schedule();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Blocks the signal in the calling thread and receives it in the loop. Make these before threads.
// It stays blocked after destruction, so that a late one does not end a service that is going down.
class Signal {
 public:
  Signal(Loop& loop, int signal, Callback callback);
  ~Signal();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Waits for a child and reaps it; one that ended before is reported as well. A Child that is
// destroyed earlier leaves its process alone.
class Child {
 public:
  Child(Loop& loop, pid_t pid, std::move_only_function<void(const siginfo_t&)> callback);
  ~Child();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hands closures from any thread to the loop thread, in order.
class Poster {
 public:
  explicit Poster(Loop& loop, Order order = Order::normal);
  ~Poster();
  void post(Callback callback);  // any thread

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A few threads for blocking work, made when they are needed. `work` runs on one of them; what it returns
// runs on the loop thread. Destruction finishes work that has begun, drops the rest, and runs no more
// completions.
class Worker {
 public:
  using Work = std::move_only_function<Callback()>;
  Worker(Loop& loop, unsigned threads);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  void submit(Work work);  // loop thread; begun in order
  std::size_t backlog() const;  // submitted, and the completion has not begun to run
  bool ended() const;  // none of its threads is at work, nor will be again (Loop::end_work)

 private:
  friend class Loop;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace backhaul::loop
