// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/class_registry.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "adapters/dbus/calls.h"
#include "adapters/dbus/managed_file.h"
#include "adapters/dbus/unit_file.h"
#include "bus/names.h"
#include "core/admission.h"
#include "core/names.h"

namespace backhaul::dbus {
namespace {

using base::Code;

constexpr char embedding[] = "-Embedding";
constexpr char suffix[] = ".service";

base::Result<void> write_class(const std::string& services, const std::string& units,
                               const ServiceFile& service) {
  if (service.has_unit)
    BH_CHECK(write_managed(units, unit_name(service.name),
                           unit_file_text(service.name, service.exec)));
  return write_managed(services, service.name + suffix, service_file_text(service));
}

base::Result<void> remove_class(const std::string& services, const std::string& units,
                                const std::string& name) {
  if (!remove_managed(services, name + suffix))
    return {Code::BG_E_NOT_FOUND, "backhaul did not register the class " + name};
  // There is none where systemd is not, or was not when the class was registered.
  static_cast<void>(remove_managed(units, unit_name(name)));
  return {};
}

std::vector<ServiceFile> read_services(const std::string& folder) {
  std::vector<ServiceFile> services;
  for (const ManagedFile& file : read_managed(folder, suffix)) {
    auto service = parse_service_file(file.text);
    if (service && service->name + suffix == file.name) services.push_back(*std::move(service));
  }
  return services;
}

base::Result<std::string> bus_name(const std::string& name) {
  if (const auto of_class = core::clsid_bus_name(name)) return *of_class;
  BH_CHECK(core::check_bus_name(name));
  if (name == bus::service_name || name.starts_with("org.freedesktop.DBus"))
    return base::Error(Code::E_INVALIDARG, "the bus name " + name + " belongs to somebody else");
  return name;
}

base::Result<ServiceFile> service_of(const std::string& name,
                                     const std::vector<std::string>& exec) {
  ServiceFile service;
  BH_TRY(service.name, bus_name(name));
  if (exec.empty() || !exec[0].starts_with('/'))
    return base::Error(Code::E_INVALIDARG, "the program of a class is given by an absolute path");
  struct stat info {};
  if (stat(exec[0].c_str(), &info) != 0)
    return base::Error(base::code_from_errno(errno), "there is no " + exec[0]);
  if (!S_ISREG(info.st_mode) || access(exec[0].c_str(), X_OK) != 0)
    return base::Error(Code::E_ACCESSDENIED, exec[0] + " is not a program");
  service.exec = exec;
  if (core::is_clsid_name(service.name) && exec.back() != embedding)
    service.exec.emplace_back(embedding);
  return service;
}

// The folder belongs to the user whom this service serves. On the bus of a machine a name is given by its
// policy, and what is started for it by its service files: both are root's to put there.
base::Result<void> check_caller(const std::string& folder, const ports::Caller& caller) {
  if (folder.empty())
    return {Code::E_ACCESSDENIED, "the service of the machine registers no classes: a program that the system bus "
                                  "starts has a service file and a policy, which root installs; one of your "
                                  "session is registered with your own service (backhaul --user class add)"};
  if (caller.uid != geteuid() && caller.uid != 0)
    return {Code::E_ACCESSDENIED, "classes are registered by the user of this service"};
  return core::may_register_class(caller.application);
}

}  // namespace

ClassRegistry::ClassRegistry(loop::Loop& loop, bus::Bus& bus, ports::Inbox& inbox,
                             const Settings& settings)
    : loop_(loop),
      bus_(bus),
      inbox_(inbox),
      service_dir_(settings.service_dir),
      unit_dir_(settings.unit_dir) {}

loop::Worker& ClassRegistry::worker() {
  if (!worker_) worker_.emplace(loop_, 1);
  return *worker_;
}

void ClassRegistry::begin(Work work, bus::Reply<> reply, std::string installed) {
  const Number number = ++last_;
  Request& request =
      requests_.emplace(number, Request{std::move(work), std::move(reply), std::move(installed)})
          .first->second;
  request.call = bus_.call_async<bool>(
      bus_call("NameHasOwner"),
      [this, number](const bus::Outcome<bool>& answer) {
        if (!answer) return finish(number, answer.error().error());
        requests_.at(number).systemd = std::get<0>(*answer);
        run(number);
      },
      std::string(systemd_name));
}

void ClassRegistry::run(Number number) {
  // The reply stays here: a message and its count belong to the thread of the bus.
  Request& request = requests_.at(number);
  worker().submit([this, number, systemd = request.systemd,
                   work = std::move(request.work)]() mutable -> loop::Callback {
    return [this, number, systemd, result = work(systemd)] {
      if (!result)
        finish(number, result);
      else if (systemd)
        reload_systemd(number);
      else
        reload_bus(number);
    };
  });
}

// Before the bus: a service file must not name a unit that systemd does not know yet.
void ClassRegistry::reload_systemd(Number number) {
  requests_.at(number).call = bus_.call_async<>(
      systemd_call("Reload"),
      [this, number](const bus::Outcome<>& answer) {
        if (answer) return reload_bus(number);
        finish(number, base::Error(answer.error().code(), "systemd did not read its units again: " +
                                                              answer.error().text));
      });
}

void ClassRegistry::reload_bus(Number number) {
  requests_.at(number).call = bus_.call_async<>(
      bus_call("ReloadConfig"),
      [this, number](const bus::Outcome<>& answer) {
        if (answer) return finish(number, {});
        finish(number, base::Error(answer.error().code(),
                                   "the bus did not read its service files again: " +
                                       answer.error().text));
      });
}

void ClassRegistry::finish(Number number, const base::Result<void>& result) {
  auto request = requests_.extract(number);
  if (!result) return request.mapped().reply.fail(result.error());
  if (!request.mapped().installed.empty())
    inbox_.post(ports::ClassInstalled{std::move(request.mapped().installed)});
  request.mapped().reply.send();
}

void ClassRegistry::add(bus::Reply<> reply, const ports::Caller& caller, const std::string& name,
                        const std::vector<std::string>& exec) {
  if (auto allowed = check_caller(service_dir_, caller); !allowed) return reply.fail(allowed.error());
  auto service = service_of(name, exec);
  if (!service) return reply.fail(service.error());
  std::string installed = service->name;
  begin([services = service_dir_, units = unit_dir_, service = *std::move(service)](
            bool systemd) mutable {
    service.has_unit = systemd;
    return write_class(services, units, service);
  }, std::move(reply), std::move(installed));
}

void ClassRegistry::remove(bus::Reply<> reply, const ports::Caller& caller,
                           const std::string& name) {
  if (auto allowed = check_caller(service_dir_, caller); !allowed) return reply.fail(allowed.error());
  auto known = bus_name(name);
  if (!known) return reply.fail(known.error());
  begin([services = service_dir_, units = unit_dir_, known = *std::move(known)](bool) {
    return remove_class(services, units, known);
  }, std::move(reply));
}

void ClassRegistry::list(bus::Reply<std::vector<bus::ListedClass>> reply,
                         const ports::Caller& caller) {
  auto slot = bus_.call_async<std::vector<std::string>>(
      bus_call("ListNames"),
      [folder = service_dir_, application = caller.application, reply = std::move(reply)](
          const bus::Outcome<std::vector<std::string>>& answer) mutable {
        if (!answer) return reply.fail(answer.error().error());
        const std::vector<std::string>& running = std::get<0>(*answer);
        std::vector<bus::ListedClass> classes;
        for (ServiceFile& service : read_services(folder)) {
          if (!core::owns_name(application, service.name)) continue;
          if (core::is_clsid_name(service.name) && service.exec.back() == embedding)
            service.exec.pop_back();
          classes.push_back({service.name, std::move(service.exec),
                             std::ranges::find(running, service.name) != running.end()});
        }
        reply.send(classes);
      });
  slot.detach();
}

}  // namespace backhaul::dbus
