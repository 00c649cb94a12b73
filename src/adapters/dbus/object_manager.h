// SPDX-License-Identifier: Apache-2.0
// org.freedesktop.DBus.ObjectManager on the root object: the caller's jobs with all their properties in
// one answer, for bindings that keep a tree of objects. It is for a queue that fits one page; whoever
// has more pages through ListJobs. Files are not in it: one job may have 100,000.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/dbus/announcer.h"
#include "adapters/dbus/requests.h"
#include "bus/bus.h"
#include "bus/wire.h"

namespace backhaul::dbus {

class ObjectManager {
 public:
  ObjectManager(Service& service, Announcer& announcer)
      : service_(service), announcer_(announcer) {}
  ObjectManager(const ObjectManager&) = delete;
  ObjectManager& operator=(const ObjectManager&) = delete;

  base::Result<void> publish();

 private:
  using Objects = std::vector<std::pair<bus::ObjectPath, bus::JobInterfaces>>;

  void get_managed_objects(bus::Reply<Objects> reply);

  Service& service_;
  Announcer& announcer_;
  bus::Slot shown_;  // in the introspection
  bus::Slot calls_;
};

}  // namespace backhaul::dbus
