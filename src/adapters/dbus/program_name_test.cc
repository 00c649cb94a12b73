// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/program_name.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace backhaul::dbus {
namespace {

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
