// SPDX-License-Identifier: Apache-2.0
// Machines that find each other by Avahi (P11): a bus and a daemon of the test's own, in a network namespace.
#include "adapters/neighbours/discovery.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/private_bus.h"
#include "tests/support/recording_log.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

// The daemon keeps its number below /run, whatever it is told: this test has a /run of its own.
std::string enter_namespace() {
  if (!test::have_program("avahi-daemon")) return "avahi-daemon is not there";
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return std::string("no namespace can be made: ") + strerror(errno);
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 || mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0)
    return std::string("no /run of its own can be had: ") + strerror(errno);
  if (!run("ip link set lo up") || !run("ip link add site0 type veth peer name site1") ||
      !run("ip addr add 192.0.2.1/24 dev site0") || !run("ip link set site0 up") || !run("ip link set site1 up"))
    return "no network can be made";
  return {};
}

class DiscoveryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { obstacle = enter_namespace(); }
  void SetUp() override {
    if (!obstacle.empty()) GTEST_SKIP() << "SKIPPED: " << obstacle;
  }
  // Asked to end, a daemon that has lost its bus does so at times only.
  void TearDown() override {
    if (avahi_) avahi_->stop(SIGKILL);
  }
  void start_avahi(const test::PrivateBus& bus) {
    std::filesystem::create_directories("/run/avahi-daemon");
    std::filesystem::remove("/run/avahi-daemon/pid");
    test::write_file(folder_ / "avahi.conf",
                     "[server]\nhost-name=machine\nuse-ipv4=yes\nuse-ipv6=no\nallow-interfaces=site0\n"
                     "[wide-area]\nenable-wide-area=no\n[rlimits]\n");
    avahi_.emplace(std::vector<std::string>{"avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f",
                                            folder_ / "avahi.conf"},
                   std::vector<std::pair<std::string, std::string>>{{"DBUS_SYSTEM_BUS_ADDRESS", bus.address()}}, -1,
                   folder_ / "avahi.log");
  }
  std::unique_ptr<Discovery> machine(const std::string& address, char digit) {
    auto made = std::make_unique<Discovery>(loop_, log_, address, [] {});
    made->announce(Announcement{.id = std::string(32, digit), .group = std::string(16, digit), .port = 2178});
    return made;
  }
  static bool sees(const Discovery& one, char digit) {
    for (const Found& found : one.found())
      if (found.id == std::string(32, digit) && found.group == std::string(16, digit) && found.port == 2178 &&
          found.host == "192.0.2.1")
        return true;
    return false;
  }

  static inline std::string obstacle;
  test::TempDir folder_;
  test::RecordingLog log_;
  loop::Loop loop_;
  std::optional<test::Process> avahi_;
};

TEST_F(DiscoveryTest, P11_ADaemonThatComesLateAndGoesAndComesAgainIsNoError) {
  const test::PrivateBus bus;
  const auto one = machine(bus.address(), 'a');
  const auto other = machine(bus.address(), 'b');
  test::run_for(loop_, 200ms);
  EXPECT_TRUE(one->found().empty());
  start_avahi(bus);
  const auto both = [&] { return sees(*one, 'b') && sees(*other, 'a'); };
  ASSERT_TRUE(test::wait_until(loop_, both)) << log_.text() << test::read_file(folder_ / "avahi.log");
  avahi_->stop(SIGKILL);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return one->found().empty() && other->found().empty(); }));
  start_avahi(bus);
  ASSERT_TRUE(test::wait_until(loop_, both)) << log_.text();
  other->announce(std::nullopt);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return !sees(*one, 'b'); })) << "who takes his word back is forgotten";
}

// As docs/neighbours.md has whoever runs the cache announce it. The folder is that of this test's namespace.
TEST_F(DiscoveryTest, ACacheIsFoundThatAvahiAnnouncesAndNeighboursAreSomethingElse) {
  const std::string folder = "/etc/avahi/services";
  if (!std::filesystem::is_directory(folder) || mount("tmpfs", folder.c_str(), "tmpfs", 0, nullptr) != 0)
    GTEST_SKIP() << "SKIPPED: no services can be laid before Avahi";
  test::write_file(folder + "/cache.service",
                   "<?xml version=\"1.0\" standalone='no'?><!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">"
                   "<service-group><name>Cache of the site</name><service><type>_backhaul-cache._tcp</type>"
                   "<port>443</port><txt-record>v=1</txt-record><txt-record>name=cache.site.example</txt-record>"
                   "<txt-record>path=/files</txt-record></service></service-group>");
  // Anybody can announce that name: it hides nothing of the other one.
  test::write_file(folder + "/another.service",
                   "<?xml version=\"1.0\" standalone='no'?><!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">"
                   "<service-group><name>Another</name><service><type>_backhaul-cache._tcp</type><port>444</port>"
                   "<txt-record>v=1</txt-record><txt-record>name=cache.site.example</txt-record>"
                   "</service></service-group>");
  const test::PrivateBus bus;
  Discovery caches(loop_, log_, bus.address(), [] {}, Service::cache);
  const auto all_found = [&] { return caches.found([](const Found& found) { return found.host == "192.0.2.1"; }); };
  const auto one = machine(bus.address(), 'a');
  const auto other = machine(bus.address(), 'b');
  start_avahi(bus);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return all_found().size() == 2 && sees(*one, 'b'); }))
      << log_.text() << test::read_file(folder_ / "avahi.log");
  EXPECT_EQ(all_found().back().port, 444);
  const Found found = all_found().front();
  EXPECT_EQ(found.id, "cache.site.example");
  EXPECT_EQ(found.host, "192.0.2.1");
  EXPECT_EQ(found.port, 443);
  EXPECT_EQ(found.path, "/files");
  for (const Found& peer : one->found()) EXPECT_NE(peer.port, 443);
}

TEST_F(DiscoveryTest, P11_WithoutABusNobodyIsFoundAndThatIsAll) {
  const auto one = machine("unix:path=" + (folder_ / "no-bus"), 'a');
  test::run_for(loop_, 200ms);
  EXPECT_TRUE(one->found().empty());
}

TEST_F(DiscoveryTest, P11_ABusThatIsLostIsConnectedToAnew) {
  auto bus = std::make_unique<test::PrivateBus>();
  const auto one = machine(bus->address(), 'a');
  const auto other = machine(bus->address(), 'b');
  start_avahi(*bus);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return sees(*one, 'b'); })) << log_.text();
  bus->stop();
  ASSERT_TRUE(test::wait_until(loop_, [&] { return one->found().empty(); }));
}

}  // namespace
}  // namespace backhaul::neighbours
