// SPDX-License-Identifier: Apache-2.0
#include "adapters/swarm/client.h"

#include <tuple>
#include <utility>

#include "bus/names.h"
#include "bus/service.h"
#include "bus/swarm_wire.h"

namespace backhaul::swarm {
namespace {

bool is_absent(const bus::Failure& failure) {
  return failure.is(bus::service_unknown) || failure.is(bus::name_has_no_owner) || bus::is_not_activatable(failure);
}

// Whatever has the name on the bus: what it says is looked at before it becomes a path.
base::Result<core::SwarmPlace> place_in(std::tuple<std::string, std::string> told) {
  auto& [socket, path] = told;
  if (!socket.starts_with('/') || !path.starts_with('/') || path.find_first_of(" \r\n") != std::string::npos)
    return {base::Code::WINHTTP_INVALID_SERVER_RESPONSE, "the swarm names no place"};
  return core::SwarmPlace{.socket = std::move(socket), .path = std::move(path)};
}

}  // namespace

void Client::join(base::TransferId transfer, const core::Swarmed& what) {
  const bus::SwarmJoin wanted{.id = static_cast<std::uint64_t>(transfer),
                              .torrent = what.torrent,
                              .url = what.url,
                              .size = what.size};
  joined_[transfer] = bus_.call_async<std::string, std::string>(
      {bus::swarm_name, bus::swarm_path, bus::swarm_interface, "Join", limit_},
      [this, transfer](bus::Outcome<std::string, std::string> told) {
        if (told) {
          absent_ = false;
          return answered(transfer, place_in(*std::move(told)));
        }
        if (!is_absent(told.error())) return answered(transfer, told.error().error());
        if (!std::exchange(absent_, true))
          log_.write(base::LogLevel::info, "files are not exchanged: backhaul-swarm is not here");
        answered(transfer, base::Error(base::Code::SERVICE_DISABLED, "there is no swarm here"));
      },
      wanted);
}

// Where there was no answer in time it may have joined all the same.
void Client::answered(base::TransferId transfer, base::Result<core::SwarmPlace> place) {
  const auto joined = joined_.find(transfer);
  if (joined == joined_.end()) return;
  const bus::Slot call = std::exchange(joined->second, bus::Slot());
  if (!place) {
    joined_.erase(joined);
    tell_that_it_left(transfer);
  }
  inbox_.post(ports::SwarmAnswered{transfer, std::move(place)});
}

void Client::leave(base::TransferId transfer) {
  if (joined_.erase(transfer) != 0) tell_that_it_left(transfer);
}

// It is not started to be told that.
void Client::tell_that_it_left(base::TransferId transfer) {
  bus_.send({bus::swarm_name, bus::swarm_path, bus::swarm_interface, "Leave", limit_, false},
            static_cast<std::uint64_t>(transfer));
}

}  // namespace backhaul::swarm
