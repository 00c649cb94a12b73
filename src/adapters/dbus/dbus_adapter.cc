// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/dbus_adapter.h"

#include <optional>
#include <utility>

#include "adapters/dbus/announcer.h"
#include "adapters/dbus/authority.h"
#include "adapters/dbus/changes.h"
#include "adapters/dbus/class_places.h"
#include "adapters/dbus/class_registry.h"
#include "adapters/dbus/courier.h"
#include "adapters/dbus/download_scheduler.h"
#include "adapters/dbus/gate.h"
#include "adapters/dbus/handed_credentials.h"
#include "adapters/dbus/handed_directories.h"
#include "adapters/dbus/handovers.h"
#include "adapters/dbus/inquiries.h"
#include "adapters/dbus/jobs.h"
#include "adapters/dbus/manager.h"
#include "adapters/dbus/object_manager.h"
#include "adapters/dbus/open_calls.h"
#include "adapters/dbus/peer_cache.h"
#include "adapters/dbus/peers.h"
#include "adapters/dbus/pidfds.h"
#include "adapters/dbus/requests.h"
#include "bus/names.h"

namespace backhaul::dbus {

struct DbusAdapter::Parts {
  Parts(loop::Loop& l, bus::Bus& b, ports::Inbox& inbox, base::Log& log, Settings s)
      : loop(l),
        bus(b),
        log(log),
        settings(std::move(s)),
        pidfds(l, b),
        peers(b, pidfds, inbox, log, settings),
        authority(b, log),
        gate(b, peers, settings.limits, settings.asks_polkit ? &authority : nullptr),
        announcer(b, gate, settings.audience),
        changes(l, announcer),
        classes(l, b, inbox, settings),
        courier(l, b, peers, inbox, log),
        class_places(b, courier, inbox, settings),
        inquiries(b, peers, inbox, log),
        handovers(l, b),
        directories(handovers, settings),
        credentials(handovers) {
    peers.on_gone([this](const std::string& unique_name) {
      gate.peer_gone(unique_name);
      announcer.peer_gone(unique_name);
      courier.peer_gone(unique_name);
      if (scheduler) scheduler->peer_gone(unique_name);
    });
  }

  loop::Loop& loop;
  bus::Bus& bus;
  base::Log& log;
  Settings settings;
  std::string bus_id;
  Pidfds pidfds;
  Peers peers;
  Authority authority;
  Gate gate;
  OpenCalls calls;
  Announcer announcer;
  Changes changes;
  ClassRegistry classes;
  Courier courier;
  ClassPlaces class_places;
  Inquiries inquiries;
  Handovers handovers;
  HandedDirectories directories;
  HandedCredentials credentials;
  std::optional<Service> service;
  std::optional<Manager> manager;
  std::optional<PeerCache> peer_cache;
  std::optional<Jobs> jobs;
  std::optional<ObjectManager> objects;
  std::optional<DownloadScheduler> scheduler;
  bus::Slot disconnect;
};

DbusAdapter::DbusAdapter(loop::Loop& loop, bus::Bus& bus, ports::Inbox& inbox, base::Log& log,
                         Settings settings)
    : parts_(std::make_unique<Parts>(loop, bus, inbox, log, std::move(settings))) {}

DbusAdapter::~DbusAdapter() = default;

base::Result<void> DbusAdapter::serve(ports::Queue& queue) {
  Parts& p = *parts_;
  BH_TRY(p.bus_id, p.bus.id());
  p.courier.set_bus_id(p.bus_id);
  p.inquiries.set_bus_id(p.bus_id);
  BH_CHECK(p.gate.publish());
  BH_CHECK(p.bus.attach(p.loop.native()));
  p.pidfds.prepare();
  p.announcer.serve(queue);
  p.authority.serve(queue);
  p.service.emplace(Service{p.bus, p.peers, p.gate, p.calls, queue, p.bus_id, p.directories, p.credentials});
  p.manager.emplace(*p.service, p.classes, p.settings);
  BH_CHECK(p.manager->publish());
  p.peer_cache.emplace(*p.service);
  BH_CHECK(p.peer_cache->publish());
  p.jobs.emplace(*p.service);
  BH_CHECK(p.jobs->publish());
  p.objects.emplace(*p.service, p.announcer);
  BH_CHECK(p.objects->publish());
  if (!p.settings.schedules_downloads) return {};
  p.scheduler.emplace(*p.service);
  return p.scheduler->publish();
}

// Whoever else schedules downloads here, or a bus that does not know of it, keeps nobody from the jobs.
base::Result<void> DbusAdapter::request_name() {
  BH_CHECK(parts_->bus.request_name(bus::service_name));
  if (!parts_->scheduler) return {};
  if (const auto named = parts_->bus.request_name(bus::scheduler_name); !named)
    parts_->log.write(base::LogLevel::warning, "programs are given no leave to download: " + named.error().text);
  return {};
}

bool DbusAdapter::schedules_downloads() const { return parts_->scheduler && parts_->scheduler->is_needed(); }

void DbusAdapter::on_disconnect(std::function<void()> callback) {
  parts_->disconnect = parts_->bus.on_disconnect(std::move(callback));
}

const std::string& DbusAdapter::bus_id() const { return parts_->bus_id; }

void DbusAdapter::close() { parts_->bus.close(); }

void DbusAdapter::reply(base::CallId call, base::Result<ports::ReplyValue> value) {
  parts_->changes.flush();  // whoever is answered has heard of what it changed
  parts_->calls.answer(call, value);
}

void DbusAdapter::added(const base::JobId& job) { parts_->changes.added(job); }
void DbusAdapter::changed(const base::JobId& job, ports::Properties properties, bool urgent) {
  parts_->changes.changed(job, properties, urgent);
}
void DbusAdapter::removed(const base::JobId& job) { parts_->changes.removed(job); }
void DbusAdapter::give_leave(const core::Leave& leave) {
  if (parts_->scheduler) parts_->scheduler->give_leave(leave);
}

void DbusAdapter::notify(ports::Notification notification) {
  parts_->class_places.notify(std::move(notification));
}
void DbusAdapter::release(const core::ObjectRegistration& object) {
  parts_->courier.release(object);
}
void DbusAdapter::release_instance(const base::JobId& job) {
  parts_->class_places.release_instance(job);
}
bool DbusAdapter::watch(const core::ObjectRegistration& object) {
  return parts_->courier.watch(object);
}
void DbusAdapter::check_certificate(ports::CertificateQuestion question) {
  parts_->inquiries.validate(question);
}
void DbusAdapter::release_certificate_check(const core::ObjectRegistration& object) {
  parts_->inquiries.release(object);
}

}  // namespace backhaul::dbus
