// SPDX-License-Identifier: Apache-2.0
// ports::Launcher over systemd, where a service manager of this user is on the bus: each program is
// a transient unit, with the limits and the accounting of a unit of its own, and it outlives the
// service without being its child. Everywhere else another launcher does it.
//
// The unit is a oneshot service: its start job ends when the program does, "done" for exit code 0
// and nothing else (a program that a signal ended is "failed" here, as it is not for other types).
// What cannot be observed counts as not run to a good end, and is run again after the delay.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "bus/bus.h"
#include "ports/events.h"
#include "ports/launcher.h"

namespace backhaul::dbus {

struct UnitLauncherSettings {
  std::string bus_address;  // becomes DBUS_SESSION_BUS_ADDRESS of the program
  std::string home;         // its working directory
  mode_t umask = 022;
};

class UnitLauncher final : public ports::Launcher {
 public:
  UnitLauncher(bus::Bus& bus, ports::Launcher& otherwise, ports::Inbox& inbox,
               UnitLauncherSettings settings);
  UnitLauncher(const UnitLauncher&) = delete;
  UnitLauncher& operator=(const UnitLauncher&) = delete;

  void run(ports::Launch launch) override;

 private:
  struct Run {
    ports::Launch launch;
    std::string unit{};  // its name; empty: not asked for yet
    bus::Slot call{};
  };
  using Ticket = base::Ticket;

  enum class Absent { is_awaited, is_final };  // what it means that systemd is not on the bus

  void look_for_manager(Ticket ticket, Absent absent);
  void await_manager(Ticket ticket);
  void listen();
  void start_unit(Ticket ticket);
  void start_otherwise(Ticket ticket);
  void job_removed(const std::string& unit, const std::string& result);
  void find_unit(Ticket ticket, const std::string& result);
  void ask_how_it_ended(Ticket ticket, const std::string& path, const std::string& result);
  void manager_gone();
  void finish(Ticket ticket, ports::NotifyOutcome outcome, std::string text);

  bus::Bus& bus_;
  ports::Launcher& otherwise_;
  ports::Inbox& inbox_;
  UnitLauncherSettings settings_;
  std::map<Ticket, Run> runs_;
  std::uint64_t units_ = 0;
  bool listening_ = false;
  bus::Slot removed_;
  bus::Slot owner_;
};

}  // namespace backhaul::dbus
