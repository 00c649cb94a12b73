// SPDX-License-Identifier: Apache-2.0
// RegisterClass, UnregisterClass and ListClasses, with a bus that reads what was written.
#include <sys/stat.h>

#include <filesystem>

#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

using base::Code;
using Classes = Notify;

constexpr char clsid[] = "{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}";

using Exec = std::vector<std::string>;

TEST_F(Classes, ARegisteredClassIsStartedByTheBusWithItsArguments) {
  const std::string log = bus_.folder() / "it's a \"log\" \\ $HOME";
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string(clsid),
                    Exec{BACKHAUL_CLASS_SERVER, log, clsid_name, "a b", "#c", "line\nbreak"}));
  ports::Notification notification = event();
  notification.target =
      ports::ClassTarget{{clsid_name, bus::class_path}, std::chrono::seconds(60)};
  const auto notified = outcome(std::move(notification));
  EXPECT_EQ(notified.outcome, Outcome::answered) << notified.text;
  EXPECT_TRUE(read_file(log).starts_with("start a b #c line\nbreak -Embedding pid"))
      << read_file(log);
}

TEST_F(Classes, TheListSaysWhatRunsAndWhatWasGiven) {
  EXPECT_TRUE(std::get<0>(*ask<std::vector<bus::ListedClass>>(manager("ListClasses"))).empty());
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string(clsid), Exec{"/bin/true", "x"}));
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"}));
  ASSERT_TRUE(client_.request_name("org.example.App"));
  const auto listed = ask<std::vector<bus::ListedClass>>(manager("ListClasses"));
  ASSERT_TRUE(listed);
  EXPECT_EQ(std::get<0>(*listed),
            (std::vector<bus::ListedClass>{{clsid_name, {"/bin/true", "x"}, false},
                                           {"org.example.App", {"/bin/true"}, true}}));
}

TEST_F(Classes, RegisteringAgainReplacesAndUnregisteringRemoves) {
  const std::string name = "org.example.App";
  ASSERT_TRUE(ask<>(manager("RegisterClass"), name, Exec{"/bin/true"}));
  ASSERT_TRUE(ask<>(manager("RegisterClass"), name, Exec{"/bin/false"}));
  EXPECT_EQ(inbox_.all<ports::ClassInstalled>().size(), 2U) << "the queue tries such a class at once";
  EXPECT_EQ(inbox_.all<ports::ClassInstalled>()[0].name, name);
  const auto listed = ask<std::vector<bus::ListedClass>>(manager("ListClasses"));
  ASSERT_EQ(std::get<0>(*listed).size(), 1U);
  EXPECT_EQ(std::get<0>(*listed)[0].exec, Exec{"/bin/false"});
  ASSERT_TRUE(ask<>(manager("UnregisterClass"), name));
  EXPECT_EQ(ask<>(manager("UnregisterClass"), name).error().code(), Code::BG_E_NOT_FOUND);
  EXPECT_TRUE(std::filesystem::is_empty(bus_.place().service_dir()));
  const auto names = ask<std::vector<std::string>>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "ListActivatableNames",
       bus::usual_limit});
  EXPECT_EQ(std::ranges::count(std::get<0>(*names), name), 0);
}

TEST_F(Classes, FilesOfOthersAreNeitherReplacedNorRemoved) {
  const std::string file = bus_.place().service_dir() + "/org.example.App.service";
  const std::string text = "[D-BUS Service]\nName=org.example.App\nExec=/bin/true\n";
  write_file(file, text);
  EXPECT_EQ(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"})
                .error().code(),
            Code::ALREADY_EXISTS);
  EXPECT_EQ(ask<>(manager("UnregisterClass"), std::string("org.example.App")).error().code(),
            Code::BG_E_NOT_FOUND);
  EXPECT_EQ(read_file(file), text);
  EXPECT_TRUE(std::get<0>(*ask<std::vector<bus::ListedClass>>(manager("ListClasses"))).empty());
}

TEST_F(Classes, TheFolderIsMadeWhenItIsMissingAndLeftAsItIsOtherwise) {
  std::filesystem::remove_all(bus_.place().data_home);
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"}));
  ASSERT_EQ(chmod(bus_.place().service_dir().c_str(), 0755), 0);
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"}));
  struct stat info {};
  ASSERT_EQ(stat(bus_.place().service_dir().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755U);
}

TEST_F(Classes, NamesAndProgramsAreChecked) {
  const auto code = [&](const std::string& name, const Exec& exec) {
    const auto answer = ask<>(manager("RegisterClass"), name, exec);
    return answer ? Code::S_OK : answer.error().code();
  };
  EXPECT_EQ(code("not-a-name", {"/bin/true"}), Code::E_INVALIDARG);
  EXPECT_EQ(code(":1.5", {"/bin/true"}), Code::E_INVALIDARG);
  EXPECT_EQ(code("org.example/../../evil", {"/bin/true"}), Code::E_INVALIDARG);
  EXPECT_EQ(code(bus::service_name, {"/bin/true"}), Code::E_INVALIDARG);
  EXPECT_EQ(code("org.example.App", {}), Code::E_INVALIDARG);
  EXPECT_EQ(code("org.example.App", {"true"}), Code::E_INVALIDARG);
  EXPECT_EQ(code("org.example.App", {"/nonexistent"}), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code("org.example.App", {"/tmp"}), Code::E_ACCESSDENIED);
}

// What systemd answers at its name, as far as units are concerned.
struct Systemd {
  void reload(bus::Reply<> reply) {
    ++reloads;
    unit_at_reload = std::filesystem::exists(unit) ? read_file(unit) : "";
    reply.send();
  }
  std::string unit;
  int reloads = 0;
  std::string unit_at_reload;
};

TEST_F(Classes, WhereSystemdIsTheClassHasAUnitThatIsKnownBeforeTheBusReadsItsFile) {
  const std::string unit = bus_.place().unit_dir() + "/dbus-org.example.App.service";
  const std::string service = bus_.place().service_dir() + "/org.example.App.service";
  Systemd systemd{.unit = unit};
  bus::Bus peer = bus_.connect();
  ASSERT_TRUE(peer.attach(loop_.native()));
  const auto slot = peer.add_object<Systemd>(
      "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
      {bus::method<&Systemd::reload>("Reload", "")}, systemd);
  ASSERT_TRUE(slot);
  ASSERT_TRUE(peer.request_name("org.freedesktop.systemd1"));

  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"}));
  EXPECT_EQ(systemd.reloads, 1);
  EXPECT_NE(systemd.unit_at_reload.find("ExecStart=:\"/bin/true\"\n"), std::string::npos);
  EXPECT_NE(read_file(service).find("SystemdService=dbus-org.example.App.service\n"),
            std::string::npos);
  EXPECT_EQ(std::get<0>(*ask<std::vector<bus::ListedClass>>(manager("ListClasses"))).size(), 1U);

  ASSERT_TRUE(ask<>(manager("UnregisterClass"), std::string("org.example.App")));
  EXPECT_EQ(systemd.reloads, 2);
  EXPECT_TRUE(systemd.unit_at_reload.empty());
  EXPECT_FALSE(std::filesystem::exists(unit));
  EXPECT_FALSE(std::filesystem::exists(service));
}

TEST_F(Classes, WithoutSystemdThereIsNoUnit) {
  ASSERT_TRUE(ask<>(manager("RegisterClass"), std::string("org.example.App"), Exec{"/bin/true"}));
  EXPECT_FALSE(std::filesystem::exists(bus_.place().unit_dir()));
}

}  // namespace
}  // namespace backhaul::test
