// SPDX-License-Identifier: Apache-2.0
// A directory that does not answer holds up whoever wants to put files there, and nobody else.
#include "tests/component/posix/slow_directory.h"

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/posix/directory.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

class SlowDirectories : public FilesTest {
 protected:
  // All of it lies on a server, as far as anybody is told.
  void SetUp() override {
    std::filesystem::create_directory(directory_ / "slow");
    test::write_file(directory_ / "mounts", "36 35 0:1 / " + directory_.path().string() + " rw - nfs4 server:/ rw\n");
    settings_.mount_table = mounts_.c_str();
  }
  void ask(std::uint64_t check) {
    files().check(base::CheckId{check}, {owner_, {{directory_ / "slow/file", {}}}});
  }
  std::size_t answered() const { return inbox_.count<ports::DestinationsChecked>(); }
  // Directories that do not answer, each with somebody in it.
  void kill(int directories) {
    for (int n = 0; n < directories; ++n) {
      const std::string path = directory_ / ("dead" + std::to_string(n));
      std::filesystem::create_directory(path);
      dead_.push_back(std::make_unique<test::SlowDirectory>(path));
      files().check(base::CheckId{5000U + static_cast<unsigned>(n)}, {owner_, {{path + "/file", {}}}});
    }
    ASSERT_TRUE(wait([&] { return test::SlowDirectory::inside() == directories; }));
  }
  ~SlowDirectories() override { dead_.clear(); }

  const std::string mounts_ = directory_ / "mounts";
  std::vector<std::unique_ptr<test::SlowDirectory>> dead_;
};

TEST_F(SlowDirectories, NeitherTheLoopNorOtherFilesWait) {
  std::optional<test::SlowDirectory> slow(directory_ / "slow");
  ask(1001);
  ASSERT_TRUE(wait([&] { return test::SlowDirectory::inside() == 1; }));
  // However many ask for it, they hold up no other directory.
  for (std::uint64_t check = 1002; check <= 1020; ++check) ask(check);
  EXPECT_TRUE(check(directory_ / "file"));
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "content");
  close(1);
  EXPECT_EQ(answered(), 1U);
  EXPECT_EQ(test::SlowDirectory::inside(), 1);
  slow.reset();
  EXPECT_TRUE(wait([&] { return answered() == 21; }));
}

TEST_F(SlowDirectories, OneThatIsOpenAndAnswersNoMoreKeepsNobodyFromOpeningAnother) {
  Directories directories;
  const auto access = std::make_shared<DirectAccess>(022);
  const auto open_already = directories.get(access, directory_ / "slow");
  ASSERT_TRUE(open_already);
  std::optional<test::SlowDirectory> slow(directory_ / "slow");
  const auto get = [&](const std::string& path) {
    return std::async(std::launch::async, [&directories, access, path] { return directories.get(access, path); });
  };
  auto waits = get(directory_ / "slow");
  ASSERT_TRUE(wait([&] { return test::SlowDirectory::inside() == 1; }));
  auto other = get(directory_.path());
  EXPECT_EQ(other.wait_for(30s), std::future_status::ready);
  slow.reset();
  EXPECT_TRUE(other.get());
  EXPECT_EQ(waits.get().value(), open_already.value()) << "it is shared as before";
}

TEST_F(SlowDirectories, OneOfThisMachineIsLookedAtWithoutAThread) {
  settings_.checks = {.of_owner = 1, .in_all = 1, .patience = std::chrono::hours(1)};
  kill(1);
  const test::TempDir here;
  files().check(base::CheckId{1}, {owner_, {{here / "file", {}}}});
  ASSERT_EQ(answered(), 1U);
  EXPECT_FALSE(last<ports::DestinationsChecked>().refusal);
  std::filesystem::create_directory(here / "directory");
  files().check(base::CheckId{2}, {owner_, {{here / "directory", {}}}});
  ASSERT_EQ(answered(), 2U);
  ASSERT_TRUE(last<ports::DestinationsChecked>().refusal) << "it is told as the worker would";
  // Where a link leads to, only a look tells, and a look may have to wait.
  std::filesystem::create_symlink(here.path(), here / "link");
  std::filesystem::create_symlink(directory_ / "slow", here / "elsewhere");
  files().check(base::CheckId{3}, {owner_, {{here / "link/file", {}}}});
  files().check(base::CheckId{4}, {owner_, {{here / "elsewhere", {}}}});
  EXPECT_EQ(answered(), 2U);
}

TEST_F(SlowDirectories, TheAnswerIsThatOfTheDirectoryAsItIsThen) {
  std::optional<test::SlowDirectory> slow(directory_ / "slow");
  ask(1001);
  ASSERT_TRUE(wait([&] { return test::SlowDirectory::inside() == 1; }));
  std::filesystem::remove(directory_ / "slow");
  slow.reset();
  ASSERT_TRUE(wait([&] { return answered() == 1; }));
  const auto said = last<ports::DestinationsChecked>();
  EXPECT_EQ(said.check, base::CheckId{1001});
  ASSERT_TRUE(said.refusal);
  EXPECT_EQ(said.refusal->code, Code::PATH_NOT_FOUND);
}

TEST_F(SlowDirectories, AsManyAsTheyMayBeHoldUpNoOther) {
  settings_.checks = {.of_owner = 6, .in_all = 6};
  kill(5);
  EXPECT_TRUE(check(directory_ / "file"));
  for (int n = 0; n < 20; ++n) {
    const std::string path = directory_ / ("good" + std::to_string(n));
    std::filesystem::create_directory(path);
    EXPECT_TRUE(check(path + "/file"));
  }
  EXPECT_EQ(answered(), 21U);
}

TEST_F(SlowDirectories, WhereAllThreadsHangARequestForAnotherIsRefusedByName) {
  settings_.checks = {.of_owner = 3, .in_all = 8, .patience = 0s};
  kill(3);
  const auto refused = check(directory_ / "file");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::BG_E_DESTINATION_LOCKED);
  const std::string& text = refused.error().text;
  EXPECT_NE(text.find("The directory " + directory_.path().string() + " cannot be looked at"), text.npos) << text;
  EXPECT_NE(text.find("3 others do not answer, " + directory_ / "dead0"), text.npos) << text;
  // One of them comes back, and with it the room for another.
  dead_.pop_back();
  ASSERT_TRUE(wait([&] { return answered() == 2; }));
  EXPECT_TRUE(check(directory_ / "file"));
}

TEST_F(SlowDirectories, WhoIsOnlySlowIsWaitedFor) {
  settings_.checks = {.of_owner = 2, .in_all = 8, .patience = std::chrono::hours(1)};
  kill(2);
  files().check(base::CheckId{1}, {owner_, {{directory_ / "file", {}}}});
  files().check(base::CheckId{2}, {owner_, {{directory_ / "file2", {}}}});
  loop_.run_once(0s);
  EXPECT_EQ(answered(), 0U);
  dead_.pop_back();
  EXPECT_TRUE(wait([&] { return answered() == 3; }));
}

TEST_F(SlowDirectories, WhoRunsOutOfPatienceIsToldWithoutAskingAgain) {
  settings_.checks = {.of_owner = 2, .in_all = 8, .patience = 50ms};
  kill(2);
  EXPECT_FALSE(check(directory_ / "file"));
}

TEST_F(SlowDirectories, TheOnesOfOneOwnerHoldUpNobodyElse) {
  settings_.checks = {.of_owner = 2, .in_all = 3, .patience = std::chrono::hours(1)};
  const core::Owner other{owner_.uid, "org.example.App"};
  for (int n = 0; n < 4; ++n) {
    const std::string path = directory_ / ("dead" + std::to_string(n));
    std::filesystem::create_directory(path);
    dead_.push_back(std::make_unique<test::SlowDirectory>(path));
    files().check(base::CheckId{1U + static_cast<unsigned>(n)}, {owner_, {{path + "/file", {}}}});
  }
  ASSERT_TRUE(wait([&] { return test::SlowDirectory::inside() == 2; }));
  files().check(base::CheckId{9}, {other, {{directory_ / "file", {}}}});
  ASSERT_TRUE(wait([&] { return answered() == 1; }));
  EXPECT_EQ(last<ports::DestinationsChecked>().check, base::CheckId{9});
  dead_.clear();
  EXPECT_TRUE(wait([&] { return answered() == 5; }));
}

}  // namespace
}  // namespace backhaul::posix
