// SPDX-License-Identifier: Apache-2.0
// Callback classes made activatable: a service file in a folder that every session bus reads, then
// ReloadConfig (a bus only watches folders that were there when it started). Where systemd is on the
// bus, a unit stands beside the service file, and systemd reads it first. The files are written on a
// worker; the caller is answered when the bus has read them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/dbus/service_file.h"
#include "adapters/dbus/settings.h"
#include "bus/bus.h"
#include "bus/object.h"
#include "bus/wire.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class ClassRegistry {
 public:
  ClassRegistry(loop::Loop& loop, bus::Bus& bus, ports::Inbox& inbox, const Settings& settings);
  ClassRegistry(const ClassRegistry&) = delete;
  ClassRegistry& operator=(const ClassRegistry&) = delete;

  // `name`: a bus name, or a CLSID; a server of a CLSID is started with -Embedding.
  void add(bus::Reply<> reply, const ports::Caller& caller, const std::string& name,
           const std::vector<std::string>& exec);
  void remove(bus::Reply<> reply, const ports::Caller& caller, const std::string& name);
  // For a confined application those with names of its own.
  void list(bus::Reply<std::vector<bus::ListedClass>> reply, const ports::Caller& caller);

 private:
  // `systemd`: it is on this bus.
  using Work = std::move_only_function<base::Result<void>(bool systemd)>;
  // One at a time through the steps below; all of it is dropped when the registry ends.
  struct Request {
    Work work;
    bus::Reply<> reply;
    std::string installed;  // the name that can be activated when this is done; empty: none
    bool systemd = false;
    bus::Slot call;  // the one under way
  };
  using Number = std::uint64_t;
  void begin(Work work, bus::Reply<> reply, std::string installed = {});
  void run(Number number);
  void reload_systemd(Number number);
  void reload_bus(Number number);
  void finish(Number number, const base::Result<void>& result);
  loop::Worker& worker();

  loop::Loop& loop_;
  bus::Bus& bus_;
  ports::Inbox& inbox_;
  std::string service_dir_;
  std::string unit_dir_;
  Number last_ = 0;
  std::map<Number, Request> requests_;
  std::optional<loop::Worker> worker_;  // made when it is needed first: most services never do
};

}  // namespace backhaul::dbus
