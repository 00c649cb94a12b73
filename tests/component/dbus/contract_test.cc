// SPDX-License-Identifier: Apache-2.0
// bus/*.xml against what runs: the introspection of the service has the members, types, names and
// access of the contract and no others, and the calls it makes are those of the client interfaces.
#include <map>
#include <regex>
#include <set>

#include "tests/component/dbus/notify.h"

namespace backhaul::test {
namespace {

// "method Enqueue(job:a{sv}, …) -> …", "property State u read", one line for each member.
using Interface = std::set<std::string>;

std::string attribute(const std::string& tag, const std::string& name) {
  std::smatch match;
  return std::regex_search(tag, match, std::regex("\\b" + name + "=\"([^\"]*)\"")) ? match[1].str()
                                                                                  : std::string();
}

// Enough of XML for interface descriptions: tags one after another, comments dropped.
std::map<std::string, Interface> parse(std::string text) {
  for (std::size_t begin; (begin = text.find("<!--")) != std::string::npos;)
    text.erase(begin, text.find("-->", begin) + 3 - begin);
  std::map<std::string, Interface> interfaces;
  std::string interface;
  std::string member;
  std::string emits;  // of the member, else of its interface: whether a property tells its changes
  std::string interface_emits;
  const std::regex tag_pattern("<(/?)([a-z]+)([^>]*?)(/?)>");
  for (std::sregex_iterator it(text.begin(), text.end(), tag_pattern), end; it != end; ++it) {
    const std::string name = (*it)[2];
    const std::string rest = (*it)[3];
    const bool opens = (*it)[1].str().empty();
    const bool closes = !opens || !(*it)[4].str().empty();
    if (name == "interface" && opens) {
      interface = attribute(rest, "name");
      interfaces[interface];
      interface_emits = "true";
      member.clear();
    }
    if (name == "annotation" && rest.find("EmitsChangedSignal") != std::string::npos)
      (member.empty() ? interface_emits : emits) = attribute(rest, "value");
    if (name == "method" || name == "signal" || name == "property") {
      if (opens) {
        member = name + " " + attribute(rest, "name");
        emits = interface_emits;
      }
      if (opens && name == "property")
        member += " " + attribute(rest, "type") + " " + attribute(rest, "access");
      if (closes && name == "property") member += " emits " + emits;
      if (closes) interfaces[interface].insert(std::exchange(member, {}));
    }
    if (name == "arg") {
      const std::string direction = attribute(rest, "direction");
      member += (direction == "out" ? " ->" : " ") + attribute(rest, "name") + ":" +
                attribute(rest, "type");
    }
  }
  return interfaces;
}

Interface contract(const std::string& interface) {
  return parse(read_file(std::string(BACKHAUL_CONTRACT) + "/" + interface + ".xml"))[interface];
}

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
                          core::NotifyKind::job_modification, core::NotifyKind::file_transferred}) {
    ports::Notification notification = event(kind);
    notification.target = ports::ServiceTarget{{name, bus::class_path}, std::chrono::seconds(20)};
    EXPECT_EQ(outcome(std::move(notification)).outcome, Outcome::answered);
  }
  adapter_->release_instance(job_);
  const auto judge = object(callee.unique_name(), "/v");
  adapter_->validate({.number = 1, .job = job_, .file = 2, .object = judge, .chain = {"der"}});
  adapter_->release_validator(judge);
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
