// SPDX-License-Identifier: Apache-2.0
#include "tests/support/private_bus.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/result.h"
#include "bus/process.h"

namespace backhaul::test {
namespace {

std::string configuration(const std::string& address, const std::string& later, int service_start_limit_ms) {
  return "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" "
         "\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
         "<busconfig><type>session</type><keep_umask/><listen>" +
         address +
         "</listen><auth>EXTERNAL</auth><standard_session_servicedirs/><servicedir>" + later + "</servicedir>"
         "<policy context=\"default\"><allow user=\"*\"/><allow send_destination=\"*\" eavesdrop=\"true\"/>"
         "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>"
         "<limit name=\"service_start_timeout\">" +
         std::to_string(service_start_limit_ms) + "</limit></busconfig>\n";
}

void write_service_file(const std::string& folder, const std::string& name, const std::vector<std::string>& exec) {
  std::string line;
  for (const std::string& argument : exec) line += (line.empty() ? "" : " ") + argument;
  write_file(folder + "/" + name + ".service", "[D-BUS Service]\nName=" + name + "\nExec=" + line + "\n");
}

}  // namespace

PrivateBus::PrivateBus(int service_start_limit_ms) : address_("unix:path=" + (folder_ / "bus")) {
  for (const char* name : {"data/dbus-1/services", "share/dbus-1/services", "home", "run", "state"})
    std::filesystem::create_directories(folder_ / name);
  std::filesystem::permissions(folder_ / "run", std::filesystem::perms::owner_all);
  write_file(folder_ / "bus.conf", configuration(address_, folder_ / "later", service_start_limit_ms));
  int ends[2];
  BH_ASSERT(pipe2(ends, O_CLOEXEC) == 0);
  const bus::FileDescriptor reader(ends[0]);
  bus::FileDescriptor writer(ends[1]);
  const std::string config = "--config-file=" + (folder_ / "bus.conf");
  const std::string report = "--print-pid=" + std::to_string(writer.get());
  daemon_.emplace(std::vector<std::string>{"dbus-daemon", "--nofork", "--nopidfile", config, report},
                  std::vector<std::pair<std::string, std::string>>{
                      {"HOME", folder_ / "home"},
                      {"XDG_DATA_HOME", folder_ / "data"},
                      {"XDG_DATA_DIRS", folder_ / "share"},
                      {"XDG_STATE_HOME", folder_ / "state"},
                      {"XDG_RUNTIME_DIR", folder_ / "run"},
                      {"DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + (folder_ / "no-system-bus")},
                      {"DBUS_SESSION_BUS_ADDRESS", address_}},
                  writer.get(), folder_ / "bus.log");
  writer = bus::FileDescriptor();
  char byte = 0;
  BH_ASSERT(read(reader.get(), &byte, 1) == 1);  // it listens
}

bus::Place PrivateBus::place() const {
  bus::Place place;
  place.uid = geteuid();
  place.home = folder_ / "home";
  place.state_home = folder_ / "state";
  place.data_home = folder_ / "data";
  place.data_dirs = folder_ / "share";
  place.bus_address = address_;
  place.path = "/usr/local/bin:/usr/bin:/bin";
  return place;
}

bus::Bus PrivateBus::connect() const {
  auto connected = bus::Bus::open(address_);
  BH_ASSERT(connected);
  return *std::move(connected);
}

void PrivateBus::add_service(const std::string& name, const std::vector<std::string>& exec) {
  write_service_file(folder_ / "share/dbus-1/services", name, exec);
  auto bus = connect();
  BH_ASSERT(bus.call<>({"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "ReloadConfig", bus::usual_limit}));
}

void PrivateBus::add_unnoticed_service(const std::string& name, const std::vector<std::string>& exec) {
  std::filesystem::create_directories(folder_ / "later");
  write_service_file(folder_ / "later", name, exec);
}

}  // namespace backhaul::test
