// SPDX-License-Identifier: Apache-2.0
#include "state/state_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace backhaul::state {
namespace {

namespace fs = std::filesystem;

class StateFile : public ::testing::Test {
 protected:
  StateFile() : path_((folder_ / "queue.bus").string()) { fs::create_directories(folder_); }
  ~StateFile() override { fs::remove_all(folder_); }

  void put(const std::string& kind) {
    fs::remove_all(path_);
    if (kind == "a folder") fs::create_directory(path_);
    if (kind == "a named pipe") mkfifo(path_.c_str(), 0600);
    if (kind == "a symbolic link") fs::create_symlink("/dev/null", path_);
    if (kind != "a socket") return;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    close(fd);
  }

  const fs::path folder_ = fs::temp_directory_path() / ("state-" + std::to_string(getpid()));
  const std::string path_;
};

TEST_F(StateFile, WhatIsNoFileIsSaidAtOnceAndWithItsName) {
  for (const std::string kind : {"a folder", "a named pipe", "a symbolic link", "a socket"}) {
    put(kind);
    // A pipe that nobody writes, or reads, would keep the first two waiting.
    for (const int flags : {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_CREAT}) {
      const auto opened = open_file(path_, flags);
      ASSERT_FALSE(opened) << kind;
      EXPECT_EQ(opened.error().text, path_ + " is " + kind + " and not a file of backhaul");
    }
  }
}

TEST_F(StateFile, AFileIsMadePrivateAndOpenedAgain) {
  EXPECT_EQ(open_file(path_, O_RDONLY).error().code, base::Code::FILE_NOT_FOUND);
  const auto made = open_file(path_, O_WRONLY | O_CREAT);
  ASSERT_TRUE(made);
  struct stat info {};
  ASSERT_EQ(fstat(*made, &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(fcntl(*made, F_GETFD), FD_CLOEXEC);
  close(*made);
  const auto again = open_file(path_, O_RDONLY);
  ASSERT_TRUE(again);
  close(*again);
}

TEST_F(StateFile, WhatIsNoFileMakesWayAndIsKept) {
  EXPECT_EQ(make_way(path_).value(), std::nullopt) << "nothing is there";
  for (const std::string kind : {"a folder", "a named pipe", "a symbolic link", "a socket"}) {
    put(kind);
    const auto aside = make_way(path_).value();
    ASSERT_TRUE(aside) << kind;
    EXPECT_TRUE(fs::symlink_status(*aside).type() != fs::file_type::not_found) << kind;
    EXPECT_FALSE(fs::exists(fs::symlink_status(path_))) << kind;
  }
  std::ofstream(path_) << "ours";
  EXPECT_EQ(make_way(path_).value(), std::nullopt) << "a file stays, whatever is in it";
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(StateFile, IsReplacedAsAWholeOrNotAtAll) {
  const auto content = [this] {
    std::ifstream file(path_);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  ASSERT_TRUE(replace_file(path_, "a longer one"));
  ASSERT_TRUE(replace_file(path_, "another"));
  EXPECT_EQ(content(), "another");
  EXPECT_FALSE(fs::exists(path_ + ".new"));
  fs::create_directory(path_ + ".new");
  EXPECT_FALSE(replace_file(path_, "none"));
  EXPECT_EQ(content(), "another");
}

}  // namespace
}  // namespace backhaul::state
