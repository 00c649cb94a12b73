// SPDX-License-Identifier: Apache-2.0
// Carries notifications: one call to one callee, and what became of it. Which rung of the ladder is
// tried is decided elsewhere (core/notify_ladder).
//
// The callback itself has no time limit: on the bus a slow program and a dead one look the same
// after a time-out, and trying the next rung could notify twice. The bus tells when the callee
// leaves. Only starting a class is limited.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/dbus/peers.h"
#include "base/log.h"
#include "bus/bus.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::dbus {

class Courier {
 public:
  Courier(loop::Loop& loop, bus::Bus& bus, Peers& peers, ports::Inbox& inbox, base::Log& log);
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void set_bus_id(std::string bus_id) { bus_id_ = std::move(bus_id); }

  void notify(ports::Notification notification);
  void release(const core::ObjectRegistration& object);
  void release_instance(const base::JobId& job);
  bool watch(const core::ObjectRegistration& object);
  void peer_gone(const std::string& unique_name);

 private:
  struct Callee {
    std::string owner;  // unique name
    std::string path;   // of its Callback1
    std::uint32_t level = 3;
  };
  // What a class made for a job; for a name without a factory, the callback behind the name.
  struct Instance {
    core::ClassRegistration registration;
    Callee callee;
    bool made = false;  // by CreateInstance: it is told when it is not needed any more
  };
  // A notification on its way, in whichever step it is.
  struct Errand {
    ports::Notification notification;
    base::BootTime start_deadline{};
    bool wanted = true;  // false: release_instance came before the instance did
    bool at_instance = false;  // of an earlier notification
    std::string owner;
    bus::Slot call;
  };
  using Ticket = base::Ticket;

  void start_class(Ticket ticket);
  void class_started(const std::string& name, const bus::Outcome<std::uint32_t>& started);
  void find_owner(Ticket ticket, bool start_if_missing);
  void create_instance(Ticket ticket);
  void deliver(Ticket ticket, const Callee& callee);
  void called(Ticket ticket, const bus::Outcome<std::uint32_t>& answer);
  void check_alive(Ticket ticket, bus::Failure failure);
  void finish(Ticket ticket, ports::NotifyOutcome outcome, base::Code result, std::string text);
  void unavailable(Ticket ticket, const std::string& what, const bus::Failure& failure);
  void tell_released(const std::string& owner, const std::string& path);
  Errand* find(Ticket ticket);
  base::Microseconds time_left(const Errand& errand) const;

  loop::Loop& loop_;
  bus::Bus& bus_;
  Peers& peers_;
  ports::Inbox& inbox_;
  base::Log& log_;
  std::string bus_id_;
  std::map<Ticket, Errand> errands_;
  std::unordered_map<base::JobId, Instance> instances_;
  // Classes that are being started, and whoever waits for that: one start serves them all.
  struct Start {
    std::vector<Ticket> waiting;
    bus::Slot call;
  };
  std::map<std::string, Start> starts_;
};

}  // namespace backhaul::dbus
