// SPDX-License-Identifier: Apache-2.0
// PosixLauncher with real programs, most of them the witness beside this file.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/posix/launcher.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::posix {

using base::Code;
using ports::NotifyOutcome;

class LauncherTest : public ::testing::Test {
 protected:
  PosixLauncher& launcher() {
    if (!launcher_) launcher_ = std::make_unique<PosixLauncher>(loop_, inbox_, settings_);
    return *launcher_;
  }
  base::Ticket begin(const std::string& program, const std::string& parameters,
                     std::uint32_t uid = geteuid()) {
    const base::Ticket ticket{++last_ticket_};
    launcher().run({ticket, {uid, {}}, {}, {program, parameters, uid}});
    return ticket;
  }
  // Runs a program to its end.
  ports::DeliveryEnded run(const std::string& program, const std::string& parameters,
                      std::uint32_t uid = geteuid()) {
    const base::Ticket ticket = begin(program, parameters, uid);
    EXPECT_TRUE(wait_for_answers(inbox_.events.size() + 1));
    const auto last = inbox_.all<ports::DeliveryEnded>().back();
    EXPECT_EQ(last.ticket, ticket);
    return last;
  }
  ports::DeliveryEnded run_witness(const std::string& arguments) {
    return run(WITNESS, "witness " + arguments);
  }
  bool wait_for_answers(std::size_t count) {
    return test::wait_until(loop_, [&] { return inbox_.events.size() >= count; });
  }
  // What the witness saw: the rest of every line that begins so.
  std::vector<std::string> seen(const std::string& kind) {
    std::vector<std::string> found;
    std::istringstream report(test::read_file(report_));
    for (std::string line; std::getline(report, line);)
      if (line.starts_with(kind + " ") || line.starts_with(kind + ":\t"))
        found.push_back(line.substr(kind.size() + (line[kind.size()] == ':' ? 2 : 1)));
    return found;
  }
  void run_report(const std::string& more = {}) {
    const auto answer = run_witness("report " + report_ + more);
    ASSERT_EQ(answer.outcome, NotifyOutcome::answered) << answer.text;
  }

  test::TempDir directory_;
  loop::Loop loop_;
  test::RecordingInbox inbox_;
  LauncherSettings settings_;
  const std::string report_ = directory_ / "report";

 private:
  std::unique_ptr<PosixLauncher> launcher_;
  std::uint64_t last_ticket_ = 0;

 protected:
  void stop_the_service() { launcher_.reset(); }
};

}  // namespace backhaul::posix
