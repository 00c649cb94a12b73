// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/changes.h"

#include <chrono>
#include <utility>

#include "adapters/dbus/values.h"
#include "bus/names.h"

namespace backhaul::dbus {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds pause = 500ms;
constexpr base::Microseconds timer_accuracy = 10ms;

}  // namespace

Changes::Changes(loop::Loop& loop, bus::Bus& bus)
    : loop_(loop), bus_(bus), timer_(loop, timer_accuracy, [this] { run_due(); }) {}

void Changes::added(const base::JobId& job) {
  bus_.emit("", bus::root_path, bus::manager_interface, "JobAdded",
            bus::ObjectPath{bus::job_path(job)});
}

void Changes::changed(const base::JobId& job, ports::Properties properties, bool urgent) {
  const base::BootTime now = loop_.now();
  Recent& recent = recent_[job];
  recent.pending |= properties;
  if (urgent || recent.quiet_until <= now) tell(job, recent, now);
}

void Changes::tell(const base::JobId& job, Recent& recent, base::BootTime now) {
  bus_.emit("", bus::root_path, bus::manager_interface, "JobChanged",
            bus::ObjectPath{bus::job_path(job)}, property_names(recent.pending));
  recent = {0, now + pause};
  due_.push_back({recent.quiet_until, job});
  if (!timer_.armed()) timer_.arm(due_.front().when);
}

void Changes::run_due() {
  const base::BootTime now = loop_.now();
  while (!due_.empty() && due_.front().when <= now) {
    const Due due = due_.front();
    due_.pop_front();
    const auto found = recent_.find(due.job);
    if (found == recent_.end() || found->second.quiet_until != due.when) continue;
    if (found->second.pending == 0)
      recent_.erase(found);
    else
      tell(due.job, found->second, now);
  }
  if (!due_.empty()) timer_.arm(due_.front().when);
}

void Changes::removed(const base::JobId& job) {
  if (const auto found = recent_.find(job); found != recent_.end()) {
    if (found->second.pending != 0) tell(job, found->second, loop_.now());
    recent_.erase(job);
  }
  bus_.emit("", bus::root_path, bus::manager_interface, "JobRemoved",
            bus::ObjectPath{bus::job_path(job)});
}

}  // namespace backhaul::dbus
