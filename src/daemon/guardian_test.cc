// SPDX-License-Identifier: Apache-2.0
// A guardian is run in a child of the test; what its services do is told to the test by a pipe.
#include "daemon/guardian.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>

namespace backhaul::daemon {
namespace {

using std::chrono::milliseconds;

struct Born {  // written by each service as it begins; small enough to be one write
  pid_t pid;
  bool after_an_end;
};

class GuardianTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Services whose guardian was killed become children of the test, which reaps them.
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_EQ(pipe(births_.data()), 0);
  }
  void TearDown() override {
    close(births_[0]);
    if (births_[1] >= 0) close(births_[1]);
  }

  void start(const std::function<int(Guarded&)>& service) {
    guardian_ = fork();
    ASSERT_GE(guardian_, 0);
    if (guardian_ != 0) {
      close(births_[1]);
      births_[1] = -1;
      return;
    }
    Guarded guarded = stand_guard({.first_delay = milliseconds(1), .longest_delay = milliseconds(8)});
    if (guarded.exit_code) _exit(*guarded.exit_code);
    sigset_t term = sigterm();
    sigprocmask(SIG_BLOCK, &term, nullptr);
    Born born{getpid(), !guarded.previous_end.empty()};
    if (write(births_[1], &born, sizeof born) != sizeof born) _exit(99);
    _exit(service(guarded));
  }
  Born next_born() {
    Born born{};
    EXPECT_EQ(read(births_[0], &born, sizeof born), static_cast<ssize_t>(sizeof born));
    return born;
  }
  bool no_more_born() {
    Born born{};
    return read(births_[0], &born, sizeof born) == 0;
  }
  int guardian_code() {
    int status = 0;
    EXPECT_EQ(waitpid(guardian_, &status, 0), guardian_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  static sigset_t sigterm() {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    return term;
  }
  static int wait_for_signal(Guarded& guarded) {
    sigset_t term = sigterm();
    guarded.readiness.tell();
    return sigwaitinfo(&term, nullptr) == SIGTERM ? EX_OK : EX_OSERR;
  }

  pid_t guardian_ = -1;
  std::array<int, 2> births_{-1, -1};
};

TEST_F(GuardianTest, BringsAKilledServiceBackAsOftenAsItIsKilled) {
  start(wait_for_signal);
  for (int i = 0; i < 5; ++i) {
    Born born = next_born();
    EXPECT_EQ(born.after_an_end, i > 0);
    kill(born.pid, SIGKILL);
  }
  kill(next_born().pid, SIGTERM);
  EXPECT_EQ(guardian_code(), EX_OK) << "it asked for nothing but its own end";
}

// What it knew of its end is not lost with it.
TEST_F(GuardianTest, TellsTheNextServiceWhyTheOneBeforeItEnded) {
  start([](Guarded& guarded) {
    if (guarded.previous_end.empty()) {
      guarded.readiness.tell();
      guarded.readiness.tell_reason("rows were lost");
      return EX_IOERR;
    }
    if (guarded.previous_end == "exit code 74: rows were lost") {
      guarded.readiness.tell();
      return EX_SOFTWARE;  // without a word
    }
    return guarded.previous_end == "exit code 70" ? EX_OK : EX_USAGE;
  });
  for (int i = 0; i < 3; ++i) next_born();
  EXPECT_EQ(guardian_code(), EX_OK);
  EXPECT_TRUE(no_more_born());
}

// Also to one that has not come so far that it could hear it.
TEST_F(GuardianTest, PassesOnThatTheSettingsAreToBeReadAgain) {
  start([](Guarded& guarded) {
    if (!guarded.previous_end.empty()) return EX_USAGE;  // it ended of the signal
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    guarded.readiness.tell();
    return sigwaitinfo(&hangup, nullptr) == SIGHUP ? EX_OK : EX_OSERR;
  });
  next_born();
  kill(guardian_, SIGHUP);
  EXPECT_EQ(guardian_code(), EX_OK);
  EXPECT_TRUE(no_more_born());
}

TEST_F(GuardianTest, EndsWhenTheServiceEndsCleanly) {
  start([](Guarded& guarded) {
    guarded.readiness.tell();
    return EX_OK;
  });
  next_born();
  EXPECT_EQ(guardian_code(), EX_OK);
  EXPECT_TRUE(no_more_born());
}

TEST_F(GuardianTest, PassesOnTheReasonOfAServiceThatCouldNotStart) {
  start([](Guarded&) { return EX_CONFIG; });
  next_born();
  EXPECT_EQ(guardian_code(), EX_CONFIG);
  EXPECT_TRUE(no_more_born());
}

TEST_F(GuardianTest, TriesAgainWhenAServiceThatOnceWasReadyCannotStart) {
  start([](Guarded& guarded) {
    if (guarded.previous_end.empty()) guarded.readiness.tell();
    return EX_IOERR;
  });
  for (int i = 0; i < 3; ++i) next_born();
  kill(guardian_, SIGTERM);
  EXPECT_EQ(guardian_code(), EX_OK);
}

TEST_F(GuardianTest, DoesNotContendWithAnotherServiceThatHoldsTheQueue) {
  start([](Guarded& guarded) {
    if (!guarded.previous_end.empty()) return EX_TEMPFAIL;
    guarded.readiness.tell();
    return EX_IOERR;
  });
  next_born();
  next_born();
  EXPECT_EQ(guardian_code(), EX_TEMPFAIL);
}

TEST_F(GuardianTest, AServiceComesBackToTheKindOfBusThatItWasOn) {
  for (const BusKind kind : {BusKind::session, BusKind::own, BusKind::machine}) {
    start([kind](Guarded& guarded) {
      if (guarded.previous_end.empty()) {
        if (guarded.bus != BusKind::any) _exit(98);
        guarded.readiness.tell_bus(kind);
        raise(SIGKILL);  // before it was ready
      }
      return guarded.bus == kind ? EX_OK : 97;
    });
    next_born();
    next_born();
    EXPECT_EQ(guardian_code(), EX_OK);
    EXPECT_EQ(pipe(births_.data()), 0);
  }
}

TEST_F(GuardianTest, EndsWithTheSessionOfItsService) {
  start([](Guarded& guarded) {
    if (!guarded.previous_end.empty()) return EX_UNAVAILABLE;  // there is no session bus any more
    guarded.readiness.tell_bus(BusKind::session);
    guarded.readiness.tell();
    raise(SIGKILL);
    return 0;
  });
  next_born();
  next_born();
  EXPECT_EQ(guardian_code(), EX_UNAVAILABLE);
  EXPECT_TRUE(no_more_born());
}

TEST_F(GuardianTest, TriesAgainToReplaceALostBusOfItsOwn) {
  start([](Guarded& guarded) {
    if (guarded.previous_end.empty()) {
      guarded.readiness.tell_bus(BusKind::own);
      guarded.readiness.tell();
    }
    return EX_UNAVAILABLE;
  });
  for (int i = 0; i < 3; ++i) next_born();
  kill(guardian_, SIGTERM);
  EXPECT_EQ(guardian_code(), EX_OK);
}

TEST_F(GuardianTest, PassesSigtermOnAndWaitsForTheEnd) {
  start(wait_for_signal);
  next_born();
  kill(guardian_, SIGTERM);
  EXPECT_EQ(guardian_code(), EX_OK);
  EXPECT_TRUE(no_more_born());
}

TEST_F(GuardianTest, TheServiceOutlivesAKilledGuardian) {
  start(wait_for_signal);
  Born born = next_born();
  kill(guardian_, SIGKILL);
  EXPECT_EQ(guardian_code(), -SIGKILL);
  EXPECT_EQ(kill(born.pid, 0), 0);
  kill(born.pid, SIGTERM);
  EXPECT_EQ(waitpid(born.pid, nullptr, 0), born.pid);
}

}  // namespace
}  // namespace backhaul::daemon
