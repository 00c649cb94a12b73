// SPDX-License-Identifier: Apache-2.0
// Calls about one job, which their path names.
#pragma once

#include <utility>

#include "adapters/dbus/requests.h"
#include "bus/names.h"

namespace backhaul::dbus {

// The table accepts paths of jobs only.
inline base::JobId job_of(const bus::Message& call) {
  const auto id = bus::parse_job_path(call.path());
  BH_ASSERT(id);
  return *id;
}

template <class Command, class... Out>
void submit_for_caller(Service& service, bus::Reply<Out...> reply, Command body) {
  as_caller(service, std::move(reply),
            [&service, body = std::move(body)](bus::Reply<Out...> known,
                                               const ports::Caller& caller) mutable {
              submit(service, std::move(known), caller, std::move(body));
            });
}

// A method that is nothing but a command about its job.
template <class Command, class... Out>
void command(Service& service, bus::Reply<Out...> reply, Command body) {
  body.job = job_of(reply.call());
  submit_for_caller(service, std::move(reply), std::move(body));
}

}  // namespace backhaul::dbus
