// SPDX-License-Identifier: Apache-2.0
// Carries questions about certificates to the objects that were registered for them. Like a
// notification (courier.h) such a call has no time limit; unlike one, whoever cannot be called is
// told as gone: without an answer nothing may be fetched.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "adapters/dbus/peers.h"
#include "base/log.h"
#include "bus/bus.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::dbus {

class Inquiries {
 public:
  Inquiries(bus::Bus& bus, Peers& peers, ports::Inbox& inbox, base::Log& log);
  Inquiries(const Inquiries&) = delete;
  Inquiries& operator=(const Inquiries&) = delete;

  void set_bus_id(std::string bus_id) { bus_id_ = std::move(bus_id); }
  void validate(const ports::CertificateQuestion& question);
  void release(const core::ObjectRegistration& object);

 private:
  struct Open {
    base::JobId job;
    std::string owner;
    bus::Slot call;
  };
  void answered(std::uint64_t number, const bus::Outcome<std::uint32_t>& answer);
  void check_alive(std::uint64_t number, bus::Failure failure);
  void finish(std::uint64_t number, ports::NotifyOutcome outcome, base::Code result,
              std::string text);

  bus::Bus& bus_;
  Peers& peers_;
  ports::Inbox& inbox_;
  base::Log& log_;
  std::string bus_id_;
  std::map<std::uint64_t, Open> open_;
};

}  // namespace backhaul::dbus
