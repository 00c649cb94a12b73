// SPDX-License-Identifier: Apache-2.0
#include "daemon/logging.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

// Standard error of the test, led elsewhere for a while.
class ErrorStream {
 public:
  explicit ErrorStream(const std::string& path) : saved_(dup(STDERR_FILENO)) {
    int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDERR_FILENO);
    close(fd);
  }
  ~ErrorStream() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }
  ErrorStream(const ErrorStream&) = delete;
  ErrorStream& operator=(const ErrorStream&) = delete;

 private:
  int saved_;
};

TEST(Logging, WritesLinesWithTheJobWhereSomebodyReadsThem) {
  test::TempDir folder;
  {
    ErrorStream stream(folder / "stderr");
    auto log = open_log(folder.path().string(), base::LogLevel::info);
    log->write(base::LogLevel::warning, "the disk is slow", base::JobId{});
    log->write(base::LogLevel::debug, "not asked for");
  }
  EXPECT_EQ(test::read_file(folder / "stderr"), "backhauld[" + std::to_string(getpid()) +
                                       "]: warning: job 00000000-0000-0000-0000-000000000000: "
                                       "the disk is slow\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "backhauld.log"));
}

TEST(Logging, WhoChoosesANameWritesNoLineOfHisOwn) {
  test::TempDir folder;
  {
    ErrorStream stream(folder / "stderr");
    auto log = open_log(folder.path().string(), base::LogLevel::info);
    log->write(base::LogLevel::notice, "/d/lg\nbackhauld[1]: forged\x1b[31m \xc2\x9b\x7f Gr\xc3\xbc\xc3\x9f e");
  }
  EXPECT_EQ(test::read_file(folder / "stderr"),
            "backhauld[" + std::to_string(getpid()) +
                "]: /d/lg\\x0abackhauld[1]: forged\\x1b[31m \\x9b\\x7f Gr\xc3\xbc\xc3\x9f e\n");
}

TEST(Logging, GoesToAFileWhenStandardErrorLeadsNowhere) {
  test::TempDir folder;
  {
    ErrorStream stream("/dev/null");
    auto log = open_log(folder.path().string(), base::LogLevel::info);
    log->write(base::LogLevel::error, "first");
    std::fputs("what a failed assertion prints\n", stderr);
  }
  const std::string text = test::read_file(folder / "backhauld.log");
  EXPECT_NE(text.find("error: first\n"), std::string::npos);
  EXPECT_NE(text.find("what a failed assertion prints\n"), std::string::npos);
}

TEST(Logging, TheFileDoesNotGrowForEver) {
  test::TempDir folder;
  {
    ErrorStream stream("/dev/null");
    auto log = open_log(folder.path().string(), base::LogLevel::info);
    log->write(base::LogLevel::info, std::string(static_cast<std::size_t>(log_file_limit), 'x'));
    log->write(base::LogLevel::info, "after the turn-over");
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "backhauld.log.1"));
  EXPECT_LT(test::read_file(folder / "backhauld.log").size(), 1000U);
}

}  // namespace
}  // namespace backhaul::daemon
