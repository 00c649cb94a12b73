// SPDX-License-Identifier: Apache-2.0
// The other instance is a real process: an flock of the same process would be granted twice.
#include "daemon/instance.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

using std::chrono::milliseconds;
struct BusPlace {
  std::string address;
  std::string id;
};
const BusPlace desktop{"unix:path=/run/user/7/bus", "11111111"};
const BusPlace other_bus{"unix:path=/elsewhere", "22222222"};

// A child that takes the lock, announces itself, and ends when told or when killed.
class Holder {
 public:
  Holder(const std::string& folder, const BusPlace& bus) {
    EXPECT_EQ(pipe(to_child_.data()), 0);
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe(ready.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(to_child_[1]);
      auto instance = std::optional(Instance::take(folder, milliseconds(0)));
      char byte = instance->has_value() && (*instance)->announce(bus.address, bus.id) ? 'y' : 'n';
      if (write(ready[1], &byte, 1) != 1 || read(to_child_[0], &byte, 1) < 0) _exit(1);
      instance.reset();
      _exit(0);
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    close(to_child_[0]);
  }
  ~Holder() {
    tell_to_end();
    waitpid(pid_, nullptr, 0);
  }
  void tell_to_end() {
    if (to_child_[1] >= 0) close(to_child_[1]);
    to_child_[1] = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  std::array<int, 2> to_child_{};
  pid_t pid_ = -1;
};

TEST(Instance, AnnouncesWhereItIsAndCleansUp) {
  test::TempDir folder;
  {
    auto instance = Instance::take(folder.path(), milliseconds(0));
    ASSERT_TRUE(instance);
    EXPECT_FALSE(bus::read_holder(folder.path())) << "nobody can be reached there yet";
    ASSERT_TRUE(instance->announce(desktop.address, desktop.id));
    EXPECT_EQ(*bus::read_holder(folder.path()), (bus::Holder{desktop.address, desktop.id, getpid()}));
  }
  EXPECT_FALSE(bus::read_holder(folder.path()));
}

TEST(Instance, RemembersWhetherWorkWasLeft) {
  test::TempDir folder;
  EXPECT_FALSE(Instance::work_was_left(folder.path()));
  {
    auto instance = Instance::take(folder.path(), milliseconds(0));
    instance->note_work_left(true);
  }
  EXPECT_TRUE(Instance::work_was_left(folder.path()));
  Instance::take(folder.path(), milliseconds(0))->note_work_left(false);
  EXPECT_FALSE(Instance::work_was_left(folder.path()));
}

TEST(Instance, WaitsForAnotherOfItsOwnBusThatIsOnItsWayOut) {
  test::TempDir folder;
  Holder holder(folder.path(), desktop);
  holder.tell_to_end();
  EXPECT_TRUE(Instance::take(folder.path(), std::chrono::seconds(30)));
}

TEST(Instance, StepsAsideForOneOfItsOwnBusThatAnswers) {
  test::TempDir folder;
  Holder holder(folder.path(), desktop);
  int asked = 0;
  const auto begins = [&](const bus::Holder&) { return ++asked == 2; };  // it was just starting
  auto refused = Instance::take(folder.path(), std::chrono::hours(1), begins);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::ALREADY_EXISTS);
  EXPECT_NE(refused.error().text.find(std::to_string(holder.pid())), std::string::npos);
}

TEST(Instance, WhoeverRemovesTheLockFileLetsNobodyElseIn) {
  test::TempDir folder;
  Holder holder(folder.path(), desktop);
  ASSERT_EQ(unlink((folder / "queue.lock").c_str()), 0);
  const auto refused = Instance::take(folder.path(), milliseconds(0));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find(std::to_string(holder.pid())), std::string::npos) << refused.error().text;
  EXPECT_TRUE(bus::read_holder(folder.path())) << "clients still find it";
}

TEST(Instance, GivesUpOnOneOfItsOwnBusThatStays) {
  test::TempDir folder;
  Holder holder(folder.path(), desktop);
  auto refused = Instance::take(folder.path(), milliseconds(200));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_NE(refused.error().text.find(std::to_string(holder.pid())), std::string::npos);
}

TEST(Instance, DoesNotWaitForOneOfAnotherBusAndNamesIt) {
  test::TempDir folder;
  Holder holder(folder.path(), other_bus);
  const auto answers = [](const bus::Holder& asked) { return asked.address == other_bus.address; };
  auto refused = Instance::take(folder.path(), std::chrono::hours(1), answers);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::ALREADY_EXISTS);
  EXPECT_NE(refused.error().text.find(other_bus.address), std::string::npos);
}

TEST(Instance, WaitsForOneWhoseBusIsGoneWithItsSession) {
  test::TempDir folder;
  Holder holder(folder.path(), other_bus);
  const auto gone = [&](const bus::Holder&) {
    holder.tell_to_end();  // as a service does that has lost its bus
    return false;
  };
  EXPECT_TRUE(Instance::take(folder.path(), std::chrono::seconds(30), gone));
}

TEST(Instance, OfAHolderThatIsNowhereItIsNotSaidThatItAnswers) {
  test::TempDir folder;
  EXPECT_FALSE(bus::holder_answers({"unix:path=" + (folder / "none"), "id", getpid()}));
}

TEST(Instance, APipeInThePlaceOfTheLockIsSaidAndKeepsNobodyWaiting) {
  test::TempDir folder;
  const std::string lock = folder / "queue.lock";
  ASSERT_EQ(mkfifo(lock.c_str(), 0600), 0);
  const auto refused = Instance::take(folder.path(), milliseconds(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, lock + " is a named pipe and not a file of backhaul");
  unlink(lock.c_str());
  auto instance = Instance::take(folder.path(), milliseconds(0));
  ASSERT_TRUE(instance);
  ASSERT_EQ(mkfifo((folder / "unfinished").c_str(), 0600), 0);
  instance->note_work_left(true);
}

TEST(Instance, FollowsOneThatWasKilled) {
  test::TempDir folder;
  Holder holder(folder.path(), other_bus);
  kill(holder.pid(), SIGKILL);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(holder.pid()), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(bus::read_holder(folder.path()));
  auto instance = Instance::take(folder.path(), milliseconds(0));
  ASSERT_TRUE(instance);
  EXPECT_FALSE(bus::read_holder(folder.path())) << "the dead one is not to be looked for";
}

}  // namespace
}  // namespace backhaul::daemon
