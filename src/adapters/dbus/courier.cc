// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/courier.h"

#include <algorithm>
#include <utility>

#include "adapters/dbus/callee.h"
#include "adapters/dbus/calls.h"
#include "adapters/dbus/values.h"
#include "bus/names.h"
#include "core/names.h"
#include "core/notify_ladder.h"

namespace backhaul::dbus {
namespace {

using base::Code;
using ports::NotifyOutcome;

std::vector<bus::RangeTuple> range_tuples(const std::vector<core::Extent>& extents) {
  std::vector<bus::RangeTuple> tuples;
  tuples.reserve(extents.size());
  for (const core::Extent& extent : extents) tuples.push_back({extent.begin, extent.length()});
  return tuples;
}

}  // namespace

Courier::Courier(loop::Loop& loop, bus::Bus& bus, Peers& peers, ports::Inbox& inbox,
                 base::Log& log)
    : loop_(loop), bus_(bus), peers_(peers), inbox_(inbox), log_(log) {}

void Courier::notify(ports::Notification notification) {
  const Ticket ticket = notification.ticket;
  Errand& errand = errands_[ticket];
  errand = Errand{.notification = std::move(notification)};
  if (const auto* object = std::get_if<ports::ObjectTarget>(&errand.notification.target)) {
    const core::ObjectRegistration& target = object->object;
    if (target.bus_id != bus_id_)
      return finish(ticket, NotifyOutcome::gone, Code::RPC_E_DISCONNECTED,
                    "the object was registered on another bus");
    return deliver(ticket, {target.unique_name, target.path, target.level});
  }
  const auto& target = std::get<ports::ClassTarget>(errand.notification.target);
  const auto instance = instances_.find(errand.notification.job);
  if (instance != instances_.end()) {
    if (instance->second.registration == target.registration) {
      errand.at_instance = true;
      return deliver(ticket, Callee(instance->second.callee));
    }
    release_instance(errand.notification.job);  // of an earlier class
  }
  errand.start_deadline = loop_.now() + target.start_timeout;
  find_owner(ticket, true);
}

Courier::Errand* Courier::find(Ticket ticket) {
  const auto found = errands_.find(ticket);
  return found == errands_.end() ? nullptr : &found->second;
}

base::Microseconds Courier::time_left(const Errand& errand) const {
  return std::max(errand.start_deadline - loop_.now(), base::Microseconds(1));
}

// ---- a class ------------------------------------------------------------------------------------

// A server that runs needs no service file, so the owner is looked for before anything is started.
void Courier::find_owner(Ticket ticket, bool start_if_missing) {
  Errand& errand = *find(ticket);
  const auto& target = std::get<ports::ClassTarget>(errand.notification.target);
  errand.call = bus_.call_async<std::string>(
      bus_call("GetNameOwner", time_left(errand)),
      [this, ticket, start_if_missing](const bus::Outcome<std::string>& owner) {
        Errand& waiting = *find(ticket);
        if (owner) {
          waiting.owner = std::get<0>(*owner);
          peers_.watch(waiting.owner);
          return create_instance(ticket);
        }
        if (start_if_missing && has_left(owner.error())) return start_class(ticket);
        unavailable(ticket, "started, but left the bus at once", owner.error());
      },
      target.registration.name);
}

void Courier::start_class(Ticket ticket) {
  const Errand& errand = *find(ticket);
  const std::string name = std::get<ports::ClassTarget>(errand.notification.target).registration.name;
  Start& start = starts_[name];
  start.waiting.push_back(ticket);
  if (start.waiting.size() > 1) return;
  start.call = bus_.call_async<std::uint32_t>(
      bus_call("StartServiceByName", time_left(errand)),
      [this, name](const bus::Outcome<std::uint32_t>& started) { class_started(name, started); },
      name, std::uint32_t{0});
}

void Courier::class_started(const std::string& name, const bus::Outcome<std::uint32_t>& started) {
  const auto start = starts_.extract(name);  // its slot lives until we return
  for (const Ticket ticket : start.mapped().waiting) {
    if (started)
      find_owner(ticket, false);
    else
      unavailable(ticket, not_started, started.error());
  }
}

void Courier::create_instance(Ticket ticket) {
  Errand& errand = *find(ticket);
  const base::JobId job = errand.notification.job;
  const core::ClassRegistration registration =
      std::get<ports::ClassTarget>(errand.notification.target).registration;
  if (!core::is_clsid_name(registration.name)) {
    Instance instance{registration, {errand.owner, registration.path}};
    if (errand.wanted) instances_[job] = instance;
    return deliver(ticket, instance.callee);
  }
  // By the name of the class: a process may serve several, all with their factory at one path.
  errand.call = bus_.call_async<bus::ObjectPath, std::uint32_t>(
      {registration.name, registration.path, bus::class_factory_interface, "CreateInstance",
       time_left(errand), false},
      [this, ticket, job, registration](const bus::Outcome<bus::ObjectPath, std::uint32_t>& made) {
        if (!made) return unavailable(ticket, "gave no object", made.error());
        const Errand& waiting = *find(ticket);
        const auto& [path, level] = *made;
        if (level == 0)
          return unavailable(ticket, "gave an object without a callback interface",
                             {bus::error_name(Code::E_NOINTERFACE), ""});
        if (!waiting.wanted) {
          tell_released(waiting.owner, path.value);
          return finish(ticket, NotifyOutcome::failed, Code::E_ABORT,
                        "the class was not needed any more");
        }
        const Instance instance{registration, {waiting.owner, path.value, level}, true};
        // Two events of a job may both have started the class: the first instance stays.
        const auto [kept, first] = instances_.emplace(job, instance);
        if (!first) tell_released(instance.callee.owner, instance.callee.path);
        deliver(ticket, Callee(kept->second.callee));
      });
}

void Courier::unavailable(Ticket ticket, const std::string& what, const bus::Failure& failure) {
  const auto errand = errands_.extract(ticket);
  const auto& target = std::get<ports::ClassTarget>(errand.mapped().notification.target);
  inbox_.post(class_unavailable(ticket, target.registration.name, what, failure));
}

// ---- the call itself ----------------------------------------------------------------------------

void Courier::deliver(Ticket ticket, const Callee& callee) {
  Errand& errand = *find(ticket);
  const ports::Notification& event = errand.notification;
  if (callee.level < core::level_of(event.kind))
    return finish(ticket, NotifyOutcome::unsupported, Code::E_NOINTERFACE,
                  "the object does not answer this event");
  errand.owner = callee.owner;
  peers_.watch(callee.owner);
  const bus::ObjectPath job{bus::job_path(event.job)};
  const auto call = [&](const char* member) {
    return bus::Call{callee.owner, callee.path, bus::callback_interface, member, bus::no_limit,
                     false};
  };
  const auto done = [this, ticket](const bus::Outcome<std::uint32_t>& answer) {
    called(ticket, answer);
  };
  switch (event.kind) {
    case core::NotifyKind::job_transferred:
      errand.call = bus_.call_async<std::uint32_t>(call("JobTransferred"), done, event.sequence, job);
      return;
    case core::NotifyKind::job_error:
      errand.call = bus_.call_async<std::uint32_t>(call("JobError"), done, event.sequence, job,
                                                   error_tuple(event.error));
      return;
    case core::NotifyKind::job_modification:
      errand.call =
          bus_.call_async<std::uint32_t>(call("JobModification"), done, event.sequence, job);
      return;
    case core::NotifyKind::file_transferred:
      errand.call = bus_.call_async<std::uint32_t>(
          call("FileTransferred"), done, event.sequence, job,
          bus::ObjectPath{bus::file_path(event.job, event.file)});
      return;
    case core::NotifyKind::file_ranges_transferred:
      errand.call = bus_.call_async<std::uint32_t>(
          call("FileRangesTransferred"), done, event.sequence, job,
          bus::ObjectPath{bus::file_path(event.job, event.file)}, range_tuples(event.ranges));
      return;
    case core::NotifyKind::none: break;
  }
  finish(ticket, NotifyOutcome::answered, Code::S_OK, "nothing was to be told");
}

void Courier::called(Ticket ticket, const bus::Outcome<std::uint32_t>& answer) {
  if (answer)
    return finish(ticket, NotifyOutcome::answered, static_cast<Code>(std::get<0>(*answer)), "");
  const bus::Failure& failure = answer.error();
  const Errand& errand = *find(ticket);
  const auto kind = errand.notification.kind;
  if (has_left(failure)) {
    peer_gone(errand.owner);
    // The class had left before it was told anything: make a new instance at once.
    if (errand.at_instance) return notify(ports::Notification(errand.notification));
    return finish(ticket, NotifyOutcome::gone, Code::RPC_E_DISCONNECTED, told(failure));
  }
  if (may_have_left(failure))
    return check_alive(ticket, failure);
  // The process lives, its object does not: it was released there, or its thread has ended.
  if (!errand.at_instance && failure.is(bus::error_name(Code::RPC_E_DISCONNECTED)))
    return finish(ticket, NotifyOutcome::gone, Code::RPC_E_DISCONNECTED, told(failure));
  // How much a native callback answers is not known before.
  if (core::level_of(kind) > 1 && is_unknown_method(failure))
    return finish(ticket, NotifyOutcome::unsupported, Code::E_NOINTERFACE, told(failure));
  finish(ticket, NotifyOutcome::failed, failure.code(), told(failure));
}

void Courier::check_alive(Ticket ticket, bus::Failure failure) {
  Errand& errand = *find(ticket);
  errand.call = ask_who_is_left(
      bus_, errand.owner,
      [this, ticket, failure = std::move(failure)](std::optional<NotifyOutcome> outcome) {
        if (outcome) return finish(ticket, *outcome, failure.code(), told(failure));
        log_.write(base::LogLevel::notice, "the bus went away during a notification",
                   find(ticket)->notification.job);
        errands_.erase(ticket);
      });
}

void Courier::finish(Ticket ticket, NotifyOutcome outcome, Code result, std::string text) {
  errands_.erase(ticket);
  inbox_.post(ports::DeliveryEnded{ticket, outcome, result, std::move(text)});
}

// ---- letting go ---------------------------------------------------------------------------------

void Courier::tell_released(const std::string& owner, const std::string& path) {
  bus_.send({owner, path, bus::callback_interface, "Released", bus::usual_limit, false});
}

void Courier::release(const core::ObjectRegistration& object) {
  if (object.bus_id == bus_id_) tell_released(object.unique_name, object.path);
}

void Courier::release_instance(const base::JobId& job) {
  for (auto& [ticket, errand] : errands_)
    if (errand.notification.job == job) errand.wanted = false;
  const auto instance = instances_.extract(job);
  if (!instance.empty() && instance.mapped().made)
    tell_released(instance.mapped().callee.owner, instance.mapped().callee.path);
}

bool Courier::watch(const core::ObjectRegistration& object) {
  if (object.bus_id != bus_id_) return false;
  peers_.watch(object.unique_name);
  return true;
}

void Courier::peer_gone(const std::string& unique_name) {
  std::erase_if(instances_, [&](const auto& entry) {
    return entry.second.callee.owner == unique_name;
  });
}

}  // namespace backhaul::dbus
