// SPDX-License-Identifier: Apache-2.0
// How programs end, and what the engine is told.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <set>

#include "tests/component/posix/launcher_fixture.h"

namespace backhaul::posix {
namespace {

// Programs that run until the test lets them go.
class HeldPrograms {
 public:
  explicit HeldPrograms(const test::TempDir& directory)
      : go_path_(directory / "go"), begun_path_(directory / "begun") {
    EXPECT_EQ(mkfifo(go_path_.c_str(), 0600), 0);
    EXPECT_EQ(mkfifo(begun_path_.c_str(), 0600), 0);
    go_ = Descriptor(open(go_path_.c_str(), O_RDWR | O_CLOEXEC));
    begun_ = Descriptor(open(begun_path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  std::string arguments(const std::string& made_at_the_end) const {
    return "hold " + go_path_ + " " + begun_path_ + " " + made_at_the_end;
  }
  std::size_t begun() {
    char bytes[64];
    const ssize_t more = read(begun_.get(), bytes, sizeof bytes);
    if (more > 0) begun_count_ += static_cast<std::size_t>(more);
    return begun_count_;
  }
  void let_go() { go_.reset(); }

 private:
  std::string go_path_, begun_path_;
  Descriptor go_, begun_;
  std::size_t begun_count_ = 0;
};

TEST_F(LauncherTest, N107_ExitCodeZeroIsAnAnswer) {
  const auto answer = run_witness("exit 0");
  EXPECT_EQ(answer.outcome, NotifyOutcome::answered);
  EXPECT_EQ(answer.result, Code::S_OK);
}

TEST_F(LauncherTest, N108_AnotherExitCodeIsAFailure) {
  const auto answer = run_witness("exit 3");
  EXPECT_EQ(answer.outcome, NotifyOutcome::failed);
  EXPECT_EQ(answer.text, WITNESS " ended with exit code 3");
}

// The codes a child ends with that could not execute the program are ordinary codes of a program.
TEST_F(LauncherTest, ExitCodes126And127AreThoseOfTheProgram) {
  EXPECT_EQ(run_witness("exit 127").outcome, NotifyOutcome::failed);
  EXPECT_EQ(run_witness("exit 126").outcome, NotifyOutcome::failed);
}

TEST_F(LauncherTest, ASignalIsAFailure) {
  auto answer = run_witness("signal " + std::to_string(SIGKILL));
  EXPECT_EQ(answer.outcome, NotifyOutcome::failed);
  EXPECT_EQ(answer.text, WITNESS " was ended by signal SIGKILL");
  answer = run_witness("signal " + std::to_string(SIGTERM));
  EXPECT_EQ(answer.text, WITNESS " was ended by signal SIGTERM");
}

TEST_F(LauncherTest, N110_AMissingProgramIsReportedAsOneThatCannotBeStarted) {
  const auto answer = run(directory_ / "none", "none");
  EXPECT_EQ(answer.outcome, NotifyOutcome::unavailable);
  EXPECT_EQ(answer.result, Code::FILE_NOT_FOUND);
  EXPECT_EQ(answer.text, "Cannot execute " + (directory_ / "none") + ": No such file or directory");
}

TEST_F(LauncherTest, N110_AFileThatIsNoProgramLikewise) {
  const std::string file = directory_ / "file";
  test::write_file(file, "echo no interpreter is named\n");
  auto answer = run(file, "file");
  EXPECT_EQ(answer.outcome, NotifyOutcome::unavailable);
  EXPECT_EQ(answer.result, Code::E_ACCESSDENIED);
  ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  answer = run(file, "file");
  EXPECT_EQ(answer.outcome, NotifyOutcome::unavailable) << "no shell steps in";
  EXPECT_EQ(run(directory_ / "", "folder").outcome, NotifyOutcome::unavailable);
}

TEST_F(LauncherTest, FiftyProgramsRunAtOnceAndTheLoopGoesOn) {
  HeldPrograms held(directory_);
  std::set<base::Ticket> tickets;
  for (int i = 0; i < 50; ++i)
    tickets.insert(begin(WITNESS, "witness " + held.arguments(directory_ / std::to_string(i))));
  ASSERT_TRUE(test::wait_until(loop_, [&] { return held.begun() == 50; }));
  EXPECT_TRUE(inbox_.events.empty()) << "all fifty are running";
  EXPECT_EQ(run_witness("exit 0").outcome, NotifyOutcome::answered) << "and another beside them";
  held.let_go();
  ASSERT_TRUE(wait_for_answers(51));
  const auto answers = inbox_.all<ports::DeliveryEnded>();
  for (std::size_t i = 1; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].outcome, NotifyOutcome::answered) << answers[i].text;
    EXPECT_EQ(tickets.erase(answers[i].ticket), 1U) << "each is answered once";
  }
}

TEST_F(LauncherTest, AProgramOutlivesTheServiceAndNobodyIsTold) {
  HeldPrograms held(directory_);
  const std::string made = directory_ / "made";
  begin(WITNESS, "witness " + held.arguments(made));
  ASSERT_TRUE(test::wait_until(loop_, [&] { return held.begun() == 1; }));
  stop_the_service();
  EXPECT_FALSE(std::filesystem::exists(made));
  held.let_go();
  EXPECT_TRUE(test::wait_until(loop_, [&] { return test::read_file(made) == "done\n"; }));
  EXPECT_TRUE(inbox_.events.empty());
}

TEST_F(LauncherTest, AServiceThatStopsAtOnceStopsInOrder) {
  for (int i = 0; i < 10; ++i) begin("/bin/true", "");
  stop_the_service();
  EXPECT_TRUE(inbox_.events.empty());
}

}  // namespace
}  // namespace backhaul::posix
