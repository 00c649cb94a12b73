// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/unit_file.h"

#include <gtest/gtest.h>

namespace backhaul::dbus {
namespace {

TEST(UnitFile, NamesTheBusNameThatSystemdWaitsFor) {
  EXPECT_EQ(unit_name("org.example.App"), "dbus-org.example.App.service");
  EXPECT_EQ(unit_file_text("org.example.App", {"/usr/bin/app", "--daemon"}),
            "# managed by backhaul\n[Unit]\nDescription=Callback class org.example.App\n"
            "[Service]\nType=dbus\nBusName=org.example.App\n"
            "ExecStart=:\"/usr/bin/app\" \"--daemon\"\n");
}

TEST(UnitFile, NothingInAnArgumentMeansSomethingToSystemd) {
  const std::string text = unit_file_text(
      "org.example.App", {"/opt/my app/bin", "", "a:", "$HOME", "%h", "\"q\"", "b\\c", "x\ny\tz\r"});
  EXPECT_TRUE(text.ends_with("ExecStart=:\"/opt/my app/bin\" \"\" \"a:\" \"$HOME\" \"%%h\" "
                             "\"\\\"q\\\"\" \"b\\\\c\" \"x\\ny\\tz\\r\"\n"))
      << text;
}

}  // namespace
}  // namespace backhaul::dbus
