// SPDX-License-Identifier: Apache-2.0
// org.backhaul.Manager1 on the root object. Decodes, asks the queue, encodes; decides nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/dbus/class_registry.h"
#include "adapters/dbus/requests.h"
#include "adapters/dbus/settings.h"
#include "bus/bus.h"
#include "bus/policy_wire.h"
#include "bus/wire.h"

namespace backhaul::dbus {

class Manager {
 public:
  Manager(Service& service, ClassRegistry& classes, const Settings& settings)
      : service_(service), classes_(classes), settings_(settings), version_(settings.version) {}
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  base::Result<void> publish();

 private:
  using PathReply = bus::Reply<bus::ObjectPath>;

  void enqueue(PathReply reply, bus::NewJob job, std::vector<bus::NewFile> files, bool start);
  void create_job(PathReply reply, std::string name, std::uint32_t type);
  void get_job(PathReply reply, std::string id);
  void list_jobs(bus::Reply<std::vector<bus::ListedJob>, std::string> reply,
                 bus::ListFilter filter, std::string cursor, std::uint32_t limit);
  void last_job(bus::Reply<std::string> reply);
  void events(bus::Reply<std::vector<bus::LoggedEvent>, std::uint64_t> reply, std::uint64_t since,
              std::uint32_t limit);
  void describe_error(bus::Reply<std::string, std::string> reply, std::uint32_t code,
                      std::uint32_t context, std::string locale);
  void register_class(bus::Reply<> reply, std::string name, std::vector<std::string> exec);
  void unregister_class(bus::Reply<> reply, std::string name);
  void budgets(bus::Reply<std::vector<bus::BudgetEntry>> reply);
  void policy(bus::Reply<std::vector<bus::PolicyEntry>> reply);
  void reload_policy(bus::Reply<> reply);
  void list_classes(bus::Reply<std::vector<bus::ListedClass>> reply);

  bool on_properties_call(const bus::Message& call);
  bus::ManagerProperties values() const { return {version_, service_.queue.is_idle()}; }

  Service& service_;
  ClassRegistry& classes_;
  const Settings& settings_;
  const std::string version_;
  bus::Slot object_;
  bus::Slot properties_;
};

}  // namespace backhaul::dbus
