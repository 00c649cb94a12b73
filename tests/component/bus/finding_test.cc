// SPDX-License-Identifier: Apache-2.0
// Finding a bus and the service on it: the order of addresses, the private bus, the holder of the
// queue, and the service started without help of the bus. "The service" is any program with its
// name.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "bus/connect.h"
#include "bus/holder.h"
#include "bus/names.h"
#include "bus/private_bus.h"
#include "bus/process.h"
#include "bus/service.h"
#include "tests/support/private_bus.h"
#include "tests/support/temp_dir.h"

namespace backhaul::bus {
namespace {

using base::Code;

// It takes the connection, and what is sent, and says nothing.
TEST(SilentBus, IsGivenUp) {
  const test::TempDir folder;
  const FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = folder / "bus";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  const auto bus = Bus::open("unix:path=" + path, std::chrono::milliseconds(10));
  ASSERT_FALSE(bus);
  EXPECT_EQ(bus.error().code, Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_NE(bus.error().text.find(path + ": whoever listens there has not answered within 1 second"), std::string::npos)
      << bus.error().text;
}

// A user with no bus at all.
class NoBus : public testing::Test {
 protected:
  void SetUp() override {
    place_.uid = geteuid();
    place_.home = folder_.path();
    place_.state_home = folder_ / "state";
    place_.data_home = folder_ / "data";
    place_.data_dirs = folder_ / "share";
    place_.path = "/usr/local/bin:/usr/bin:/bin";
  }
  void TearDown() override {
    if (const pid_t pid = private_bus_pid(place_); pid > 0) kill(pid, SIGTERM);
  }
  // A daemon that does what the shell lines say.
  void install(const std::string& lines) {
    std::filesystem::create_directories(folder_ / "libexec/backhaul");
    place_.daemon = folder_ / "libexec/backhaul/backhauld";
    test::write_file(place_.daemon, "#!/bin/sh\n" + lines + "\n");
    ASSERT_EQ(chmod(place_.daemon.c_str(), 0755), 0);
  }
  // Its end is known to the kernel a moment after it was asked for.
  bool bus_runs() const {
    const FileDescriptor process(
        static_cast<int>(syscall(SYS_pidfd_open, private_bus_pid(place_), 0U)));
    pollfd end{process.get(), POLLIN, 0};
    if (!process) return false;
    if (open_private_bus(place_)) return true;
    return poll(&end, 1, 20'000) == 0;
  }
  std::string owning() const {
    return std::string("exec " BACKHAUL_NAME_OWNER " ") + service_name;
  }

  test::TempDir folder_;
  Place place_;
};

TEST_F(NoBus, APrivateBusIsStartedOnceAndFoundAfterwards) {
  EXPECT_FALSE(connect_session(place_));
  EXPECT_FALSE(open_private_bus(place_));
  constexpr int many = 8;
  std::vector<std::string> ids(many);
  std::vector<std::thread> users;
  for (int n = 0; n < many; ++n)
    users.emplace_back([&, n] {
      auto connection = connect_any(place_);
      if (connection) ids[static_cast<std::size_t>(n)] = connection->bus.id().value_or("");
    });
  for (std::thread& user : users) user.join();
  EXPECT_NE(ids[0], "");
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_TRUE(open_private_bus(place_));
  EXPECT_GT(private_bus_pid(place_), 0);
  struct stat info {};
  ASSERT_EQ(stat(private_bus_dir(place_).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(NoBus, APrivateBusThatDiedIsReplaced) {
  auto first = start_private_bus(place_);
  ASSERT_TRUE(first) << first.error().text;
  bool gone = false;
  const Slot watch = first->on_disconnect([&] { gone = true; });
  loop::Loop loop;
  ASSERT_TRUE(first->attach(loop.native()));
  kill(private_bus_pid(place_), SIGKILL);
  ASSERT_TRUE(test::wait_until(loop, [&] { return gone; }));
  auto second = start_private_bus(place_);
  ASSERT_TRUE(second) << second.error().text;
}

TEST_F(NoBus, APrivateBusThatNobodyReachesAnyMoreIsEndedByTheNext) {
  ASSERT_TRUE(start_private_bus(place_));
  const FileDescriptor first(static_cast<int>(syscall(SYS_pidfd_open, private_bus_pid(place_), 0U)));
  ASSERT_TRUE(std::filesystem::remove(private_bus_dir(place_) + "/socket"));
  ASSERT_TRUE(start_private_bus(place_));
  pollfd end{first.get(), POLLIN, 0};
  EXPECT_GT(poll(&end, 1, 20'000), 0);
  EXPECT_TRUE(bus_runs()) << "the new one";
}

TEST_F(NoBus, TheNumberOfABusThatIsAnotherProgramsByNowIsLeftAlone) {
  ASSERT_TRUE(make_private_directory(private_bus_dir(place_), place_.uid));
  test::write_file(private_bus_dir(place_) + "/pid", std::to_string(getpid()) + "\n");
  EXPECT_TRUE(start_private_bus(place_));
}

TEST_F(NoBus, APrivateBusIsDesertedWhenNobodyIsOnIt) {
  auto user = start_private_bus(place_);
  ASSERT_TRUE(user);
  end_deserted_private_bus(place_);
  EXPECT_TRUE(bus_runs());
  user->close();
  loop::Loop loop;
  EXPECT_TRUE(test::wait_until(loop, [&] {  // the bus may not have noticed yet
    end_deserted_private_bus(place_);
    return !open_private_bus(place_);
  }));
  EXPECT_FALSE(bus_runs());
}

TEST_F(NoBus, TheServiceIsStartedDirectlyWhenTheBusDoesNotKnowIt) {
  install(owning());
  auto connection = connect_to_service(place_);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_TRUE(service_runs(connection->bus));
  auto again = connect_to_service(place_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->address, connection->address);
}

TEST_F(NoBus, TheInstalledServiceFileIsKnownToThePrivateBus) {
  install("exit 1");
  place_.data_prefix = folder_ / "prefix/share";
  std::filesystem::create_directories(folder_ / "prefix/share/dbus-1/services");
  test::write_file(folder_ / "prefix/share/dbus-1/services/org.backhaul.Backhaul1.service",
                   std::string("[D-BUS Service]\nName=") + service_name + "\nExec=" +
                       BACKHAUL_NAME_OWNER + " " + service_name + "\n");
  auto connection = connect_to_service(place_);
  ASSERT_TRUE(connection) << connection.error().text;
}

// Its service file still names the place where it was.
TEST_F(NoBus, WhereTheInstallationWasMovedItsOwnServiceIsStartedOrThatIsSaid) {
  place_.data_prefix = folder_ / "prefix/share";
  std::filesystem::create_directories(folder_ / "prefix/share/dbus-1/services");
  test::write_file(folder_ / "prefix/share/dbus-1/services/org.backhaul.Backhaul1.service",
                   std::string("[D-BUS Service]\nName=") + service_name + "\nExec=" + (folder_ / "before/backhauld") + "\n");
  const auto without = connect_to_service(place_);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().text.find("backhaul was moved or copied"), std::string::npos) << without.error().text;
  install(owning());
  const auto connection = connect_to_service(place_);
  ASSERT_TRUE(connection) << connection.error().text;
}

TEST_F(NoBus, AServiceThatEndsAtOnceIsAnErrorAtOnce) {
  install("exit 3");
  auto connection = connect_to_service(place_);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_NE(connection.error().text.find("ended without serving"), std::string::npos)
      << connection.error().text;
}

TEST_F(NoBus, AClientThatFailsLeavesNoBusBehind) {
  for (const char* lines : {"exit 3", "sh -c 'exit 78' & wait; exit 78"}) {
    install(lines);
    ASSERT_FALSE(connect_to_service(place_));
    EXPECT_FALSE(bus_runs());
  }
  place_.daemon.clear();
  ASSERT_FALSE(connect_to_service(place_));
  EXPECT_FALSE(bus_runs());
}

TEST_F(NoBus, OfManyClientsThatFailTheLastOneEndsTheBus) {
  install("exit 3");
  std::vector<std::thread> users;
  for (int n = 0; n < 4; ++n) users.emplace_back([&] { EXPECT_FALSE(connect_to_service(place_)); });
  for (std::thread& user : users) user.join();
  EXPECT_FALSE(bus_runs());
}

TEST_F(NoBus, ABusThatOthersUseOutlivesAClientThatFails) {
  auto other = start_private_bus(place_);
  ASSERT_TRUE(other);
  install("exit 3");
  ASSERT_FALSE(connect_to_service(place_));
  EXPECT_TRUE(bus_runs());
}

TEST_F(NoBus, TheReasonOfTheServiceReachesTheClient) {
  install("echo '78 backhauld.conf:2: no number' >" + place_.state_dir() + "/start.failure.1\n" +
          "mv " + place_.state_dir() + "/start.failure.1 " + place_.state_dir() + "/start.failure\nexit 78");
  auto connection = connect_to_service(place_);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().text,
            "the service did not start: backhauld.conf:2: no number (exit code 78)");
}

TEST_F(NoBus, TheExitCodeThatABusToldIsPutIntoWords) {
  test::PrivateBus bus;
  install("exit 78");
  bus.add_service(service_name, {place_.daemon});
  auto connection = connect_to_service(bus.place());
  ASSERT_FALSE(connection);
  EXPECT_NE(connection.error().text.find("settings are wrong (exit code 78)"), std::string::npos)
      << connection.error().text;
}

TEST_F(NoBus, NoInstalledServiceIsAnErrorThatSaysSo) {
  auto connection = connect_to_service(place_);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_NE(connection.error().text.find("backhauld"), std::string::npos);
}

TEST_F(NoBus, TheHolderOfTheQueueIsFoundFromNoBusAndFromAnother) {
  test::PrivateBus desktop;
  Bus service = desktop.connect();
  ASSERT_TRUE(service.request_name(service_name));
  ASSERT_TRUE(make_private_directory(place_.state_dir(), place_.uid));
  ASSERT_TRUE(write_holder(place_.state_dir(), {desktop.address(), *service.id(), getpid()}));
  auto connection = connect_to_service(place_);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->address, desktop.address());
  EXPECT_FALSE(open_private_bus(place_));  // none was started

  test::PrivateBus ssh;
  place_.bus_address = ssh.address();
  auto from_other = connect_to_service(place_);
  ASSERT_TRUE(from_other);
  EXPECT_EQ(from_other->address, desktop.address());
}

TEST_F(NoBus, AHolderThatIsGoneIsPassedOver) {
  ASSERT_TRUE(make_private_directory(place_.state_dir(), place_.uid));
  ASSERT_TRUE(write_holder(place_.state_dir(), {"unix:path=" + (folder_ / "none"), "id", 1}));
  EXPECT_FALSE(connect_to_holder(place_));
  install(owning());
  EXPECT_TRUE(connect_to_service(place_));
}

TEST_F(NoBus, AnAddressThatDoesNotAnswerIsPassedOver) {
  test::PrivateBus real;
  place_.bus_address = "unix:path=" + (folder_ / "stale");
  place_.runtime_dir = folder_ / "run";
  std::filesystem::create_directories(place_.runtime_dir);
  std::filesystem::create_symlink(real.folder() / "bus", place_.runtime_dir + "/bus");
  auto connection = connect_session(place_);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->address, "unix:path=" + place_.runtime_dir + "/bus");
}

TEST_F(NoBus, AnActivatableServiceIsStartedByTheBus) {
  test::PrivateBus bus;
  bus.add_service(service_name, {BACKHAUL_NAME_OWNER, service_name});
  Place place = bus.place();
  auto connection = connect_to_service(place);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_TRUE(service_runs(connection->bus));
}

// A bus of another user hangs up while it is greeted. Whose it is, its socket tells.
TEST(Bus, OneOfAnotherUserIsTold) {
  if (geteuid() != 0) GTEST_SKIP() << "needs to give a file away";
  const test::TempDir folder;
  const std::string path = folder / "bus";
  const FileDescriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listening.get(), 2), 0);
  const auto refused = [&] {
    std::thread hangs_up([&] { const FileDescriptor peer(accept(listening.get(), nullptr, nullptr)); });
    auto bus = Bus::open("unix:path=" + path + ",guid=" + std::string(32, 'a'));
    hangs_up.join();
    EXPECT_FALSE(bus);
    return bus ? Code::S_OK : bus.error().code;
  };
  EXPECT_EQ(refused(), Code::RPC_SERVER_UNAVAILABLE) << "one of ours that ends";
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_EQ(refused(), Code::E_ACCESSDENIED);
}

}  // namespace
}  // namespace backhaul::bus
