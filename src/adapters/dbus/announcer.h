// SPDX-License-Identifier: Apache-2.0
// Who hears what about a job. The manager's signals carry paths and names, and on the bus of one user
// they are broadcast. What carries values goes to each connection that has called and may read the
// job: PropertiesChanged to all of these, what ObjectManager tells to those that asked it.
//
// The bus keeps what a client does not read. So signals count in its account like answers, and while
// it owes a sign that it reads, it is only noted what it has missed; when it reads again it is told
// how things stand then.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapters/dbus/gate.h"
#include "adapters/dbus/settings.h"
#include "adapters/dbus/values.h"
#include "base/ids.h"
#include "bus/bus.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class Announcer {
 public:
  using Names = std::vector<std::string>;  // unique names of connections

  Announcer(bus::Bus& bus, Gate& gate, Audience audience);
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;

  // Nobody is told anything before.
  void serve(const ports::Queue& queue) { queue_ = &queue; }
  // It was answered GetManagedObjects, and wants to know what comes and goes.
  void wants_objects(const std::string& unique_name) { of_objects_.insert(unique_name); }
  void peer_gone(const std::string& unique_name);

  void added(const base::JobId& job);
  void changed(const base::JobId& job, ports::Properties properties);
  // `hearers`: what may_read() said while the row was still known.
  void removed(const base::JobId& job, const Names& hearers);
  // Whether the queue is idle, where that is news.
  void tell_idle();
  // Those who called and may read the job.
  Names may_read(const base::JobId& job) const;

 private:
  struct Missed {  // of one job
    bool added = false;
    bool removed = false;
    ports::Properties changed = 0;
  };

  // The named client, or everybody where the audience is.
  void tell_added(const std::string& client, const core::Job& job);
  void tell_changed(const std::string& client, const core::Job& job, ports::Properties properties);
  void tell_removed(const std::string& client, const base::JobId& job);
  template <class... In>
  void manager_signal(const std::string& client, const char* member, const In&... in);
  void sent(const std::string& client, std::size_t octets);
  const ChangedNames& names_of(ports::Properties properties);
  const core::Job* row(const base::JobId& job, const std::string& client) const;
  // Null: it reads, and is told at once.
  Missed* missed(const std::string& client, const base::JobId& job);
  void caught_up(const std::string& client);

  bus::Bus& bus_;
  Gate& gate_;
  const Audience audience_;
  const ports::Queue* queue_ = nullptr;
  bool idle_ = true;  // as it was told last; whoever sees a service come takes it for idle
  std::unordered_set<std::string> of_objects_;
  std::unordered_map<ports::Properties, ChangedNames> names_;  // of the few sets that occur
  std::unordered_map<std::string, std::unordered_map<base::JobId, Missed>> missed_;
};

}  // namespace backhaul::dbus
