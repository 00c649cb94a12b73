// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/program_name.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace backhaul::dbus {
namespace {

TEST(ApplicationUnit, IsTheServiceOrTheAppThatADesktopStarted) {
  const auto below = [](const std::string& unit) {
    return application_unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/" + unit + "\n");
  };
  EXPECT_EQ(below("backup.service"), "backup.service");
  EXPECT_EQ(below("backup@home.service"), "backup@.service");
  EXPECT_EQ(below("app-gnome-org.example.Pull-2231.scope"), "app-gnome-org.example.Pull.scope");
  EXPECT_EQ(below("app-org.example.Pull@3f1b.service"), "app-org.example.Pull@.service");
}

TEST(ApplicationUnit, IsNoneWhereTheUnitSaysNothing) {
  for (const char* path : {"/", "/user.slice/user-1000.slice/session-2.scope", "/init.scope",
                           "/user.slice/user-1000.slice/user@1000.service",
                           "/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service",
                           "/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1f.scope",
                           "/user.slice/user-1000.slice/user@1000.service/app.slice/run-u12.service"})
    EXPECT_EQ(application_unit(std::string("0::") + path + "\n"), "") << path;
  EXPECT_EQ(application_unit(""), "");
}

TEST(ApplicationUnit, IsFoundInTheOldHierarchyAsWell) {
  EXPECT_EQ(application_unit("4:memory:/\n1:name=systemd:/system.slice/backup.service\n0::/\n"), "backup.service");
}

TEST(ProgramName, IsTheExecutable) {
  EXPECT_EQ(program_name("/usr/bin/backhaul", "backhaul"), "/usr/bin/backhaul");
  EXPECT_EQ(program_name("/opt/a-name-that-is-longer", "a-name-that-is-"),
            "/opt/a-name-that-is-longer")
      << "the kernel cuts names off";
  EXPECT_EQ(program_name("/usr/bin/python3.11", "python3"), "/usr/bin/python3.11");
}

TEST(ProgramName, OfAScriptHasTheScriptToo) {
  EXPECT_EQ(program_name("/usr/bin/python3.11", "notify.py"), "/usr/bin/python3.11 (notify.py)");
}

TEST(ProgramName, IsWhatIsKnownAndCanBeSentWhateverItIs) {
  EXPECT_EQ(program_name("", ""), "");
  EXPECT_EQ(program_name("", "x"), "x");
  EXPECT_EQ(program_name("/a\xFF", ""), "/a\xEF\xBF\xBD");
}

TEST(ProgramName, OfAProcessIsReadFromProc) {
  const auto self = static_cast<std::uint32_t>(getpid());
  EXPECT_NE(program_of_process(self).find("dbus_test"), std::string::npos)
      << program_of_process(self);
  EXPECT_EQ(program_of_process(0), "");
}

}  // namespace
}  // namespace backhaul::dbus
