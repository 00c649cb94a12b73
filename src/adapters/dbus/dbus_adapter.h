// SPDX-License-Identifier: Apache-2.0
// The service on the bus: its objects (Clients) and its calls to clients (Notifier). Everything
// runs on the loop thread.
//
// Order at the start: construct, serve(), request_name(), and only then let the queue recover: what
// is due is delivered from its first turn on, and a callee may ask the service something before it
// answers.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/dbus/settings.h"
#include "base/log.h"
#include "base/result.h"
#include "bus/bus.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/notifier.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class DbusAdapter final : public ports::Clients, public ports::Notifier {
 public:
  // The bus is connected and not driven by anybody else; it outlives the adapter.
  DbusAdapter(loop::Loop& loop, bus::Bus& bus, ports::Inbox& inbox, base::Log& log,
              Settings settings);
  ~DbusAdapter() override;

  // Attaches the bus to the loop and publishes the objects. Calls are answered from now on, but
  // nobody finds us by name.
  base::Result<void> serve(ports::Queue& queue);
  // ALREADY_EXISTS when another instance has the name.
  base::Result<void> request_name();
  // The bus went away; nobody can reach us any more.
  void on_disconnect(std::function<void()> callback);
  // GetId of this bus; known after serve().
  const std::string& bus_id() const;
  // Somebody has asked for leave to download, or wants to ask.
  bool schedules_downloads() const;
  // Answers the last calls of a service that stops, then leaves the bus.
  void close();

  // ports::Clients
  void reply(base::CallId call, base::Result<ports::ReplyValue> value) override;
  void added(const base::JobId& job) override;
  void changed(const base::JobId& job, ports::Properties properties, bool urgent) override;
  void removed(const base::JobId& job) override;
  void give_leave(const core::Leave& leave) override;

  // ports::Notifier
  void notify(ports::Notification notification) override;
  void release(const core::ObjectRegistration& object) override;
  void release_instance(const base::JobId& job) override;
  bool watch(const core::ObjectRegistration& object) override;
  void check_certificate(ports::CertificateQuestion question) override;
  void release_certificate_check(const core::ObjectRegistration& object) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace backhaul::dbus
