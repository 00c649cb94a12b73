// SPDX-License-Identifier: Apache-2.0
// With a real dbus-daemon, in a folder of the test; the runner is a process of its own, as the launcher starts it.
#include "daemon/program_runner.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "adapters/posix/program_protocol.h"
#include "os/packet.h"
#include "tests/support/private_bus.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::daemon {
namespace {

class ProgramRunner : public ::testing::Test {
 protected:
  // A program that says that it has begun, and ends when it is told to.
  void SetUp() override {
    test::write_file(program_, "#!/bin/sh\n: > '" + begun_ + "'\nread word < '" + end_ + "'\nexit 3\n");
    ASSERT_EQ(chmod(program_.c_str(), 0755), 0);
    ASSERT_EQ(mkfifo(end_.c_str(), 0600), 0);
    fifo_ = posix::Descriptor(open(end_.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(fifo_);
  }
  void TearDown() override {
    if (runner_ == 0) return;
    kill(runner_, SIGTERM);
    waitpid(runner_, nullptr, 0);
  }

  // Before there are any threads in this process.
  void begin() {
    auto line = os::packet_line();
    ASSERT_TRUE(line);
    runner_ = fork();
    if (runner_ == 0) {
      line->first.reset();
      if (dup2(line->second.get(), STDIN_FILENO) < 0) _exit(EX_OSERR);
      _exit(run_program(bus_.place()));
    }
    ASSERT_GT(runner_, 0);
    line_ = std::move(line->first);
    ports::Launch launch{.ticket = base::Ticket{7}, .owner = {.uid = geteuid()}, .job = {},
                         .command = {program_, program_, geteuid()}};
    const auto bytes = std::make_unique<posix::ProgramBytes>();
    const auto told = posix::encode(launch, *bytes);
    ASSERT_TRUE(told && os::send_packet(line_.get(), *told));
  }
  std::optional<ports::DeliveryEnded> how_it_ended() {
    const auto bytes = std::make_unique<posix::ProgramBytes>();
    const auto packet = os::receive_packet(line_.get(), *bytes);
    if (!packet) return std::nullopt;
    return posix::decode_ended(std::span<const std::byte>(*bytes).first(packet->size));
  }

  test::TempDir folder_;
  const std::string program_ = folder_ / "program";
  const std::string begun_ = folder_ / "begun";
  const std::string end_ = folder_ / "end";
  test::PrivateBus bus_;
  posix::Descriptor fifo_;
  os::Descriptor line_;
  pid_t runner_ = 0;
};

TEST_F(ProgramRunner, ItsChildIsWaitedForWhenTheSessionBusHasEnded) {
  begin();
  loop::Loop loop;
  ASSERT_TRUE(test::wait_until(loop, [&] { return std::filesystem::exists(begun_); }));
  bus_.stop();
  test::run_for(loop, std::chrono::milliseconds(300));
  int status = 0;
  EXPECT_EQ(waitpid(runner_, &status, WNOHANG), 0) << "it has gone with the bus";
  ASSERT_EQ(write(fifo_.get(), "\n", 1), 1);
  const auto ended = how_it_ended();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome, ports::NotifyOutcome::failed);
  EXPECT_EQ(ended->text, program_ + " ended with exit code 3");
  EXPECT_EQ(waitpid(runner_, &status, 0), runner_);
  runner_ = 0;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == EX_OK);
}

}  // namespace
}  // namespace backhaul::daemon
