// SPDX-License-Identifier: Apache-2.0
#include "bus/default_instance.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "bus/connect.h"
#include "bus/names.h"
#include "bus/service.h"

namespace backhaul::bus {
namespace {

bool exists(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0;
}

bool has_session(const Place& place) {
  if (!place.bus_address.empty()) return true;
  return std::ranges::any_of(std::vector{place.runtime_dir, place.user_runtime_dir}, [](const std::string& folder) {
    return !folder.empty() && exists(folder + "/bus");
  });
}

bool machine_is_installed(const Place& place) {
  auto connection = connect_machine(place);
  if (!connection) return false;
  if (service_runs(connection->bus)) return true;
  const auto names = connection->bus.call<std::vector<std::string>>(
      {daemon_name, daemon_path, daemon_interface, "ListActivatableNames", usual_limit});
  return names && std::ranges::find(std::get<0>(*names), service_name) != std::get<0>(*names).end();
}

}  // namespace

InstanceChoice choose_instance(const InstanceFacts& facts) {
  if (facts.asked == "system") return InstanceChoice::machine;
  if (facts.asked == "user" || (!facts.root && facts.session)) return InstanceChoice::user;
  return facts.own_work ? InstanceChoice::user_before_machine : InstanceChoice::machine_if_installed;
}

DefaultInstance default_instance(const Place& place) {
  const char* asked = secure_getenv("BACKHAUL_INSTANCE");
  switch (choose_instance({.asked = asked == nullptr ? "" : asked,
                           .root = place.uid == 0,
                           .session = has_session(place),
                           .own_work = exists(place.state_dir() + "/unfinished")})) {
    case InstanceChoice::user: return {};
    case InstanceChoice::machine: return {true, {}};
    case InstanceChoice::machine_if_installed: return {machine_is_installed(place), {}};
    case InstanceChoice::user_before_machine: break;
  }
  if (!machine_is_installed(place)) return {};
  return {false, "the own queue of this user has unfinished jobs and is used until they are finished; after that "
                 "it will be the service of the machine"};
}

}  // namespace backhaul::bus
