// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/object_manager.h"

#include "adapters/dbus/values.h"
#include "bus/names.h"

namespace backhaul::dbus {

base::Result<void> ObjectManager::publish() {
  BH_TRY(shown_, service_.bus.add_object_manager(bus::root_path));
  BH_TRY(calls_, service_.bus.add_filter(bus::root_path, [this](const bus::Message& call) {
    if (call.path() != bus::root_path || call.member() != "GetManagedObjects" ||
        call.interface() != bus::object_manager_interface || !call.signature().empty())
      return false;
    get_managed_objects(bus::Reply<Objects>(call));
    return true;
  }));
  return {};
}

void ObjectManager::get_managed_objects(bus::Reply<Objects> reply) {
  as_page_reader(service_, std::move(reply),
                 [this](bus::Reply<Objects> known, const ports::Caller& caller) {
                   auto page = service_.queue.page({}, {}, largest_page, caller);
                   if (!page) return known.fail(page.error());
                   if (!page->next.empty())
                     return known.fail(bus::Failure{
                         "org.freedesktop.DBus.Error.LimitsExceeded",
                         "there are more than " + std::to_string(largest_page) +
                             " jobs; org.backhaul.Manager1.ListJobs tells them in pages"});
                   Objects objects;
                   objects.reserve(page->jobs.size());
                   for (const core::Job* job : page->jobs)
                     objects.push_back(
                         {{bus::job_path(job->id)},
                          {{bus::job_interface, job_properties(*job, service_.queue)}}});
                   announcer_.wants_objects(known.call().sender());
                   known.send(objects);
                 });
}

}  // namespace backhaul::dbus
