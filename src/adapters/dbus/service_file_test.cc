// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/service_file.h"

#include <gtest/gtest.h>

namespace backhaul::dbus {
namespace {

TEST(ServiceFile, IsWhatTheBusExpects) {
  EXPECT_EQ(service_file_text({"org.example.App", {"/usr/bin/app", "--daemon"}}),
            "# managed by backhaul\n[D-BUS Service]\nName=org.example.App\n"
            "Exec=/usr/bin/app --daemon\n");
}

TEST(ServiceFile, EveryArgumentIsReadBack) {
  const ServiceFile file{"org.example.App",
                         {"/opt/my app/bin", "", "it's", "a\\b", "$HOME", "#x", "line\nbreak",
                          "tab\there", "\r", "ünï", " lead", "\"q\"", "a;b|c&d"}};
  EXPECT_EQ(parse_service_file(service_file_text(file)), file);
}

TEST(ServiceFile, NamesItsUnit) {
  const ServiceFile file{"org.example.App", {"/bin/true"}, true};
  EXPECT_TRUE(service_file_text(file).ends_with("SystemdService=dbus-org.example.App.service\n"));
  EXPECT_EQ(parse_service_file(service_file_text(file)), file);
}

TEST(ServiceFile, FilesOfOthersAreNotOurs) {
  EXPECT_FALSE(parse_service_file("[D-BUS Service]\nName=org.example.App\nExec=/bin/true\n"));
  EXPECT_FALSE(parse_service_file(""));
  EXPECT_FALSE(parse_service_file("# managed by backhaul\n"));
}

}  // namespace
}  // namespace backhaul::dbus
