// SPDX-License-Identifier: Apache-2.0
// org.freedesktop.DBus.Properties of jobs and files.
#include <utility>

#include "adapters/dbus/calls.h"
#include "adapters/dbus/jobs.h"
#include "adapters/dbus/values.h"
#include "bus/names.h"

namespace backhaul::dbus {
namespace {

void refuse_interface(const bus::Message& call, const std::string& interface) {
  bus::reply_failure(call, standard_failure("UnknownInterface",
                                            "there is no interface " + interface + " here"));
}

void refuse_property(const bus::Message& call, const std::string& name) {
  bus::reply_failure(call, standard_failure("UnknownProperty", "there is no property " + name));
}

// An empty interface means any.
bool fits(const std::string& asked, const char* interface) {
  return asked.empty() || asked == interface;
}

bool has_property(bool of_job, const std::string& name) {
  return of_job ? bus::has_entry(bus::JobProperties{}, name)
                : bus::has_entry(bus::FileProperties{}, name);
}

}  // namespace

bool Jobs::on_properties_call(const bus::Message& call) {
  if (!call.is_method_call() || call.interface() != bus::properties_interface) return false;
  const std::string path = call.path();
  if (!bus::parse_job_path(path) && !bus::parse_file_path(path)) return false;
  const std::string member = call.member();
  if (member == "Get" && call.signature() == "ss")
    get(call);
  else if (member == "GetAll" && call.signature() == "s")
    get_all(call);
  else if (member == "Set" && call.signature() == "ssv")
    set(call);
  else
    return false;
  return true;
}

void Jobs::get(const bus::Message& call) {
  const auto arguments = bus::read_body<std::string, std::string>(call);
  if (!arguments) return bus::reply_error(call, arguments.error());
  const auto& [interface, name] = *arguments;
  const auto job = bus::parse_job_path(call.path());
  if (!fits(interface, job ? bus::job_interface : bus::file_interface))
    return refuse_interface(call, interface);
  if (!has_property(job.has_value(), name)) return refuse_property(call, name);
  as_reader(service_, bus::Reply<bus::Variant>(call),
            [this, job, name](bus::Reply<bus::Variant> reply, const ports::Caller& caller) {
              if (job) {
                auto row = service_.queue.find(*job, caller);
                if (!row) return reply.fail(row.error());
                return reply.send(bus::entry(properties_of(**row), name));
              }
              auto row = find_file(*bus::parse_file_path(reply.call().path()), caller);
              if (!row) return reply.fail(row.error());
              reply.send(bus::entry(properties_of(*row), name));
            });
}

void Jobs::get_all(const bus::Message& call) {
  const auto arguments = bus::read_body<std::string>(call);
  if (!arguments) return bus::reply_error(call, arguments.error());
  const std::string& interface = std::get<0>(*arguments);
  if (const auto job = bus::parse_job_path(call.path())) {
    if (!fits(interface, bus::job_interface)) return refuse_interface(call, interface);
    return as_reader(service_, bus::Reply<bus::JobProperties>(call),
                     [this, id = *job](bus::Reply<bus::JobProperties> reply,
                                       const ports::Caller& caller) {
                       auto row = service_.queue.find(id, caller);
                       if (!row) return reply.fail(row.error());
                       reply.send(properties_of(**row));
                     });
  }
  if (!fits(interface, bus::file_interface)) return refuse_interface(call, interface);
  as_reader(service_, bus::Reply<bus::FileProperties>(call),
            [this](bus::Reply<bus::FileProperties> reply, const ports::Caller& caller) {
              auto row = find_file(*bus::parse_file_path(reply.call().path()), caller);
              if (!row) return reply.fail(row.error());
              reply.send(properties_of(*row));
            });
}

void Jobs::set(const bus::Message& call) {
  bus::Reader in(call.native());
  const std::string interface = in.string('s');
  const std::string name = in.string('s');
  const bool is_job = bus::parse_job_path(call.path()).has_value();
  if (!fits(interface, is_job ? bus::job_interface : bus::file_interface))
    return refuse_interface(call, interface);
  if (!has_property(is_job, name)) return refuse_property(call, name);
  bus::WritableJobProperties settings;
  if (!is_job || !bus::has_entry(settings, name))
    return bus::reply_failure(call, standard_failure("PropertyReadOnly", name + " is read-only"));
  const std::string refusal = bus::read_entry(in, name, settings);
  if (in.status() < 0)
    return bus::reply_error(call, bus::error_from_errno(in.status(), "reading " + name));
  if (!refusal.empty()) return bus::reply_failure(call, standard_failure("InvalidArgs", refusal));
  change(Done(call), job_change(settings));
}

}  // namespace backhaul::dbus
