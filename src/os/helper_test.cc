// SPDX-License-Identifier: Apache-2.0
#include "os/helper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "os/descriptor.h"

namespace backhaul::os {
namespace {

std::string said_by(const std::string& script, int input = -1) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  const auto pid = start_helper({"/bin/sh", "-c", script}, to.get(), input);
  to.reset();
  EXPECT_TRUE(pid);
  std::string text;
  char piece[256];
  for (ssize_t size = 0; (size = read(from.get(), piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(size));
  int status = 0;
  EXPECT_EQ(waitpid(*pid, &status, 0), *pid);
  EXPECT_EQ(status, 0);
  return text;
}

TEST(Helper, SaysToWhoeverAskedAndReadsNothing) { EXPECT_EQ(said_by("cat; echo done"), "done\n"); }

TEST(Helper, ReadsWhatItIsGiven) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  ASSERT_EQ(write(to.get(), "a word", 6), 6);
  to.reset();
  EXPECT_EQ(said_by("cat", from.get()), "a word");
}

TEST(Helper, HasSignalsAtTheirDefaults) {
  signal(SIGUSR1, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
  // The C library keeps 32 and 33 to itself.
  const std::string lines = said_by("sed -n 's/^Sig\\(Blk\\|Ign\\):[^0-9a-f]*//p' /proc/self/status");
  EXPECT_EQ(std::stoull(lines, nullptr, 16) & 0x7fffffffU, 0U) << lines;
  EXPECT_EQ(std::stoull(lines.substr(lines.find('\n') + 1), nullptr, 16) & 0x7fffffffU, 0U) << lines;
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  signal(SIGUSR1, SIG_DFL);
}

TEST(Helper, ThatCannotBeRunSaysWhy) {
  const auto pid = start_helper({"/no/such/program"});
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, base::Code::FILE_NOT_FOUND);
  EXPECT_NE(pid.error().text.find("cannot run /no/such/program: No such file"), std::string::npos);
}

}  // namespace
}  // namespace backhaul::os
