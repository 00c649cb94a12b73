// SPDX-License-Identifier: Apache-2.0
#include "cli/user_of.h"

#include <pwd.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

TEST(UserOf, TheTerminalAndTheLanguageStayAndNothingLeadsBack) {
  const char* const environment[] = {"TERM=xterm",
                                     "LC_ALL=C.UTF-8",
                                     "LANG=de_DE.UTF-8",
                                     "HOME=/root",
                                     "XDG_RUNTIME_DIR=/run/user/0",
                                     "XDG_STATE_HOME=/root/state",
                                     "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus",
                                     "LD_PRELOAD=/root/x.so",
                                     "SECRET=1",
                                     nullptr};
  EXPECT_EQ(environment_of("ann", "/home/ann", "/bin/sh", "/run/user/1000", environment),
            (std::vector<std::string>{"TERM=xterm", "LC_ALL=C.UTF-8", "LANG=de_DE.UTF-8",
                                      "HOME=/home/ann", "USER=ann", "LOGNAME=ann", "SHELL=/bin/sh",
                                      "PATH=/usr/local/bin:/usr/bin:/bin",
                                      "XDG_RUNTIME_DIR=/run/user/1000"}));
}

TEST(UserOf, WhoHasNeitherHomeNorSessionHasNoService) {
  EXPECT_NE(without_home("/proc/self/nonexistent", "").find("hint: "), std::string::npos);
  EXPECT_NE(without_home("/dev/null", ""), "") << "no directory";
  EXPECT_EQ(without_home("/proc/self/nonexistent", "/run/user/1000"), "") << "its session may know another place";
  EXPECT_EQ(without_home("/", ""), "");
}

TEST(UserOf, ItselfIsNobodyToBecomeAndNobodyIsNobody) {
  char* const argv[] = {nullptr};
  const passwd* self = getpwuid(geteuid());
  if (self == nullptr) GTEST_SKIP() << "this user has no name";
  EXPECT_FALSE(become(self->pw_name, argv, true));
  EXPECT_EQ(become("no such user", argv, true), Exit::usage);
}

}  // namespace
}  // namespace backhaul::cli
