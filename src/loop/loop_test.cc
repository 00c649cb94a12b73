// SPDX-License-Identifier: Apache-2.0
// The promises of loop.h about sources.
#include "loop/loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/run_until_for_test.h"

namespace backhaul::loop {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds patience = 60s;

class EventFd {
 public:
  EventFd() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~EventFd() { close(fd_); }
  int get() const { return fd_; }
  void set() const { EXPECT_EQ(eventfd_write(fd_, 1), 0); }
  void clear() const {
    eventfd_t value = 0;
    EXPECT_EQ(eventfd_read(fd_, &value), 0);
  }

 private:
  int fd_;
};

TEST(Loop, RunReturnsTheExitCode) {
  Loop loop;
  Deferred leave(loop, Order::normal, [&] { loop.exit(7); });
  leave.schedule();
  EXPECT_EQ(loop.run(), 7);
}

TEST(Loop, RunOnceWaitsAtMostItsLimit) {
  Loop loop;
  const auto before = loop.now();
  loop.run_once(5ms);
  EXPECT_GE(loop.now() - before, 4ms);
  EXPECT_LT(loop.now() - before, patience);
}

TEST(Loop, RunOnceRunsEverythingThatIsReady) {
  Loop loop;
  int ran = 0;
  Deferred first(loop, Order::normal, [&] { ++ran; });
  Deferred second(loop, Order::idle, [&] { ++ran; });
  first.schedule();
  second.schedule();
  loop.run_once(0s);
  EXPECT_EQ(ran, 2);
}

TEST(Loop, RunOnceEndsThoughASourceIsAlwaysReady) {
  Loop loop;
  int ran = 0;
  std::optional<Deferred> again;
  again.emplace(loop, Order::normal, [&] {
    ++ran;
    again->schedule();
  });
  again->schedule();
  loop.run_once(0s);
  EXPECT_GT(ran, 1);
}

TEST(Io, TellsWhatHappened) {
  Loop loop;
  const EventFd event;
  std::uint32_t seen = 0;
  Io io(loop, event.get(), EPOLLIN, [&](std::uint32_t events) {
    seen = events;
    event.clear();
  });
  loop.run_once(0s);
  EXPECT_EQ(seen, 0U);
  event.set();
  loop.run_once(0s);
  EXPECT_EQ(seen, std::uint32_t{EPOLLIN});
}

TEST(Io, FollowsChangedEvents) {
  Loop loop;
  const EventFd event;
  std::uint32_t seen = 0;
  std::optional<Io> io;
  io.emplace(loop, event.get(), 0, [&](std::uint32_t events) {
    seen = events;
    io->set_events(0);
  });
  loop.run_once(0s);
  EXPECT_EQ(seen, 0U);
  io->set_events(EPOLLOUT);
  loop.run_once(0s);
  EXPECT_EQ(seen, std::uint32_t{EPOLLOUT});
}

TEST(Io, MayBeDestroyedInItsCallback) {
  Loop loop;
  const EventFd event;
  event.set();
  int ran = 0;
  std::optional<Io> io;
  io.emplace(loop, event.get(), EPOLLIN, [&ran, &io, kept = std::string(100, 'x')](std::uint32_t) {
    io.reset();
    ran += kept.size() == 100 ? 1 : 0;  // what the callback holds is still there
  });
  loop.run_once(0s);
  loop.run_once(0s);
  EXPECT_EQ(ran, 1);
}

// How late it is, at best: a machine that is busy makes it late now and then, a time that is rounded to a quarter of a
// second, as it is without an accuracy, makes it late whenever it is armed at one.
base::Microseconds lateness(base::Microseconds accuracy) {
  Loop loop;
  bool ran = false;
  Timer timer(loop, accuracy, [&] { ran = true; });
  base::Microseconds best = base::Microseconds::max();
  for (int time = 0; time < 5; ++time) {
    ran = false;
    const base::BootTime due = loop.now() + 5ms;
    timer.arm(due);
    EXPECT_TRUE(run_until(loop, [&] { return ran; }));
    if (time > 0) best = std::min<base::Microseconds>(best, loop.now() - due);
  }
  return best;
}

TEST(Timer, RunsOnceAndNotBeforeItsTime) {
  Loop loop;
  int ran = 0;
  base::BootTime at{};
  Timer timer(loop, 1ms, [&] {
    ++ran;
    at = loop.now();
  });
  EXPECT_FALSE(timer.armed());
  const base::BootTime due = loop.now() + 10ms;
  timer.arm(due);
  EXPECT_TRUE(timer.armed());
  ASSERT_TRUE(run_until(loop, [&] { return ran > 0; }));
  EXPECT_GE(at, due);
  EXPECT_FALSE(timer.armed());
  loop.run_once(20ms);
  EXPECT_EQ(ran, 1);
}

TEST(Timer, KeepsItsAccuracyAndAShortOneWhenNoneIsGiven) {
  EXPECT_LT(lateness(1ms), 150ms);
  EXPECT_LT(lateness(0us), 150ms);
}

TEST(Timer, DisarmedOrArmedForNeverDoesNotRun) {
  Loop loop;
  int ran = 0;
  Timer timer(loop, 1ms, [&] { ++ran; });
  timer.arm(loop.now());
  timer.disarm();
  loop.run_once(5ms);
  timer.arm(loop.now());
  timer.arm(base::never);
  EXPECT_FALSE(timer.armed());
  loop.run_once(5ms);
  EXPECT_EQ(ran, 0);
}

TEST(Timer, MayArmItselfAgainOrBeDestroyedInItsCallback) {
  Loop loop;
  int ran = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, 1ms, [&] {
    if (++ran < 3) {
      timer->arm(loop.now());
    } else {
      timer.reset();
    }
  });
  timer->arm(loop.now());
  ASSERT_TRUE(run_until(loop, [&] { return timer == nullptr; }));
  EXPECT_EQ(ran, 3);
}

TEST(Deferred, RunsOncePerScheduleInTheOrderOfTheirPlaces) {
  Loop loop;
  std::vector<int> ran;
  Deferred turn(loop, Order::turn, [&] { ran.push_back(3); });
  Deferred normal(loop, Order::normal, [&] { ran.push_back(2); });
  Deferred first(loop, Order::first, [&] { ran.push_back(1); });
  turn.schedule();
  turn.schedule();
  normal.schedule();
  first.schedule();
  loop.run_once(0s);
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  turn.schedule();
  loop.run_once(0s);
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3, 3}));
}

TEST(Deferred, RunsAfterReadyDescriptorsOfALowerOrder) {
  Loop loop;
  const EventFd event;
  std::vector<int> ran;
  Deferred turn(loop, Order::turn, [&] { ran.push_back(0); });
  int left = 3;
  Io io(loop, event.get(), EPOLLIN, [&](std::uint32_t) {
    ran.push_back(left);
    turn.schedule();
    if (--left == 0) event.clear();
  });
  event.set();
  loop.run_once(0s);
  EXPECT_EQ(ran, (std::vector<int>{3, 2, 1, 0}));
}

TEST(Deferred, MayScheduleItselfAgainOrBeDestroyedInItsCallback) {
  Loop loop;
  int ran = 0;
  std::unique_ptr<Deferred> deferred;
  deferred = std::make_unique<Deferred>(loop, Order::normal, [&] {
    deferred->schedule();
    if (++ran == 2) deferred.reset();
  });
  deferred->schedule();
  ASSERT_TRUE(run_until(loop, [&] { return deferred == nullptr; }));
  loop.run_once(0s);
  EXPECT_EQ(ran, 2);
}

TEST(Signal, ArrivesInTheLoopAndMayBeDestroyedThere) {
  Loop loop;
  int ran = 0;
  std::unique_ptr<Signal> signal;
  signal = std::make_unique<Signal>(loop, SIGUSR1, [&] {
    ++ran;
    signal.reset();
  });
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  ASSERT_TRUE(run_until(loop, [&] { return signal == nullptr; }));
  EXPECT_EQ(ran, 1);
}

TEST(Child, TellsHowAProcessEndedAndReapsIt) {
  Loop loop;
  const pid_t pid = fork();
  if (pid == 0) _exit(42);
  ASSERT_GT(pid, 0);
  std::optional<siginfo_t> end;
  std::unique_ptr<Child> child;
  child = std::make_unique<Child>(loop, pid, [&](const siginfo_t& info) {
    end = info;
    child.reset();
  });
  ASSERT_TRUE(run_until(loop, [&] { return end.has_value(); }));
  EXPECT_EQ(end->si_pid, pid);
  EXPECT_EQ(end->si_code, CLD_EXITED);
  EXPECT_EQ(end->si_status, 42);
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1);
}

TEST(Child, LeavesTheProcessAloneWhenDestroyedEarlier) {
  Loop loop;
  int gate[2] = {-1, -1};
  ASSERT_EQ(pipe(gate), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    close(gate[1]);
    char byte = 0;
    _exit(read(gate[0], &byte, 1) == 0 ? 3 : 4);
  }
  close(gate[0]);
  {
    const Child child(loop, pid, [](const siginfo_t&) { ADD_FAILURE(); });
    loop.run_once(0s);
  }
  close(gate[1]);
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 3);
}

}  // namespace
}  // namespace backhaul::loop
