// SPDX-License-Identifier: Apache-2.0
// What stands under the name of a destination: looked at when the file is added and again before the
// part takes the name.
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;

class Destinations : public FilesTest {
 protected:
  void make_socket(const std::string& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  // Something of every kind that must stay; nodes of devices only root can make.
  std::vector<std::string> precious() {
    std::vector<std::string> paths;
    const auto add = [&](const char* name) -> const std::string& {
      return paths.emplace_back(directory_ / name);
    };
    fs::create_directory(add("directory"));
    EXPECT_EQ(mkfifo(add("pipe").c_str(), 0600), 0);
    make_socket(add("socket"));
    if (mknod((directory_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0)
      add("null");
    else
      std::fprintf(stderr, "DEVICES ARE NOT TRIED: no node can be made here\n");
    if (mknod((directory_ / "disk").c_str(), S_IFBLK | 0600, makedev(7, 255)) == 0) add("disk");
    const std::vector<std::string> targets = paths;
    for (const std::string& target : targets)
      fs::create_symlink(target, paths.emplace_back(target + "-link"));
    return paths;
  }
};

TEST_F(Destinations, WhatIsNoFileIsRefusedWhenItIsAddedWithItsNameAndKind) {
  for (const std::string& path : precious()) {
    const auto checked = check(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().code, Code::BAD_FILE_TYPE) << path;
    EXPECT_NE(checked.error().text.find(path), std::string::npos);
  }
}

// However quickly the rest could be answered.
TEST_F(Destinations, ADirectoryThatOthersWriteToIsRefusedWhereItHasToBeGuarded) {
  ASSERT_TRUE(fs::create_directory(directory_ / "open"));
  const auto check_guarded = [&](bool guarded) {
    const std::size_t before = inbox_.count<ports::DestinationsChecked>();
    files().check(base::CheckId{100 + before},
                  {.owner = owner_, .files = {{directory_ / "open/file", {}}}, .guarded = guarded});
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::DestinationsChecked>() > before; }));
    const auto said = last<ports::DestinationsChecked>();
    return said.refusal ? said.refusal->code : Code::S_OK;
  };
  ASSERT_EQ(chmod((directory_ / "open").c_str(), 0777), 0);
  EXPECT_EQ(check_guarded(false), Code::S_OK);
  EXPECT_EQ(check_guarded(true), Code::E_ACCESSDENIED);
  ASSERT_EQ(chmod((directory_ / "open").c_str(), 0755), 0);
  EXPECT_EQ(check_guarded(true), Code::S_OK);
}

// More than the loop looks at by itself, here and there.
TEST_F(Destinations, OfManyFilesEachIsLookedAt) {
  fs::create_directory(directory_ / "other");
  fs::create_directory(directory_ / "other/directory");
  const auto refusal = [&](const std::string& last) {
    ports::Destinations asked{.owner = owner_, .files = {}};
    for (int i = 0; i < 40; ++i)
      asked.files.push_back({directory_ / ((i / 10 % 2 == 0 ? "" : "other/") + std::to_string(i)), {}});
    asked.files.push_back({directory_ / last, {}});
    const std::size_t before = inbox_.count<ports::DestinationsChecked>();
    files().check(base::CheckId{1000 + before}, std::move(asked));
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::DestinationsChecked>() > before; }));
    const auto said = this->last<ports::DestinationsChecked>();
    return said.refusal ? said.refusal->code : Code::S_OK;
  };
  EXPECT_EQ(refusal("other/file"), Code::S_OK);
  EXPECT_EQ(refusal("other/directory"), Code::BAD_FILE_TYPE);
  EXPECT_EQ(refusal("none/file"), Code::PATH_NOT_FOUND);
}

TEST_F(Destinations, FilesAndLinksToFilesOrToNothingMayBeReplaced) {
  test::write_file(directory_ / "old", "old");
  fs::create_symlink(directory_ / "old", directory_ / "link");
  fs::create_symlink(directory_ / "nowhere", directory_ / "dangling");
  fs::create_symlink(directory_ / "circle", directory_ / "circle");
  for (const char* name : {"new", "old", "link", "dangling", "circle"})
    EXPECT_TRUE(check(directory_ / name)) << name;
}

TEST_F(Destinations, ANameThatNoFileSystemTakesIsRefusedWhenItIsAdded) {
  const auto checked = check(directory_ / std::string(256, 'x'));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::E_INVALIDARG);
}

TEST_F(Destinations, WhatTookTheNameMeanwhileIsNeverRenamedOver) {
  std::uint64_t transfer = 0;
  for (const std::string& path : precious()) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const mode_t before = info_of(path).st_mode;
    const auto index = static_cast<std::uint32_t>(transfer);
    const auto stored = store(++transfer, "received", index, name);
    files().publish({.job = job_, .owner = owner_, .files = {to_publish(stored, index, name)}, .drop = {}});
    const auto published = answer<ports::Published>();
    EXPECT_EQ(published.files[0].placing, ports::Placing::kept) << path;
    ASSERT_TRUE(published.files[0].error) << path;
    EXPECT_EQ(published.files[0].error->code, Code::BAD_FILE_TYPE) << path;
    EXPECT_EQ(info_of(path).st_mode, before) << path;
    EXPECT_EQ(content(part(index, 0, name)), "received");
  }
}

TEST_F(Destinations, OnceItIsGoneTheNameIsFree) {
  const auto stored = store(1, "received", 0, "directory");
  fs::create_directory(directory_ / "directory");
  const ports::PublishRequest request{
      .job = job_, .owner = owner_, .files = {to_publish(stored, 0, "directory")}, .drop = {}};
  files().publish(request);
  EXPECT_TRUE(answer<ports::Published>().files[0].error);
  fs::remove(directory_ / "directory");
  files().publish(request);
  EXPECT_FALSE(answer<ports::Published>().files[0].error);
  EXPECT_EQ(content(directory_ / "directory"), "received");
}

}  // namespace
}  // namespace backhaul::posix
