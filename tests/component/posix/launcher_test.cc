// SPDX-License-Identifier: Apache-2.0
// What a program finds when it is run as a command line.
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/component/posix/launcher_fixture.h"

namespace backhaul::posix {
namespace {

using Lines = std::vector<std::string>;

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST_F(LauncherTest, N101_TheProgramGetsExactlyTheArgumentsOfTheParameters) {
  ASSERT_EQ(run(WITNESS, "\"any name\" report " + report_ + " \"a b\" \"\" \\\"c\\\" d\\e").outcome,
            NotifyOutcome::answered);
  EXPECT_EQ(seen("arg"), (Lines{"any name", "report", report_, "a b", "", "\"c\"", "d\\e"}));
}

TEST_F(LauncherTest, N114_NoShellAndNothingExpanded) {
  run_report(" $HOME %PATH% ~ * `id` ; touch " + (directory_ / "touched") + " | > <");
  EXPECT_EQ(seen("arg"), (Lines{"witness", "report", report_, "$HOME", "%PATH%", "~", "*", "`id`",
                                ";", "touch", directory_ / "touched", "|", ">", "<"}));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "touched"));
  EXPECT_EQ(run("$HOME/x", "x").outcome, NotifyOutcome::unavailable);
}

TEST_F(LauncherTest, WithoutParametersItsOwnPathIsItsName) {
  const std::string echo = directory_ / "echo";
  test::write_file(echo, "#!/bin/sh\necho \"$0 $#\" > " + report_ + "\n");
  ASSERT_EQ(chmod(echo.c_str(), 0755), 0);
  ASSERT_EQ(run(echo, "").outcome, NotifyOutcome::answered);
  EXPECT_EQ(test::read_file(report_), echo + " 0\n");
}

TEST_F(LauncherTest, NoSearchPathIsUsed) {
  EXPECT_EQ(run("true", "true").outcome, NotifyOutcome::unavailable);
  EXPECT_EQ(run("/bin/true", "something else").outcome, NotifyOutcome::answered);
}

TEST_F(LauncherTest, ItLeadsASessionOfItsOwnInTheHomeOfItsUser) {
  run_report();
  EXPECT_EQ(seen("leads its session"), Lines{"yes"});
  const std::string home = getpwuid(geteuid())->pw_dir;
  EXPECT_EQ(seen("cwd"), Lines{std::filesystem::is_directory(home) ? home : "/"});
}

TEST_F(LauncherTest, OnlyTheThreeStandardDescriptorsAreOpen) {
  const Descriptor inherited(open("/dev/zero", O_RDONLY));  // not close-on-exec
  run_report();
  EXPECT_EQ(seen("fd"), (Lines{"0 /dev/null", "1 /dev/null", "2 /dev/null"}));
}

TEST_F(LauncherTest, ItMayPrintToAFile) {
  const Descriptor log(
      open((directory_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  settings_.output = log.get();
  EXPECT_EQ(run_witness("print hello").outcome, NotifyOutcome::answered);
  const std::string text = test::read_file(directory_ / "log");
  EXPECT_NE(text.find("out hello\n"), std::string::npos);
  EXPECT_NE(text.find("err hello\n"), std::string::npos);
}

// Its reader may go at any time; the program would be ended by SIGPIPE and run again for ever.
TEST_F(LauncherTest, ItDoesNotGetAPipeToPrintTo) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  settings_.output = writer.get();
  run_report();
  EXPECT_EQ(seen("fd"), (Lines{"0 /dev/null", "1 /dev/null", "2 /dev/null"}));
}

TEST_F(LauncherTest, SignalsAreDefaultAndUnblocked) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  const auto pipe_before = signal(SIGPIPE, SIG_IGN);
  const auto user_before = signal(SIGUSR1, SIG_IGN);
  run_report();
  signal(SIGPIPE, pipe_before);
  signal(SIGUSR1, user_before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(seen("SigBlk"), Lines{"0000000000000000"});
  // 32 and 33 are the C library's own: what was started by posix_spawn has them ignored, and no
  // program can change that.
  const auto ignored = seen("SigIgn");
  ASSERT_EQ(ignored.size(), 1U);
  EXPECT_EQ(std::stoull(ignored.front(), nullptr, 16) & ~0x180000000ULL, 0U) << ignored.front();
}

TEST_F(LauncherTest, ItCannotGainPrivileges) {
  run_report();
  EXPECT_EQ(seen("NoNewPrivs"), Lines{"1"});
}

TEST_F(LauncherTest, TheMaskOfNewFilesIsTheOwners) {
  settings_.umask = 027;
  run_report();
  EXPECT_EQ(seen("umask"), Lines{std::to_string(027)});
}

TEST_F(LauncherTest, TheEnvironmentIsTheServicesWithoutWhatIsTrueOfTheServiceOnly) {
  const Variable own("BACKHAUL_TEST_OWN", "kept $HOME");
  const Variable like("NOTIFY_SOCKET_LIKE", "kept");
  const Variable notify("NOTIFY_SOCKET", "/run/systemd/notify");
  const Variable watchdog("WATCHDOG_USEC", "1");
  const Variable watchdog_pid("WATCHDOG_PID", "1");
  const Variable listen("LISTEN_FDS", "1");
  const Variable pid("SYSTEMD_EXEC_PID", "1");
  const Variable starter("DBUS_STARTER_ADDRESS", "unix:path=/elsewhere");
  const Variable bus("DBUS_SESSION_BUS_ADDRESS", "unix:path=/elsewhere");
  settings_.bus_address = "unix:path=/run/bus of the service";
  run_report();
  const Lines found = seen("env");
  const auto has = [&](const std::string& text) {
    return std::any_of(found.begin(), found.end(),
                       [&](const auto& v) { return v.starts_with(text); });
  };
  EXPECT_TRUE(has("BACKHAUL_TEST_OWN=kept $HOME"));
  EXPECT_TRUE(has("NOTIFY_SOCKET_LIKE=kept"));
  EXPECT_TRUE(has("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus of the service"));
  EXPECT_FALSE(has("DBUS_SESSION_BUS_ADDRESS=unix:path=/elsewhere"));
  for (const char* gone :
       {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "SYSTEMD_EXEC_PID", "DBUS_STARTER_"})
    EXPECT_FALSE(has(gone)) << gone;
}

// --- whose program it is -------------------------------------------------------------------------

TEST_F(LauncherTest, N117_ItRunsAsTheUserOfTheServiceWhoSetIt) {
  run_report();
  const std::string uid = std::to_string(geteuid());
  const std::string gid = std::to_string(getegid());
  EXPECT_EQ(seen("ids"), Lines{uid + " " + uid + " " + gid + " " + gid});
}

TEST_F(LauncherTest, N117_ARootServiceRunsItAsTheUserWhoSetItWithNothingOfItsOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const passwd* entry = getpwnam("nobody");
  if (entry == nullptr) GTEST_SKIP() << "needs an account nobody";
  const passwd nobody = *entry;
  const Variable secret("BACKHAUL_TEST_SECRET", "of the service");
  ASSERT_EQ(chmod((directory_ / "").c_str(), 0777), 0);
  const std::string script =
      "sh -c \"id -u; id -g; id -G; pwd; env; exec 2>&1; "
      "echo NoNewPrivs $(grep -c 'NoNewPrivs:.1' /proc/self/status)\"";
  const std::string out = directory_ / "out";
  const Descriptor log(open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  settings_.output = log.get();
  const gid_t group_of_the_service = 4;
  ASSERT_EQ(setgroups(1, &group_of_the_service), 0);
  const auto answer = run("/bin/sh", script, nobody.pw_uid);
  ASSERT_EQ(setgroups(0, nullptr), 0);
  ASSERT_EQ(answer.outcome, NotifyOutcome::answered) << answer.text;
  std::istringstream text(test::read_file(out));
  Lines lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  ASSERT_GE(lines.size(), 5U);
  EXPECT_EQ(lines[0], std::to_string(nobody.pw_uid));
  EXPECT_EQ(lines[1], std::to_string(nobody.pw_gid));
  EXPECT_EQ(lines[2], std::to_string(nobody.pw_gid));
  EXPECT_EQ(lines[3], std::filesystem::exists(nobody.pw_dir) ? nobody.pw_dir : "/");
  EXPECT_NE(std::find(lines.begin(), lines.end(), "USER=nobody"), lines.end());
  EXPECT_NE(std::find(lines.begin(), lines.end(), "NoNewPrivs 1"), lines.end());
  for (const std::string& line : lines)
    EXPECT_FALSE(line.starts_with("BACKHAUL_TEST_SECRET")) << line;
}

TEST_F(LauncherTest, AUserWithoutAnAccountGetsNoProgram) {
  constexpr uid_t nobody_has_it = 3'999'999'999;
  const auto answer = run(WITNESS, "witness report " + report_, nobody_has_it);
  EXPECT_EQ(answer.outcome, NotifyOutcome::unavailable);
  EXPECT_NE(answer.text.find("3999999999"), std::string::npos) << answer.text;
  EXPECT_FALSE(std::filesystem::exists(report_));
}

}  // namespace
}  // namespace backhaul::posix
