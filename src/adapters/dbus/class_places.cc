// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/class_places.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "adapters/dbus/callee.h"
#include "adapters/dbus/calls.h"
#include "bus/errors.h"

namespace backhaul::dbus {
namespace {

const std::string& class_name(const ports::Notification& notification) {
  return std::get<ports::ClassTarget>(notification.target).registration.name;
}

}  // namespace

// Root has no session in which the service would start anything.
void ClassPlaces::notify(ports::Notification notification) {
  const bool of_class = std::holds_alternative<ports::ClassTarget>(notification.target);
  if (!of_class || !in_sessions_.notify || notification.owner.uid == 0) return courier_.notify(std::move(notification));
  const base::Ticket ticket = notification.ticket;
  Question& question = open_[ticket];
  question.notification = std::move(notification);
  question.call = bus_.call_async<std::vector<std::string>>(
      bus_call("ListActivatableNames"), [this, ticket](const bus::Outcome<std::vector<std::string>>& names) {
        const std::string& name = class_name(open_.at(ticket).notification);
        if (!names || std::ranges::find(std::get<0>(*names), name) != std::get<0>(*names).end())
          return found(ticket, true);
        ask_who_has(ticket);
      });
}

void ClassPlaces::ask_who_has(base::Ticket ticket) {
  Question& question = open_.at(ticket);
  question.call = bus_.call_async<bool>(
      bus_call("NameHasOwner"),
      [this, ticket](const bus::Outcome<bool>& owned) {
        if (!owned || std::get<0>(*owned)) return found(ticket, true);
        try_to_start(ticket);
      },
      class_name(question.notification));
}

// What the bus lists is what its folders held when it last noticed a change; for a name that it is to start and does
// not know it looks again. One that it knows and cannot start is not waited for a second time, by the courier.
void ClassPlaces::try_to_start(base::Ticket ticket) {
  Question& question = open_.at(ticket);
  const auto& target = std::get<ports::ClassTarget>(question.notification.target);
  question.call = bus_.call_async<std::uint32_t>(
      bus_call("StartServiceByName", target.start_timeout),
      [this, ticket](const bus::Outcome<std::uint32_t>& started) {
        if (started || started.error().is(bus::service_unknown)) return found(ticket, started.has_value());
        const auto failed = open_.extract(ticket);  // its slot lives until we return
        const std::string& name = class_name(failed.mapped().notification);
        inbox_.post(class_unavailable(ticket, name, not_started, started.error()));
      },
      target.registration.name, std::uint32_t{0});
}

void ClassPlaces::found(base::Ticket ticket, bool here) {
  auto question = open_.extract(ticket);  // its slot lives until we return
  if (!question.mapped().wanted)
    return inbox_.post(ports::DeliveryEnded{ticket, ports::NotifyOutcome::failed, base::Code::E_ABORT,
                                            "the class was not needed any more"});
  if (here)
    courier_.notify(std::move(question.mapped().notification));
  else
    in_sessions_.notify(std::move(question.mapped().notification));
}

void ClassPlaces::release_instance(const base::JobId& job) {
  for (auto& [ticket, question] : open_)
    if (question.notification.job == job) question.wanted = false;
  courier_.release_instance(job);
  if (in_sessions_.release) in_sessions_.release(job);
}

}  // namespace backhaul::dbus
