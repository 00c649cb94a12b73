// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/announcer.h"

#include <utility>

#include "bus/names.h"

namespace backhaul::dbus {
namespace {

const std::string everybody;  // the destination of a broadcast

}  // namespace

Announcer::Announcer(bus::Bus& bus, Gate& gate, Audience audience)
    : bus_(bus), gate_(gate), audience_(audience) {
  gate_.on_reading([this](const std::string& client) { caught_up(client); });
}

void Announcer::peer_gone(const std::string& unique_name) {
  of_objects_.erase(unique_name);
  missed_.erase(unique_name);
}

Announcer::Names Announcer::may_read(const base::JobId& job) const {
  Names names;
  if (queue_ == nullptr) return names;
  gate_.for_each_caller([&](const std::string& client, const ports::Caller& caller) {
    if (queue_->find(job, caller)) names.push_back(client);
  });
  return names;
}

const core::Job* Announcer::row(const base::JobId& job, const std::string& client) const {
  const ports::Caller* caller = gate_.caller(client);
  if (caller == nullptr || queue_ == nullptr) return nullptr;
  const auto found = queue_->find(job, *caller);
  return found ? *found : nullptr;
}

Announcer::Missed* Announcer::missed(const std::string& client, const base::JobId& job) {
  return gate_.reads(client) ? nullptr : &missed_[client][job];
}

// --- what happened -------------------------------------------------------------------------------

void Announcer::added(const base::JobId& job) {
  if (audience_ == Audience::everybody)
    bus_.emit(everybody, bus::root_path, bus::manager_interface, "JobAdded",
              bus::ObjectPath{bus::job_path(job)});
  for (const std::string& client : may_read(job)) {
    if (Missed* later = missed(client, job))
      later->added = true;
    else if (const core::Job* known = row(job, client))
      tell_added(client, *known);
  }
}

void Announcer::changed(const base::JobId& job, ports::Properties properties) {
  if (audience_ == Audience::everybody)
    bus_.emit(everybody, bus::root_path, bus::manager_interface, "JobChanged",
              bus::ObjectPath{bus::job_path(job)}, names_of(properties).all);
  for (const std::string& client : may_read(job)) {
    if (Missed* later = missed(client, job))
      later->changed |= properties;
    else if (const core::Job* known = row(job, client))
      tell_changed(client, *known, properties);
  }
}

void Announcer::removed(const base::JobId& job, const Names& hearers) {
  if (audience_ == Audience::everybody)
    bus_.emit(everybody, bus::root_path, bus::manager_interface, "JobRemoved",
              bus::ObjectPath{bus::job_path(job)});
  for (const std::string& client : hearers) {
    if (gate_.caller(client) == nullptr) continue;  // it has left meanwhile
    Missed* later = missed(client, job);
    if (later == nullptr)
      tell_removed(client, job);
    else if (later->added)
      missed_[client].erase(job);  // it never heard of it
    else
      later->removed = true;
  }
}

void Announcer::tell_idle() {
  if (queue_ == nullptr || queue_->is_idle() == idle_) return;
  idle_ = queue_->is_idle();
  const bus::ManagerProperties values{.version = {}, .idle = idle_};
  const Names names{"Idle"};
  const auto tell = [&](const std::string& client) {
    return bus_.emit(client, bus::root_path, bus::properties_interface, "PropertiesChanged",
                     std::string(bus::manager_interface),
                     bus::PartOf<bus::ManagerProperties>{values, names}, Names{});
  };
  if (audience_ == Audience::everybody) {
    tell(everybody);
    return;
  }
  gate_.for_each_caller(
      [&](const std::string& client, const ports::Caller&) { sent(client, tell(client)); });
}

// --- one client ----------------------------------------------------------------------------------

template <class... In>
void Announcer::manager_signal(const std::string& client, const char* member, const In&... in) {
  if (audience_ == Audience::everybody) return;  // it was broadcast
  sent(client, bus_.emit(client, bus::root_path, bus::manager_interface, member, in...));
}

void Announcer::tell_added(const std::string& client, const core::Job& job) {
  const bus::ObjectPath path{bus::job_path(job.id)};
  manager_signal(client, "JobAdded", path);
  if (!of_objects_.contains(client)) return;
  const bus::JobInterfaces interfaces{{bus::job_interface, job_properties(job, *queue_)}};
  sent(client, bus_.emit(client, bus::root_path, bus::object_manager_interface, "InterfacesAdded",
                         path, interfaces));
}

void Announcer::tell_changed(const std::string& client, const core::Job& job,
                             ports::Properties properties) {
  const std::string path = bus::job_path(job.id);
  const ChangedNames& names = names_of(properties);
  manager_signal(client, "JobChanged", bus::ObjectPath{path}, names.all);
  Names with_value = names.with_value;
  // A job that ends lets go of the objects that are registered on it.
  if (base::is_final(job.state)) {
    with_value.emplace_back("NotifyObject");
    with_value.emplace_back("CertificateValidator");
  }
  const bus::JobProperties values = job_properties(job, *queue_);
  sent(client, bus_.emit(client, path, bus::properties_interface, "PropertiesChanged",
                         std::string(bus::job_interface),
                         bus::PartOf<bus::JobProperties>{values, with_value}, names.invalidated));
}

const ChangedNames& Announcer::names_of(ports::Properties properties) {
  const auto [known, fresh] = names_.try_emplace(properties);
  if (fresh) known->second = changed_names(properties);
  return known->second;
}

void Announcer::tell_removed(const std::string& client, const base::JobId& job) {
  const bus::ObjectPath path{bus::job_path(job)};
  manager_signal(client, "JobRemoved", path);
  if (!of_objects_.contains(client)) return;
  sent(client, bus_.emit(client, bus::root_path, bus::object_manager_interface,
                         "InterfacesRemoved", path, Names{bus::job_interface}));
}

void Announcer::sent(const std::string& client, std::size_t octets) {
  gate_.charge(client, octets);
}

void Announcer::caught_up(const std::string& client) {
  auto late = missed_.extract(client);
  if (late.empty()) return;
  for (const auto& [id, what] : late.mapped()) {
    // What is told now may be more than it reads again.
    if (Missed* later = missed(client, id)) {
      *later = what;
      continue;
    }
    const core::Job* job = row(id, client);
    if (what.added && job != nullptr) tell_added(client, *job);
    if (what.changed != 0 && job != nullptr) tell_changed(client, *job, what.changed);
    if (what.removed) tell_removed(client, id);
  }
}

}  // namespace backhaul::dbus
