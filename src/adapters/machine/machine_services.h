// SPDX-License-Identifier: Apache-2.0
// The machine as its services tell of it on the system bus: NetworkManager (metered, login page),
// ModemManager (roaming), UPower (battery), power-profiles-daemon (power saver) and systemd-logind
// (sleep). None of them has to be there, nor the bus.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/machine.h"

namespace backhaul::machine {

struct MachineSettings {
  std::string bus_address;       // of the system bus
  bool follows_local_time = false;  // somebody goes by the hours of the day
};

class MachineServices final : public ports::Machine {
 public:
  MachineServices(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, MachineSettings settings);
  ~MachineServices() override;
  MachineServices(const MachineServices&) = delete;
  MachineServices& operator=(const MachineServices&) = delete;

  std::optional<core::Surroundings> surroundings() const override;
  void keep_awake(bool awake) override;
  void let_sleep() override;
  void follow_local_time(bool follow) override;

 private:
  struct Services;  // a connection and all that is watched on it

  void connect();
  void evaluate();
  void woke();
  core::Surroundings look() const;

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  MachineSettings settings_;
  bool keep_awake_ = false;
  bool known_ = false;
  core::Surroundings now_;
  std::unique_ptr<Services> services_;  // null: there is no bus
  loop::Deferred settled_;   // several of them change at once
  loop::Timer first_limit_;  // until what they say is waited for
  loop::Timer reconnect_;
  loop::Timer local_time_;
};

}  // namespace backhaul::machine
