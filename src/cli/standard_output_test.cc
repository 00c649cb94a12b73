// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace backhaul::cli {
namespace {

// Standard output is a pipe while this lives.
class Piped {
 public:
  Piped() : before_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    EXPECT_EQ(pipe(ends_.data()), 0);
    dup2(ends_[1], STDOUT_FILENO);
    close(ends_[1]);
  }
  ~Piped() {
    end();
    if (ends_[0] >= 0) close(ends_[0]);
  }
  // The reader goes.
  void leave() {
    close(ends_[0]);
    ends_[0] = -1;
  }
  std::string read_all() {
    end();
    std::string text;
    std::array<char, 256> bytes;
    for (ssize_t got = 0; (got = read(ends_[0], bytes.data(), bytes.size())) > 0;)
      text.append(bytes.data(), static_cast<std::size_t>(got));
    return text;
  }

 private:
  void end() {
    if (before_ < 0) return;
    dup2(before_, STDOUT_FILENO);
    close(before_);
    before_ = -1;
  }
  int before_;
  std::array<int, 2> ends_{};
};

std::vector<FileSpec> files_in(const StandardOutput& output) {
  std::vector<FileSpec> files;
  for (const char* name : {"1-a", "2-b"}) {
    const std::string path = output.directory() + "/" + name;
    std::ofstream(path) << "content of " << name << "\n";
    files.push_back({"http://x/", path});
    files.push_back({"http://x/", "/elsewhere/" + std::string(name)});
  }
  return files;
}

TEST(StandardOutput, CopiesItsFilesInOrderAndLeavesNothing) {
  std::string directory;
  {
    auto output = StandardOutput::make();
    ASSERT_TRUE(output) << output.error();
    directory = output->directory();
    struct stat info;
    ASSERT_EQ(stat(directory.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0700U);
    Piped pipe;
    const auto copied = output->copy(files_in(*output));
    EXPECT_EQ(pipe.read_all(), "content of 1-a\ncontent of 2-b\n");
    EXPECT_TRUE(copied);
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(StandardOutput, AReaderThatHasGoneIsAFailureAndNotTheEnd) {
  auto output = StandardOutput::make();
  ASSERT_TRUE(output);
  const auto files = files_in(*output);
  std::expected<void, std::string> copied;
  {
    Piped pipe;
    pipe.leave();
    copied = output->copy(files);
  }
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error(), "standard output: Broken pipe");
}

TEST(StandardOutput, AFileThatIsGoneIsAFailure) {
  auto output = StandardOutput::make();
  ASSERT_TRUE(output);
  EXPECT_FALSE(output->copy({{"http://x/", output->directory() + "/1-a"}}));
}

TEST(StandardOutputTest, OneThatIsClosedIsRefusedAtOnceAndNobodyElseGetsItsNumber) {
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  close(STDOUT_FILENO);
  keep_standard_streams();
  const auto made = StandardOutput::make();
  const int other = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(before, STDOUT_FILENO);
  close(before);
  close(other);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().find("standard output, which is closed"), std::string::npos) << made.error();
  EXPECT_NE(other, STDOUT_FILENO);
}

}  // namespace
}  // namespace backhaul::cli
