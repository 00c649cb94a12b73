// SPDX-License-Identifier: Apache-2.0
// With a real dbus-daemon, in a folder of the test; the keeper runs in a process of its own, as the
// guardian does.
#include "daemon/bus_keeper.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "bus/holder.h"
#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::daemon {
namespace {

using std::chrono::milliseconds;

class BusKeeper : public ::testing::Test {
 protected:
  void SetUp() override {
    place_ = bus::Place::current();
    place_.state_home = folder_ / "state";
    place_.data_home = folder_ / "data";
    bus_ = bus::start_private_bus(place_).value();
    daemon_ = bus::FileDescriptor(static_cast<int>(
        syscall(SYS_pidfd_open, bus::private_bus_pid(place_), 0)));
    ASSERT_TRUE(daemon_);
  }
  void TearDown() override {
    for (pid_t pid : keepers_) {
      kill(pid, SIGTERM);
      waitpid(pid, nullptr, 0);
    }
    kill(bus::private_bus_pid(place_), SIGTERM);
  }

  pid_t keep(base::Microseconds idle_limit) {
    const int test_connection = bus_ ? bus_->wanted()->fd : -1;
    pid_t pid = fork();
    if (pid == 0) {
      if (bus_) close(test_connection);  // or the test could not end it
      keep_private_bus(place_, idle_limit);
      _exit(0);
    }
    keepers_.push_back(pid);
    return pid;
  }
  bool bus_ended_within(int limit_ms) {
    pollfd end{daemon_.get(), POLLIN, 0};
    return poll(&end, 1, limit_ms) > 0;
  }
  // The keeper listens to signals from then on: it is the second one on the bus.
  void wait_for_lock() {
    loop::Loop loop;
    ASSERT_TRUE(test::wait_until(loop, [&] {
      const auto names = bus_->call<std::vector<std::string>>(
          {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "ListNames", bus::usual_limit});
      return names && std::get<0>(*names).size() > 2;
    }));
  }
  void wait_for_keeper(pid_t pid) {
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
    std::erase(keepers_, pid);
  }

  test::TempDir folder_;
  bus::Place place_;
  std::optional<bus::Bus> bus_;
  bus::FileDescriptor daemon_;
  std::vector<pid_t> keepers_;
};

TEST_F(BusKeeper, EndsABusThatNobodyUses) {
  bus_.reset();
  const pid_t keeper = keep(milliseconds(50));
  EXPECT_TRUE(bus_ended_within(20'000));
  wait_for_keeper(keeper);
}

TEST_F(BusKeeper, LeavesABusWithAClientAloneUntilTheClientLeaves) {
  keep(milliseconds(50));
  EXPECT_FALSE(bus_ended_within(400));
  bus_.reset();
  EXPECT_TRUE(bus_ended_within(20'000));
}

TEST_F(BusKeeper, HandsOverToTheGuardianOfANewService) {
  const pid_t keeper = keep(milliseconds(50));
  ASSERT_TRUE(bus_->request_name(bus::service_name));
  wait_for_keeper(keeper);
  EXPECT_FALSE(bus_ended_within(0));
}

TEST_F(BusKeeper, SigtermEndsTheBusThatItKeeps) {
  const pid_t keeper = keep(std::chrono::hours(1));
  wait_for_lock();
  kill(keeper, SIGTERM);
  wait_for_keeper(keeper);
  EXPECT_TRUE(bus_ended_within(20'000));
}

TEST_F(BusKeeper, AGuardianThatWasAskedToEndEndsTheBusOfItsService) {
  look_after_private_bus({.exit_code = 0, .asked_to_end = true, .ever_ready = true, .bus = BusKind::own},
                         place_, std::chrono::hours(1));
  EXPECT_TRUE(bus_ended_within(20'000)) << "whoever is on it";
}

TEST_F(BusKeeper, AGuardianOfASessionLeavesABusThatOthersAreOn) {
  look_after_private_bus({.exit_code = 0, .asked_to_end = true, .ever_ready = true, .bus = BusKind::session},
                         place_, std::chrono::hours(1));
  EXPECT_FALSE(bus_ended_within(0));
}

TEST_F(BusKeeper, AGuardianWhoseServiceNeverStartedKeepsNobodyWaitingAndLeavesNothing) {
  const Guarded failed{.exit_code = 78};
  look_after_private_bus(failed, place_, std::chrono::hours(1));  // returns: somebody is on the bus
  EXPECT_FALSE(bus_ended_within(0));
  bus_.reset();
  look_after_private_bus(failed, place_, std::chrono::hours(1));
  EXPECT_TRUE(bus_ended_within(20'000));
}

TEST_F(BusKeeper, AGuardianWhoseServiceSteppedAsideLeavesTheBusToTheGuardianOfTheOther) {
  const std::string address = bus::private_bus_address(place_).value();
  ASSERT_TRUE(bus::write_holder(place_.state_dir(), {address, "id", getpid()}));
  bus_.reset();  // the other was killed a moment ago, and its guardian brings it back
  look_after_private_bus({.exit_code = 75}, place_, std::chrono::hours(1));
  EXPECT_TRUE(bus::open_private_bus(place_));
  EXPECT_FALSE(bus_ended_within(0));
  ASSERT_TRUE(bus::write_holder(place_.state_dir(), {"unix:path=/elsewhere", "id", getpid()}));
  look_after_private_bus({.exit_code = 75}, place_, std::chrono::hours(1));
  EXPECT_TRUE(bus_ended_within(20'000));
}

TEST_F(BusKeeper, TheBusOfANewServiceIsLeftAlone) {
  ASSERT_TRUE(bus_->request_name(bus::service_name));
  look_after_private_bus({.exit_code = 0, .asked_to_end = true, .ever_ready = true, .bus = BusKind::own},
                         place_, std::chrono::hours(1));
  EXPECT_FALSE(bus_ended_within(0));
}

TEST_F(BusKeeper, ThereIsOneForABus) {
  bus_->request_name("org.example.Client").value();
  const pid_t first = keep(std::chrono::hours(1));
  // Both are told apart by the lock; the one that does not get it returns.
  const pid_t second = keep(std::chrono::hours(1));
  int status = 0;
  const pid_t ended = waitpid(-1, &status, 0);
  EXPECT_TRUE(ended == first || ended == second);
  std::erase(keepers_, ended);
  EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
}

}  // namespace
}  // namespace backhaul::daemon
