// SPDX-License-Identifier: Apache-2.0
#include "bus/connect.h"

#include <sys/stat.h>

#include "bus/private_bus.h"

namespace backhaul::bus {
namespace {

bool is_socket(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

}  // namespace

base::Result<Connection> connect_session(const Place& place) {
  base::Error last(base::Code::RPC_SERVER_UNAVAILABLE, "there is no session bus");
  if (!place.bus_address.empty()) {
    auto bus = Bus::open(place.bus_address);
    if (bus) return Connection{*std::move(bus), place.bus_address};
    last = std::move(bus).error();
  }
  for (const std::string& folder : {place.runtime_dir, place.user_runtime_dir}) {
    const std::string socket = folder + "/bus";
    if (folder.empty() || !is_socket(socket)) continue;
    const std::string address = "unix:path=" + socket;
    auto bus = Bus::open(address);
    if (bus) return Connection{*std::move(bus), address};
    last = std::move(bus).error();
  }
  return last;
}

base::Result<Connection> connect_any(const Place& place) {
  if (auto session = connect_session(place)) return session;
  return connect_private(place);
}

base::Result<Connection> connect_private(const Place& place) {
  BH_TRY(Bus bus, start_private_bus(place));
  BH_TRY(std::string address, private_bus_address(place));
  return Connection{std::move(bus), std::move(address)};
}

base::Result<Connection> connect_machine(const Place& place) {
  BH_TRY(Bus bus, Bus::open(place.system_bus));
  return Connection{std::move(bus), place.system_bus, true};
}

// The bus adds its guid to the address that it hands to the programs it starts.
bool is_private(const std::string& address, const Place& place) {
  const auto own = private_bus_address(place);
  return own && (address == *own || address.starts_with(*own + ","));
}

}  // namespace backhaul::bus
