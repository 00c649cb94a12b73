// SPDX-License-Identifier: Apache-2.0
// bus/*.xml against what runs: the introspection of the service has the members, types, names and
// access of the contract and no others, and the calls it makes are those of the client interfaces.
#include <map>
#include <sstream>

#include "tests/component/dbus/contract.h"
#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

class Contract : public Notify {
 protected:
  Interface running(const std::string& path, const std::string& interface) {
    const auto text =
        ask<std::string>(to(path, "org.freedesktop.DBus.Introspectable", "Introspect"));
    EXPECT_TRUE(text);
    return text ? parse(std::get<0>(*text))[interface] : Interface{};
  }
  // A signature as the arguments of the contract make it.
  static std::string signature(const std::string& line, const std::string& before) {
    std::string result;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      const bool out = word.starts_with("->");
      const std::size_t colon = word.find(':');
      if (colon != std::string::npos && out == (before == "->")) result += word.substr(colon + 1);
    }
    return result;
  }
};

TEST_F(Contract, TheManagerIsAsDocumented) {
  EXPECT_FALSE(contract(bus::manager_interface).empty());
  EXPECT_EQ(running(bus::root_path, bus::manager_interface), contract(bus::manager_interface));
}

TEST_F(Contract, TheCacheOfPeersIsAsDocumented) {
  EXPECT_FALSE(contract(bus::peers_interface).empty());
  EXPECT_EQ(running(bus::peers_path, bus::peers_interface), contract(bus::peers_interface));
}

TEST_F(Contract, TheRootSaysThatItManagesObjects) {
  EXPECT_TRUE(running(bus::root_path, bus::object_manager_interface)
                  .contains("method GetManagedObjects ->object_paths_interfaces_and_properties:"
                            "a{oa{sa{sv}}}"));
  const core::Job& job = queue_.add_job("n");
  EXPECT_TRUE(running(bus::job_path(job.id), bus::object_manager_interface).empty());
}

TEST_F(Contract, JobsAreAsDocumented) {
  const core::Job& job = queue_.add_job("n");
  EXPECT_FALSE(contract(bus::job_interface).empty());
  EXPECT_EQ(running(bus::job_path(job.id), bus::job_interface), contract(bus::job_interface));
  EXPECT_TRUE(running(bus::job_path(job.id), bus::file_interface).empty());
}

TEST_F(Contract, FilesAreAsDocumented) {
  const core::Job& job = queue_.add_job("n");
  EXPECT_FALSE(contract(bus::file_interface).empty());
  EXPECT_EQ(running(bus::file_path(job.id, 0), bus::file_interface),
            contract(bus::file_interface));
}

TEST_F(Contract, CallsToClientsAreAsDocumented) {
  bus::Bus callee = bus_.connect();
  ASSERT_TRUE(callee.attach(loop_.native()));
  const std::string name = "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9";
  ASSERT_TRUE(callee.request_name(name));
  std::map<std::string, std::string> called;
  const auto filter = callee.add_filter("/", [&](const bus::Message& call) {
    if (!call.interface().starts_with("org.backhaul.")) return false;
    called[call.interface() + " " + call.member()] = call.signature();
    if (call.member() == "CreateInstance")
      bus::reply(call, bus::ObjectPath{"/instance"}, std::uint32_t{3});
    else if (call.member() != "Released")
      bus::reply(call, std::uint32_t{0});
    return true;
  });
  ASSERT_TRUE(filter);
  for (const auto kind : {core::NotifyKind::job_transferred, core::NotifyKind::job_error,
                          core::NotifyKind::job_modification, core::NotifyKind::file_transferred,
                          core::NotifyKind::file_ranges_transferred}) {
    ports::Notification notification = event(kind);
    notification.target = ports::ClassTarget{{name, bus::class_path}, std::chrono::seconds(60)};
    EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::answered);
  }
  adapter_->release_instance(job_);
  const auto judge = object(callee.unique_name(), "/v");
  adapter_->check_certificate({.number = 1, .job = job_, .file = 2, .object = judge, .chain = {"der"}});
  adapter_->release_certificate_check(judge);
  ASSERT_TRUE(until([&] {
    return called.contains("org.backhaul.Callback1 Released") &&
           called.contains("org.backhaul.CertificateValidator1 Released");
  }));

  std::map<std::string, std::string> documented;
  for (const char* interface : {bus::callback_interface, bus::certificate_validator_interface,
                                bus::class_factory_interface})
    for (const std::string& line : contract(interface)) {
      std::istringstream words(line);
      std::string kind;
      std::string member;
      words >> kind >> member;
      documented[std::string(interface) + " " + member] = signature(line, "");
      // The results that the service reads, and this test gave.
      const std::string result = member == "CreateInstance" ? "ou" : member == "Released" ? "" : "u";
      EXPECT_EQ(signature(line, "->"), result) << line;
    }
  EXPECT_EQ(called, documented);
}

}  // namespace
}  // namespace backhaul::test
