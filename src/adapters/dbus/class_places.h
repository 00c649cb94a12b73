// SPDX-License-Identifier: Apache-2.0
// On which bus the class of a job is: where root installed it for this bus, or somebody has its name here, it is here,
// and the courier tells it. Any other class is its owner's, in the session of that one. Asked anew each time, since
// programs are installed and removed while jobs wait. On the bus of a user every class is here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/dbus/courier.h"
#include "adapters/dbus/settings.h"
#include "bus/bus.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::dbus {

class ClassPlaces {
 public:
  ClassPlaces(bus::Bus& bus, Courier& courier, ports::Inbox& inbox, const Settings& settings)
      : bus_(bus), courier_(courier), inbox_(inbox), in_sessions_(settings.in_sessions) {}
  ClassPlaces(const ClassPlaces&) = delete;
  ClassPlaces& operator=(const ClassPlaces&) = delete;

  void notify(ports::Notification notification);
  void release_instance(const base::JobId& job);

 private:
  struct Question {
    ports::Notification notification;
    bus::Slot call;
    bool wanted = true;  // false: the instance is not needed any more, which nobody has made yet
  };
  void ask_who_has(base::Ticket ticket);
  void try_to_start(base::Ticket ticket);
  void found(base::Ticket ticket, bool here);

  bus::Bus& bus_;
  Courier& courier_;
  ports::Inbox& inbox_;
  const ClassesInSessions& in_sessions_;
  std::map<base::Ticket, Question> open_;
};

}  // namespace backhaul::dbus
