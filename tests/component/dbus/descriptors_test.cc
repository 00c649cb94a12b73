// SPDX-License-Identifier: Apache-2.0
// Anybody on a bus can send descriptors to anybody, and a connection ends when there is no room for them:
// the service loses nothing by it, however short it is.
#include <fcntl.h>
#include <systemd/sd-bus.h>

#include "bus/process.h"
#include "tests/component/dbus/served.h"
#include "tests/support/no_descriptors.h"

namespace backhaul::test {
namespace {

class Burdened : public Served {
 protected:
  void SetUp() override {
    Served::SetUp();
    adapter_->on_disconnect([this] { lost_ = true; });
    ASSERT_TRUE(sender_.attach(loop_.native()));
    // The adapter has found out by then what this bus tells of a process.
    ASSERT_TRUE(list(client_));
  }
  bus::Outcome<std::vector<bus::ListedJob>, std::string> list(bus::Bus& client) {
    return test::ask<std::vector<bus::ListedJob>, std::string>(
        loop_, client, manager("ListJobs"), bus::ListFilter{}, std::string(), 1U);
  }
  // A call that carries one; made while there is room for it.
  bus::Message burden(const std::string& destination) {
    sd_bus_message* call = nullptr;
    BH_ASSERT(sd_bus_message_new_method_call(sender_.native(), &call, destination.c_str(),
                                             bus::root_path, bus::manager_interface,
                                             "ListClasses") >= 0);
    BH_ASSERT(sd_bus_message_append(call, "h", null_.get()) >= 0);
    return bus::Message::adopt(call);
  }
  // Returns when the bus has passed on all of them, or refused to.
  void send(std::vector<bus::Message> burdens) {
    for (const bus::Message& call : burdens)
      ASSERT_GE(sd_bus_send(sender_.native(), call.native(), nullptr), 0);
    ASSERT_TRUE(test::ask<std::string>(loop_, sender_,
                                       {bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                        "GetId", bus::usual_limit}));
  }
  std::vector<std::string> everybody_else() {
    auto names = test::ask<std::vector<std::string>>(
        loop_, sender_,
        {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "ListNames", bus::usual_limit});
    BH_ASSERT(names);
    std::erase_if(std::get<0>(*names), [this](const std::string& name) {
      return !name.starts_with(":") || name == sender_.unique_name();
    });
    return std::get<0>(*std::move(names));
  }

  bool lost_ = false;
  bus::FileDescriptor null_{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  bus::Bus sender_ = *bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
};

TEST_F(Burdened, TheBusRefusesThemInPlaceOfTheService) {
  std::string error;
  ASSERT_GE(sd_bus_call_async(
                sender_.native(), nullptr, burden(bus::service_name).native(),
                [](sd_bus_message* answer, void* told, sd_bus_error*) {
                  const sd_bus_error* said = sd_bus_message_get_error(answer);
                  *static_cast<std::string*>(told) = said == nullptr ? "none" : said->name;
                  return 1;
                },
                &error, UINT64_MAX),
            0);
  ASSERT_TRUE(until([&] { return !error.empty(); }));
  EXPECT_EQ(error, "org.freedesktop.DBus.Error.NotSupported");
  EXPECT_TRUE(list(client_));
  EXPECT_FALSE(lost_);
}

TEST_F(Burdened, WhileItIsShortNobodyEndsItsConnection) {
  std::vector<bus::Message> burdens;
  for (const std::string& name : everybody_else()) burdens.push_back(burden(name));
  {
    const NoDescriptors none;
    send(std::move(burdens));
    EXPECT_TRUE(list(client_));
  }
  EXPECT_FALSE(lost_);
  // Who comes now can be told from others again.
  bus::Bus late = bus_.connect();
  ASSERT_TRUE(late.attach(loop_.native()));
  EXPECT_TRUE(list(late));
}

TEST_F(Burdened, NewClientsAreRefusedWhileItIsShortAndServedAfterwards) {
  std::vector<bus::Bus> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(bus_.connect());
    ASSERT_TRUE(clients.back().attach(loop_.native()));
  }
  for (int round = 0; round < 2; ++round) {
    const NoDescriptors none;
    for (bus::Bus& client : clients) {
      const auto answer = list(client);
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().code(), base::Code::TOO_MANY_OPEN_FILES) << answer.error().text;
    }
  }
  for (bus::Bus& client : clients) EXPECT_TRUE(list(client));
  EXPECT_FALSE(lost_);
}

}  // namespace
}  // namespace backhaul::test
