// SPDX-License-Identifier: Apache-2.0
#include "bus/place.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "bus/holder.h"
#include "bus/private_bus.h"
#include "bus/process.h"

namespace backhaul::bus {
namespace {

class PlaceTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "backhaul-place-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void make_program(const std::string& name) {
    std::filesystem::create_directories(std::filesystem::path(name).parent_path());
    std::ofstream(name) << "#!/bin/sh\n";
    ASSERT_EQ(chmod(name.c_str(), 0755), 0);
  }
  std::string root_;
};

TEST_F(PlaceTest, TheServiceIsFoundFromEveryFolderOfItsPrefix) {
  const std::string daemon = root_ + "/libexec/backhaul/backhauld";
  EXPECT_EQ(find_daemon(root_ + "/bin/backhaul"), "");
  make_program(daemon);
  EXPECT_EQ(find_daemon(root_ + "/bin/backhaul"), daemon);
  EXPECT_EQ(find_daemon(root_ + "/lib/libbackhaul.so.0"), daemon);
  EXPECT_EQ(find_daemon(root_ + "/lib/x86_64-linux-gnu/libbackhaul.so.0"), daemon);
}

// Variables of the process, put back at the end.
class Variables {
 public:
  void set(const char* name, const char* value) {
    const char* before = std::getenv(name);
    before_.emplace_back(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
    if (value == nullptr)
      unsetenv(name);
    else
      setenv(name, value, 1);
  }
  ~Variables() {
    for (auto it = before_.rbegin(); it != before_.rend(); ++it)
      it->second ? setenv(it->first, it->second->c_str(), 1) : unsetenv(it->first);
  }

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST_F(PlaceTest, AnEmptyEnvironmentIsEnough) {
  Variables variables;
  for (const char* name : {"HOME", "PATH", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS",
                           "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"})
    variables.set(name, nullptr);
  const Place place = Place::current();
  EXPECT_TRUE(place.home.starts_with('/'));
  EXPECT_TRUE(place.state_home.ends_with("/.local/state"));
  EXPECT_TRUE(place.data_home.ends_with("/.local/share"));
  EXPECT_NE(find_program("sh", place.path), "");
  EXPECT_EQ(place.bus_address, "");
  EXPECT_EQ(place.runtime_dir, "");
}

TEST_F(PlaceTest, RelativeFoldersAndARuntimeFolderOfSomebodyElseAreIgnored) {
  Variables variables;
  variables.set("HOME", root_.c_str());
  variables.set("XDG_STATE_HOME", "state");
  variables.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x");
  EXPECT_EQ(Place::current().state_home, root_ + "/.local/state");
  EXPECT_EQ(Place::current().bus_address, "unix:path=/x");
  variables.set("XDG_STATE_HOME", "/elsewhere");
  EXPECT_EQ(Place::current().state_dir(), "/elsewhere/backhaul");
  variables.set("XDG_RUNTIME_DIR", "/nonexistent");
  EXPECT_EQ(Place::current().runtime_dir, "");
  variables.set("XDG_RUNTIME_DIR", root_.c_str());
  EXPECT_EQ(Place::current().runtime_dir, root_);
}

TEST_F(PlaceTest, ProgramsAreSearchedInAbsoluteFoldersOnly) {
  make_program(root_ + "/bin/tool");
  EXPECT_EQ(find_program("tool", "bin:" + root_ + ":" + root_ + "/bin"), root_ + "/bin/tool");
  EXPECT_EQ(find_program("tool", ""), "");
}

TEST_F(PlaceTest, APrivateFolderIsMadeWithItsParents) {
  const std::string folder = root_ + "/a/b/c";
  ASSERT_TRUE(make_private_directory(folder, geteuid()));
  struct stat info {};
  ASSERT_EQ(stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
  ASSERT_TRUE(make_private_directory(folder, geteuid()));
  ASSERT_EQ(stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(PlaceTest, AFolderBehindALinkOrOfSomebodyElseIsNotPrivate) {
  ASSERT_EQ(mkdir((root_ + "/real").c_str(), 0700), 0);
  ASSERT_EQ(symlink("real", (root_ + "/link").c_str()), 0);
  EXPECT_EQ(make_private_directory(root_ + "/link", geteuid()).error().code,
            base::Code::E_ACCESSDENIED);
  EXPECT_EQ(make_private_directory(root_ + "/real", geteuid() + 1).error().code,
            base::Code::E_ACCESSDENIED);
}

TEST_F(PlaceTest, ASocketPathThatIsTooLongIsRefused) {
  Place place;
  place.state_home = "/" + std::string(80, 'x');
  EXPECT_TRUE(private_bus_address(place));  // 81 + /backhaul/bus/socket = 101
  place.state_home = "/" + std::string(90, 'x');
  EXPECT_EQ(private_bus_address(place).error().code, base::Code::E_INVALIDARG);
}

TEST_F(PlaceTest, AnAddressEscapesWhatItMust) {
  Place place;
  place.state_home = "/a b,c";
  EXPECT_EQ(*private_bus_address(place), "unix:path=/a%20b%2cc/backhaul/bus/socket");
}

TEST_F(PlaceTest, APipeInThePlaceOfTheHolderKeepsNobodyWaiting) {
  ASSERT_EQ(mkfifo((root_ + "/queue.bus").c_str(), 0600), 0);
  const auto holder = read_holder(root_);
  ASSERT_FALSE(holder);
  EXPECT_EQ(holder.error().text, root_ + "/queue.bus is a named pipe and not a file of backhaul");
  ASSERT_EQ(mkfifo((root_ + "/queue.bus.new").c_str(), 0600), 0);
  EXPECT_FALSE(write_holder(root_, {}));
}

TEST_F(PlaceTest, TheHolderIsReadBackAndRemovedByItselfOnly) {
  EXPECT_EQ(read_holder(root_).error().code, base::Code::FILE_NOT_FOUND);
  const Holder holder{"unix:path=/run/user/1000/bus,guid=12=3", "0123456789abcdef", 4711};
  ASSERT_TRUE(write_holder(root_, holder));
  EXPECT_EQ(*read_holder(root_), holder);
  remove_holder(root_, 4712);
  EXPECT_EQ(*read_holder(root_), holder);
  remove_holder(root_, 4711);
  EXPECT_FALSE(read_holder(root_));
}

TEST_F(PlaceTest, AStartedProgramGetsItsEnvironmentAndItsEndIsSeen) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  std::vector<std::string> environment;
  set_variable(environment, "WORD", "old");
  set_variable(environment, "WORD", "new");
  auto started = start_detached({"/bin/sh", "-c", "echo $WORD $PPID >&3"}, environment,
                                writer.get());
  ASSERT_TRUE(started) << started.error().text;
  writer = FileDescriptor();
  char buffer[64] = {};
  ASSERT_GT(read(reader.get(), buffer, sizeof buffer - 1), 0);
  EXPECT_EQ(std::string(buffer).substr(0, 4), "new ");
  EXPECT_NE(std::atoi(buffer + 4), getpid());  // not our child
  EXPECT_GT(started->pid, 0);
}

TEST_F(PlaceTest, TheEndOfAProcessIsSeenAlsoByWhoComesLate) {
  const pid_t child = fork();
  if (child == 0) _exit(3);
  ASSERT_GT(child, 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  const FileDescriptor ended = watch_end(child);
  ASSERT_TRUE(ended);
  pollfd source{ended.get(), POLLIN, 0};
  EXPECT_EQ(poll(&source, 1, 10'000), 1);
}

TEST_F(PlaceTest, AProgramThatIsMissingIsReported) {
  auto started = start_detached({root_ + "/missing"}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, base::Code::FILE_NOT_FOUND);
}

}  // namespace
}  // namespace backhaul::bus
