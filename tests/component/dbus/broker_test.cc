// SPDX-License-Identifier: Apache-2.0
// A bus as dbus-broker is: it has a descriptor of every process, ends the connection of whoever asks for one and takes
// none, and says of a service that failed in its start that it is unknown.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/dbus/peers.h"
#include "adapters/dbus/pidfds.h"
#include "bus/connect.h"
#include "bus/names.h"
#include "bus/place.h"
#include "bus/process.h"
#include "bus/service.h"
#include "loop/loop.h"
#include "tests/support/recording_inbox.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {
namespace {

class BrokerLike {
 public:
  BrokerLike(loop::Loop& loop, const std::string& path) : loop_(loop), address_("unix:path=" + path) {
    sockaddr_un at{.sun_family = AF_UNIX, .sun_path = {}};
    BH_ASSERT(path.size() < sizeof at.sun_path);
    std::copy(path.begin(), path.end(), at.sun_path);
    BH_ASSERT(bind(listening_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    BH_ASSERT(listen(listening_.get(), 5) == 0);
    coming_.emplace(loop, listening_.get(), EPOLLIN, [this](std::uint32_t) { accept_one(); });
  }
  ~BrokerLike() {
    for (sd_bus* each : connections_) sd_bus_close_unref(each);
  }
  BrokerLike(const BrokerLike&) = delete;
  BrokerLike& operator=(const BrokerLike&) = delete;

  const std::string& address() const { return address_; }

 private:
  void accept_one() {
    const int fd = accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    sd_bus* made = nullptr;
    sd_id128_t id{};
    BH_ASSERT(fd >= 0 && sd_bus_new(&made) >= 0 && sd_id128_randomize(&id) >= 0);
    connections_.push_back(made);
    BH_ASSERT(sd_bus_set_fd(made, fd, fd) >= 0 && sd_bus_set_server(made, 1, id) >= 0);
    BH_ASSERT(sd_bus_negotiate_fds(made, 1) >= 0 && sd_bus_add_filter(made, nullptr, &answer, nullptr) >= 0);
    BH_ASSERT(sd_bus_start(made) >= 0 && sd_bus_attach_event(made, loop_.native(), 0) >= 0);
  }

  static int answer(sd_bus_message* call, void*, sd_bus_error*) {
    const char* member = sd_bus_message_get_member(call);
    const std::string_view asked = member == nullptr ? "" : member;
    if (asked == "Hello") return sd_bus_reply_method_return(call, "s", ":1.1");
    if (asked == "GetConnectionUnixUser") return sd_bus_reply_method_return(call, "u", geteuid());
    if (asked == "ListActivatableNames") return sd_bus_reply_method_return(call, "as", 1, bus::service_name);
    if (asked == "StartServiceByName")
      return sd_bus_reply_method_errorf(call, bus::service_unknown, "Could not activate remote peer: unit failed");
    if (asked != "GetConnectionCredentials") return sd_bus_reply_method_return(call, "");
    sd_bus* connection = sd_bus_message_get_bus(call);
    if (sd_bus_can_send(connection, 'h') <= 0) {
      sd_bus_close(connection);
      return 1;
    }
    const bus::FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    return sd_bus_reply_method_return(call, "a{sv}", 2, "ProcessID", "u", static_cast<std::uint32_t>(getpid()), "ProcessFD",
                                      "h", process.get());
  }

  loop::Loop& loop_;
  std::string address_;
  bus::FileDescriptor listening_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  std::optional<loop::Io> coming_;
  std::vector<sd_bus*> connections_;
};

TEST(BrokerLikeBus, TellsWhoCallsAndNobodyLosesTheConnectionOfTheService) {
  TempDir folder;
  loop::Loop loop;
  const BrokerLike broker(loop, folder / "bus");
  bus::Bus service = *bus::Bus::begin(broker.address(), bus::Descriptors::refused);
  ASSERT_TRUE(service.attach(loop.native()));
  ASSERT_TRUE(wait_until(loop, [&] { return sd_bus_is_ready(service.native()) > 0; }));
  RecordingInbox inbox;
  RecordingLog log;
  const dbus::Settings settings;
  dbus::Pidfds pidfds(loop, service);
  dbus::Peers peers(service, pidfds, inbox, log, settings);
  std::optional<base::Result<ports::Caller>> caller;
  peers.identify(":1.7", [&](const base::Result<ports::Caller>& who) { caller = who; });
  ASSERT_TRUE(wait_until(loop, [&] { return caller.has_value(); }));
  ASSERT_TRUE(*caller) << caller->error().text;
  EXPECT_EQ((*caller)->uid, geteuid());
  EXPECT_TRUE(service.is_open());
}

TEST(BrokerLikeBus, SaysOfAServiceWhoseUnitFailedThatItIsThere) {
  TempDir folder;
  loop::Loop loop;
  const BrokerLike broker(loop, folder / "bus");
  loop::Poster poster(loop);
  std::thread serving([&] { loop.run(); });
  const bus::Place place{.system_bus = broker.address()};
  auto connection = bus::connect_machine(place);
  const auto started = connection ? bus::start_service(*connection, place, bus::usual_limit) : base::Result<void>();
  poster.post([&] { loop.exit(0); });
  serving.join();
  ASSERT_TRUE(connection) << connection.error().text;
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().text.find("could not start the service of the machine"), std::string::npos)
      << started.error().text;
}

}  // namespace
}  // namespace backhaul::test
