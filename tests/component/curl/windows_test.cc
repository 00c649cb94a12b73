// SPDX-License-Identifier: Apache-2.0
// The window that connections offer their server, on a real kernel: a network namespace of our own, whose
// loopback device has an address of another network and packets as on a line. Read from the sockets
// themselves; nothing here depends on how fast anything is.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/curl/path_file.h"
#include "tests/component/curl/fixture.h"
#include "tests/support/temp_dir.h"

namespace backhaul::test {
namespace {

using base::Priority;

constexpr const char* elsewhere = "10.99.0.1";

bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

// As root a network namespace is enough; others need a user namespace in which they are root.
std::string enter_network() {
  const uid_t uid = getuid();
  const gid_t gid = getgid();
  if (unshare(CLONE_NEWNET) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
      return std::string("no network namespace can be made: ") + strerror(errno);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
    write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
  }
  const bool made = run("ip link set lo mtu 1500") && run("ip link set lo up") &&
                    run(std::string("ip addr add ") + elsewhere + "/32 dev lo") &&
                    run("tc qdisc add dev lo root tbf rate 40mbit burst 20kb latency 50ms");
  return made ? "" : "the network of the test cannot be made";
}

// Of all sockets of this process that lead to that port.
std::vector<int> windows_to(std::uint16_t port) {
  std::vector<int> windows;
  const std::unique_ptr<DIR, int (*)(DIR*)> all(opendir("/proc/self/fd"), &closedir);
  while (const dirent* entry = readdir(all.get())) {
    const int fd = std::atoi(entry->d_name);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    int window = 0;
    socklen_t window_size = sizeof window;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && ntohs(peer.sin_port) == port &&
        getsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, &window_size) == 0)
      windows.push_back(window);
  }
  return windows;
}

class WindowsTest : public CurlTest {
 protected:
  static void SetUpTestSuite() { obstacle = enter_network(); }
  void SetUp() override {
    if (!obstacle.empty()) GTEST_SKIP() << "SKIPPED: " << obstacle;
    far.emplace(elsewhere);
    far->on("/f", {.size = 60'000'000, .seed = 1});
    server.on("/f", {.size = 60'000'000, .seed = 1});
  }
  // It takes no more than it is given room for, so none of them ends.
  Download& fetch(const std::string& url, Priority priority) {
    Download& begun = start({.source = {.address = url}, .standing = priority});
    begun.sink.capacity = piece;
    return begun;
  }
  Download& fetch(Priority priority) { return fetch(far->url("/f", elsewhere), priority); }
  bool arrives(Download& download) {
    const std::size_t before = download.sink.data.size();
    if (download.sink.room) download.sink.make_room(piece);
    return until([&] { return download.sink.data.size() > before; });
  }
  // More of both, until it is so.
  bool becomes(const std::vector<Download*>& moving, const std::function<bool(int)>& wanted) {
    return until([&] {
      for (Download* one : moving)
        if (one->sink.room) one->sink.make_room(piece);
      return window() > 0 && wanted(window());
    });
  }
  int window() {
    const std::vector<int> all = windows_to(far->port());
    return all.size() == 1 ? all.front() : 0;
  }

  static constexpr std::uint64_t piece = 400'000;
  static inline std::string obstacle;
  std::optional<BadServer> far;
};

// Of the kernel, to begin with; what it makes of that later is more. 40 Mbit/s have less than that on their way.
constexpr int least_of_kernel = 60'000;

TEST_F(WindowsTest, OfABackgroundTransferIsHeldDownAndOfAForegroundOneIsNot) {
  Download& plain = fetch(Priority::foreground);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(arrives(plain));
    EXPECT_GE(window(), least_of_kernel);
  }
  transport->stop(plain.id);
  plain.sink.closed = true;

  open({});
  Download& polite = fetch(Priority::normal);
  EXPECT_TRUE(becomes({&polite}, [](int window) { return window < least_of_kernel; }));
  EXPECT_GE(window(), 2 * 1460) << "whole segments";
}

TEST_F(WindowsTest, FollowsThePriorityOfTheJob) {
  Download& f = fetch(Priority::foreground);
  ASSERT_TRUE(arrives(f));
  transport->set_standing(f.id, Priority::low);
  EXPECT_TRUE(becomes({&f}, [](int window) { return window < least_of_kernel; }));
  transport->set_standing(f.id, Priority::foreground);
  EXPECT_TRUE(becomes({&f}, [](int window) { return window >= least_of_kernel; }));
}

TEST_F(WindowsTest, FollowsWhatTheJobIsServedAsWhileItIsNeeded) {
  Download& f = fetch(Priority::low);
  EXPECT_TRUE(becomes({&f}, [](int window) { return window < least_of_kernel; }));
  transport->set_standing(f.id, {Priority::low, Priority::foreground});
  EXPECT_TRUE(becomes({&f}, [](int window) { return window >= least_of_kernel; }));
  transport->set_standing(f.id, {Priority::low, Priority::high});
  EXPECT_TRUE(becomes({&f}, [](int window) { return window < least_of_kernel; }));
}

TEST_F(WindowsTest, WhatTheTransferDoesToOthersIsMeasured) {
  Download& f = fetch(Priority::low);
  f.sink.capacity = UINT64_MAX;
  std::optional<core::Impact> impact;
  ASSERT_TRUE(until([&] {
    impact = transport->reading(base::JobId{}).impact;
    return impact && impact->rate > 0;
  }));
  EXPECT_GT(impact->path_delay, base::Microseconds(0));
  EXPECT_GE(impact->delay_added, base::Microseconds(0));
  transport->set_standing(f.id, Priority::foreground);
  EXPECT_EQ(transport->reading(base::JobId{}).impact, std::nullopt) << "it is not held back";
}

TEST_F(WindowsTest, WhatIsKnownOfAPathOutlastsTheService) {
  const TempDir dir;
  const std::string file = dir / "paths";
  const std::string path("\x0a\x63\x00\x01\x0a\x63\x00\x01", 8);  // this host is both of its ends
  const auto now = std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
  core::PathBook before;
  before.keep(path, {.base_delay = 900ms, .capacity = 7e6}, now);
  curl::write_paths(file, before);
  open({.courtesy = {.memory = file}});
  Download& f = fetch(Priority::low);
  f.sink.capacity = UINT64_MAX;
  std::optional<core::Impact> impact;
  ASSERT_TRUE(until([&] { return (impact = transport->reading(base::JobId{}).impact).has_value(); }));
  EXPECT_NEAR(static_cast<double>(impact->capacity), 7e6, 1e6) << "before anything was measured";
  ASSERT_TRUE(until([&] { return transport->reading(base::JobId{}).impact->path_delay < 900ms; }));
  transport.reset();
  f.sink.closed = true;
  const core::PathMemory after = curl::read_paths(file).recall(path, now);
  EXPECT_GT(after.base_delay, 0ms);
  EXPECT_LT(after.base_delay, 900ms) << "as it was measured meanwhile";
}

// The same device serves 127.0.0.1, and what comes there is not ours to hold up.
TEST_F(WindowsTest, IsSmallWhileOthersHaveTheInterface) {
  Download& f = fetch(Priority::normal);
  Download& other = fetch(server.url("/f"), Priority::foreground);
  f.sink.capacity = UINT64_MAX;  // who is paused is not measured
  ASSERT_TRUE(arrives(f));
  EXPECT_TRUE(becomes({&other}, [](int window) { return window <= 2 * 1460; }));
  EXPECT_TRUE(f.end || arrives(f)) << "but never nothing";
}

TEST_F(WindowsTest, IsLeftAloneOnThisMachineAndWhereNobodyWantsIt) {
  Download& near = fetch(server.url("/f"), Priority::normal);
  ASSERT_TRUE(arrives(near));
  for (const int window : windows_to(server.port())) EXPECT_GE(window, least_of_kernel);
  transport->stop(near.id);

  open({.courtesy = {.yields = false}});
  ASSERT_TRUE(arrives(fetch(Priority::normal)));
  EXPECT_GE(window(), least_of_kernel);
}

TEST_F(WindowsTest, OfALimitedTransferIsTheSmallerOfBoth) {
  transport->limit({.octets = {{{}, 30'000U, {}}}});
  Download& f = fetch(Priority::normal);
  ASSERT_TRUE(arrives(f));
  EXPECT_TRUE(becomes({&f}, [](int window) { return window <= 2 * 1460 + 100; }));
  transport->limit({});
  EXPECT_TRUE(becomes({&f}, [](int window) { return window > 2 * 1460 + 100; }));
}

}  // namespace
}  // namespace backhaul::test
