// SPDX-License-Identifier: Apache-2.0
// The environment against a real kernel: a network namespace of our own and pairs of veth.
#include "adapters/network/netlink_environment.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/recording_inbox.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::network {
namespace {

using namespace std::chrono_literals;
using ports::NetworkChanged;
using ports::RouteChanged;

bool run(const std::string& command) { return std::system((command + " 2>&1").c_str()) == 0; }

// As root a network namespace is enough; others need a user namespace in which they are root.
std::string enter_namespace() {
  const uid_t uid = getuid();
  const gid_t gid = getgid();
  if (unshare(CLONE_NEWNET) == 0) return {};
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return std::string("no network namespace can be made: ") + strerror(errno);
  }
  test::write_file("/proc/self/setgroups", "deny");
  test::write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
  test::write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
  return {};
}

// All tests share one namespace, because it cannot be left again when it is a user's.
class NetlinkEnvironmentTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!run("ip -V >/dev/null")) {
      obstacle = "the program ip is not there";
      return;
    }
    obstacle = enter_namespace();
    if (obstacle.empty() && !run("ip link add probe type veth peer name probe1")) {
      obstacle = "a veth pair cannot be made";
    } else if (obstacle.empty()) {
      run("ip link del probe");
      run("ip link set lo up");
    }
  }
  void SetUp() override {
    if (!obstacle.empty()) GTEST_SKIP() << "SKIPPED: " << obstacle;
  }
  void TearDown() override {
    run("ip link del veth0 >/dev/null");
    run("ip link del veth2 >/dev/null");
  }

  static void add_pair(const std::string& name, const std::string& peer,
                       const std::string& address) {
    ASSERT_TRUE(run("ip link add " + name + " type veth peer name " + peer));
    ASSERT_TRUE(run("ip addr add " + address + " dev " + name));
  }
  static void plug(const std::string& name, const std::string& peer) {
    ASSERT_TRUE(run("ip link set " + name + " up"));
    ASSERT_TRUE(run("ip link set " + peer + " up"));
  }

  // The kernel takes a moment to find that a link runs.
  void wait_for_link() {
    const NetlinkEnvironment probe(loop, inbox, log);
    ASSERT_TRUE(test::wait_until(loop, [&] { return probe.network_up(); }));
    inbox.events.clear();
  }

  static inline std::string obstacle;
  loop::Loop loop;
  test::RecordingInbox inbox;
  base::NullLog log;
};

TEST_F(NetlinkEnvironmentTest, LoopbackAloneIsDown) {
  const NetlinkEnvironment environment(loop, inbox, log);
  EXPECT_FALSE(environment.network_up());
  EXPECT_TRUE(inbox.events.empty());
}

TEST_F(NetlinkEnvironmentTest, AnInterfaceThatIsUpWithAnAddressIsUpAtTheStart) {
  add_pair("veth0", "veth1", "10.91.0.1/24");
  plug("veth0", "veth1");
  wait_for_link();
  const NetlinkEnvironment environment(loop, inbox, log);
  EXPECT_TRUE(environment.network_up());
  EXPECT_TRUE(inbox.events.empty());
}

TEST_F(NetlinkEnvironmentTest, AnInterfaceWithoutCarrierIsDown) {
  add_pair("veth0", "veth1", "10.91.0.1/24");
  ASSERT_TRUE(run("ip link set veth0 up"));
  const NetlinkEnvironment environment(loop, inbox, log);
  EXPECT_FALSE(environment.network_up());
}

TEST_F(NetlinkEnvironmentTest, ChangesArePostedOnceEach) {
  const NetlinkEnvironment environment(loop, inbox, log);
  add_pair("veth0", "veth1", "10.91.0.1/24");
  plug("veth0", "veth1");
  ASSERT_TRUE(test::wait_until(loop, [&] { return environment.network_up(); }));
  ASSERT_FALSE(inbox.events.empty());
  EXPECT_TRUE(inbox.all<NetworkChanged>().back().up);

  inbox.events.clear();
  ASSERT_TRUE(run("ip link set veth1 down"));  // the cable is pulled at the other end
  ASSERT_TRUE(test::wait_until(loop, [&] { return !environment.network_up(); }));
  EXPECT_EQ(inbox.count<NetworkChanged>(), 1U);
  EXPECT_FALSE(inbox.all<NetworkChanged>().back().up);
}

TEST_F(NetlinkEnvironmentTest, ASecondConnectionIsNewsAndItsLossIsNot) {
  add_pair("veth0", "veth1", "10.91.0.1/24");
  plug("veth0", "veth1");
  wait_for_link();
  const NetlinkEnvironment environment(loop, inbox, log);
  add_pair("veth2", "veth3", "10.92.0.1/24");
  plug("veth2", "veth3");
  ASSERT_TRUE(test::wait_until(loop, [&] { return inbox.count<NetworkChanged>() == 1; }));
  EXPECT_TRUE(inbox.all<NetworkChanged>().back().up);
  ASSERT_TRUE(run("ip link del veth2"));
  test::run_for(loop, 200ms);
  EXPECT_EQ(inbox.count<NetworkChanged>(), 1U);
  EXPECT_TRUE(environment.network_up());
}

TEST_F(NetlinkEnvironmentTest, WhichWayLeadsToEverythingIsToldWhenItChanges) {
  add_pair("veth0", "veth1", "10.91.0.1/24");
  plug("veth0", "veth1");
  wait_for_link();
  const NetlinkEnvironment environment(loop, inbox, log);
  EXPECT_EQ(environment.route(), core::Route());
  ASSERT_TRUE(run("ip route add default via 10.91.0.9"));
  ASSERT_TRUE(test::wait_until(loop, [&] { return inbox.count<RouteChanged>() == 1; }));
  EXPECT_EQ(inbox.all<RouteChanged>().back().route, (core::Route{"veth0", "10.91.0.9"}));
  EXPECT_EQ(environment.route(), (core::Route{"veth0", "10.91.0.9"}));
  EXPECT_EQ(inbox.count<NetworkChanged>(), 0U) << "nothing that waits is tried again for it";
  ASSERT_TRUE(run("ip route del default"));
  ASSERT_TRUE(test::wait_until(loop, [&] { return inbox.count<RouteChanged>() == 2; }));
  EXPECT_EQ(environment.route(), core::Route());
}

TEST_F(NetlinkEnvironmentTest, ABurstOfChangesSettlesToWhatIsTrue) {
  const NetlinkEnvironment environment(loop, inbox, log);
  add_pair("veth0", "veth1", "10.91.0.1/24");
  for (int i = 0; i < 5; ++i) {
    plug("veth0", "veth1");
    ASSERT_TRUE(run("ip link set veth0 down"));
  }
  test::run_for(loop, 200ms);
  EXPECT_FALSE(environment.network_up());
  // What came and went before anybody looked is not told.
  EXPECT_LE(inbox.count<NetworkChanged>(), 2U);
}

}  // namespace
}  // namespace backhaul::network
