// SPDX-License-Identifier: Apache-2.0
#include "cli/wakeups.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace backhaul::cli {
namespace {

// What ends a program from outside. SIGPIPE is among them: the reader of our output has gone.
constexpr int endings[] = {SIGTERM, SIGHUP, SIGQUIT,   SIGPIPE, SIGUSR1, SIGUSR2,
                           SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR};

bool is_ending(std::uint32_t signal) {
  return std::ranges::any_of(endings, [&](int one) { return signal == static_cast<std::uint32_t>(one); });
}

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGWINCH);
  // One that is ignored (nohup) ends nobody.
  for (const int number : endings) {
    struct sigaction usual {};
    if (sigaction(number, nullptr, &usual) == 0 && usual.sa_handler != SIG_IGN) sigaddset(&set, number);
  }
  return set;
}

}  // namespace

// Shared with the library's threads: an event may be under way when the command ends.
struct Wakeups::Queue {
  Queue() : fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Queue() {
    if (fd >= 0) close(fd);
  }

  void push(Wake wake) {
    const std::scoped_lock lock(mutex);
    wakes.push_back(std::move(wake));
    const std::uint64_t one = 1;
    if (write(fd, &one, sizeof one) != sizeof one) return;  // full: it is readable already
  }
  std::optional<Wake> pop() {
    const std::scoped_lock lock(mutex);
    if (wakes.empty()) return std::nullopt;
    Wake wake = std::move(wakes.front());
    wakes.pop_front();
    if (wakes.empty()) {
      std::uint64_t count = 0;
      if (read(fd, &count, sizeof count) != sizeof count) return wake;  // nothing to take back
    }
    return wake;
  }

  std::mutex mutex;
  std::deque<Wake> wakes;
  const int fd;
};

Wakeups::Wakeups(std::function<void()> before_end)
    : before_end_(std::move(before_end)), queue_(std::make_shared<Queue>()) {
  const sigset_t set = our_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Wakeups::~Wakeups() {
  subscription_.cancel();
  // There is nothing left to interrupt: what is to be printed is still on its way, and the exit status says how it went.
  sigset_t interrupts;
  sigemptyset(&interrupts);
  sigaddset(&interrupts, SIGINT);
  const timespec at_once{};
  sigtimedwait(&interrupts, nullptr, &at_once);
  if (signals_ >= 0) close(signals_);
  const sigset_t set = our_signals();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

Result<void> Wakeups::listen(const Client& client) {
  JobEvents events;
  const auto push = [queue = queue_](Wake::Kind kind, const Job& job) { queue->push({kind, job}); };
  events.added = [push](const Job& job) { push(Wake::Kind::added, job); };
  events.removed = [push](const Job& job) { push(Wake::Kind::removed, job); };
  events.changed = [push](const Job& job, const std::vector<std::string>&) {
    push(Wake::Kind::changed, job);
  };
  events.gap = [push] { push(Wake::Kind::gap, Job()); };
  auto subscription = client.subscribe(std::move(events));
  if (!subscription) return subscription.error();
  subscription_ = *std::move(subscription);
  return {};
}

std::function<void()> Wakeups::teller() const {
  return [queue = queue_] { queue->push({Wake::Kind::answer, Job()}); };
}

void Wakeups::end_by(int number) {
  if (before_end_) before_end_();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  raise(number);
}

// 0: none came. Without a descriptor left they are asked for by themselves: a command that is short of them is ended
// like any other.
int Wakeups::next_signal() const {
  if (signals_ >= 0) {
    signalfd_siginfo info{};
    return read(signals_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }
  const sigset_t set = our_signals();
  const timespec at_once{};
  return std::max(sigtimedwait(&set, nullptr, &at_once), 0);
}

Wake Wakeups::wait(std::optional<Clock::time_point> until) {
  const bool deaf = signals_ < 0 || queue_->fd < 0;  // what comes is looked for now and then
  for (;;) {
    if (const int number = next_signal(); number != 0) {
      if (is_ending(static_cast<std::uint32_t>(number))) end_by(number);
      return {number == SIGINT ? Wake::Kind::interrupt : Wake::Kind::resize, {}};
    }
    if (auto wake = queue_->pop()) return *std::move(wake);
    int limit = -1;
    if (until) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now());
      if (left.count() <= 0) return {};
      limit = static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000));
    }
    if (deaf) limit = limit < 0 ? 100 : std::min(limit, 100);
    pollfd sources[] = {{signals_, POLLIN, 0}, {queue_->fd, POLLIN, 0}};
    poll(sources, 2, limit);
  }
}

}  // namespace backhaul::cli
