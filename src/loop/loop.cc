// SPDX-License-Identifier: Apache-2.0
// Sources of sd-event in our terms. One rule is kept by all of them: a source may be destroyed
// inside its own callback. The callback is moved to the stack while it runs, and the destructor
// tells the running dispatch that there is nothing left to return to.
#include "loop/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/result.h"
#include "base/secret.h"

namespace backhaul::loop {
namespace {

// How many dispatches one run_once() makes at most: a source that is always ready must not keep it.
constexpr int dispatches_per_run = 1'000;
constexpr std::uint64_t forever = UINT64_MAX;

template <class Function>
struct Source {
  explicit Source(Function f) : function(std::move(f)) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    if (destroyed != nullptr) *destroyed = true;
    sd_event_source_disable_unref(source);
  }

  template <class... Arguments>
  void dispatch(Arguments&&... arguments) {
    bool gone = false;
    destroyed = &gone;
    Function running = std::move(function);
    running(std::forward<Arguments>(arguments)...);
    if (gone) return;
    destroyed = nullptr;
    function = std::move(running);
  }

  void set_order(Order order) {
    BH_ASSERT(sd_event_source_set_priority(source, static_cast<std::int64_t>(order)) >= 0);
  }
  void enable(int how) { BH_ASSERT(sd_event_source_set_enabled(source, how) >= 0); }

  sd_event_source* source = nullptr;
  Function function;
  bool* destroyed = nullptr;
};

}  // namespace

void must(int result) {
  if (result == -EMFILE || result == -ENFILE || result == -ENOMEM)
    throw std::system_error(-result, std::generic_category());
  BH_ASSERT(result >= 0);
}

// --- Loop --------------------------------------------------------------------------------------
Loop::Loop() { must(sd_event_new(&event_)); }

Loop::~Loop() { sd_event_unref(event_); }

int Loop::run() {
  while (sd_event_get_state(event_) != SD_EVENT_FINISHED) run_event(forever);
  int code = 0;
  BH_ASSERT(sd_event_get_exit_code(event_, &code) >= 0);
  return code;
}

bool Loop::run_event(std::uint64_t wait) {
  const int dispatched = sd_event_run(event_, wait);
  BH_ASSERT(dispatched >= 0 || dispatched == -EINTR);
  base::wipe_stack();
  return dispatched > 0;
}

void Loop::exit(int code) { BH_ASSERT(sd_event_exit(event_, code) >= 0); }

void Loop::run_once(base::Microseconds limit) {
  auto wait = static_cast<std::uint64_t>(std::max<base::Microseconds::rep>(limit.count(), 0));
  for (int i = 0; i < dispatches_per_run; ++i) {
    if (sd_event_get_state(event_) == SD_EVENT_FINISHED) return;
    if (!run_event(wait)) return;
    wait = 0;
  }
}

base::BootTime Loop::now() const {
  timespec now{};
  BH_ASSERT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return base::BootTime(std::chrono::duration_cast<base::Microseconds>(
      std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec)));
}

// --- Io ----------------------------------------------------------------------------------------
struct Io::State : Source<std::move_only_function<void(std::uint32_t)>> {
  using Source::Source;
  static int ready(sd_event_source*, int, std::uint32_t events, void* self) noexcept {
    static_cast<State*>(self)->dispatch(events);
    return 0;
  }
};

Io::Io(Loop& loop, int fd, std::uint32_t events,
       std::move_only_function<void(std::uint32_t)> callback, Order order)
    : state_(std::make_unique<State>(std::move(callback))) {
  must(sd_event_add_io(loop.native(), &state_->source, fd, events, State::ready, state_.get()));
  state_->set_order(order);
}

Io::~Io() = default;

void Io::set_events(std::uint32_t events) {
  BH_ASSERT(sd_event_source_set_io_events(state_->source, events) >= 0);
}

// --- Timer -------------------------------------------------------------------------------------
struct Timer::State : Source<Callback> {
  using Source::Source;
  static int elapsed(sd_event_source*, std::uint64_t, void* self) noexcept {
    static_cast<State*>(self)->dispatch();
    return 0;
  }
};

Timer::Timer(Loop& loop, base::Microseconds accuracy, Callback callback, Order order)
    : state_(std::make_unique<State>(std::move(callback))) {
  const auto slack =
      static_cast<std::uint64_t>(std::max<base::Microseconds::rep>(accuracy.count(), 1));
  must(sd_event_add_time(loop.native(), &state_->source, CLOCK_BOOTTIME, UINT64_MAX, slack, State::elapsed,
                         state_.get()));
  state_->enable(SD_EVENT_OFF);
  state_->set_order(order);
}

Timer::~Timer() = default;

void Timer::arm(base::BootTime when) {
  if (when == base::never) return disarm();
  const auto count = std::max<base::Microseconds::rep>(when.time_since_epoch().count(), 0);
  BH_ASSERT(sd_event_source_set_time(state_->source, static_cast<std::uint64_t>(count)) >= 0);
  state_->enable(SD_EVENT_ONESHOT);
}

void Timer::disarm() { state_->enable(SD_EVENT_OFF); }

bool Timer::armed() const {
  int enabled = SD_EVENT_OFF;
  BH_ASSERT(sd_event_source_get_enabled(state_->source, &enabled) >= 0);
  return enabled != SD_EVENT_OFF;
}

// --- Deferred ----------------------------------------------------------------------------------
struct Deferred::State : Source<Callback> {
  using Source::Source;
  static int due(sd_event_source*, void* self) noexcept {
    static_cast<State*>(self)->dispatch();
    return 0;
  }
};

Deferred::Deferred(Loop& loop, Order order, Callback callback)
    : state_(std::make_unique<State>(std::move(callback))) {
  BH_ASSERT(sd_event_add_defer(loop.native(), &state_->source, State::due, state_.get()) >= 0);
  state_->enable(SD_EVENT_OFF);
  state_->set_order(order);
}

Deferred::~Deferred() = default;

void Deferred::schedule() { state_->enable(SD_EVENT_ONESHOT); }

// --- Signal ------------------------------------------------------------------------------------
struct Signal::State : Source<Callback> {
  using Source::Source;
  static int received(sd_event_source*, const signalfd_siginfo*, void* self) noexcept {
    static_cast<State*>(self)->dispatch();
    return 0;
  }
};

Signal::Signal(Loop& loop, int signal, Callback callback)
    : state_(std::make_unique<State>(std::move(callback))) {
  sigset_t set;
  sigemptyset(&set);
  BH_ASSERT(sigaddset(&set, signal) == 0);
  BH_ASSERT(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  BH_ASSERT(sd_event_add_signal(loop.native(), &state_->source, signal, State::received,
                                state_.get()) >= 0);
}

Signal::~Signal() = default;

// --- Child -------------------------------------------------------------------------------------
// A pidfd of our own: sd_event_add_child wants SIGCHLD blocked in every thread.
struct Child::State : Source<std::move_only_function<void(const siginfo_t&)>> {
  using Source::Source;
  ~State() {
    sd_event_source_disable_unref(std::exchange(source, nullptr));
    if (fd >= 0) close(fd);
  }
  static int ended(sd_event_source*, int, std::uint32_t, void* self) noexcept {
    auto& state = *static_cast<State*>(self);
    siginfo_t info{};
    if (waitid(P_PIDFD, static_cast<id_t>(state.fd), &info, WEXITED | WNOHANG) < 0) {
      // Somebody else reaped it: the end is certain, its cause is not.
      BH_ASSERT(errno == ECHILD);
    } else if (info.si_pid == 0) {
      return 0;
    }
    state.enable(SD_EVENT_OFF);
    state.dispatch(std::as_const(info));
    return 0;
  }
  int fd = -1;
};

Child::Child(Loop& loop, pid_t pid, std::move_only_function<void(const siginfo_t&)> callback)
    : state_(std::make_unique<State>(std::move(callback))) {
  // By number: glibc 2.36 declares pidfd_open without C linkage.
  state_->fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  BH_ASSERT(state_->fd >= 0);
  BH_ASSERT(sd_event_add_io(loop.native(), &state_->source, state_->fd, EPOLLIN, State::ended,
                            state_.get()) >= 0);
}

Child::~Child() = default;

}  // namespace backhaul::loop
