// SPDX-License-Identifier: Apache-2.0
// Calls about one job, and what their errors mean for whoever holds it.
#pragma once

#include <backhaul/job.h>

#include <memory>
#include <tuple>

#include "bus/names.h"
#include "client/connection.h"
#include "client/data.h"

namespace backhaul::client {

// For the holder of a job there is one reason why the service does not answer: it is gone.
Error public_error(const detail::JobRecord& record, base::Error error, bool change);
Error no_job();

template <class... Out, class... In>
base::Result<std::tuple<Out...>> call_job(const detail::JobRecord& record, Kind kind, const char* member,
                                          const In&... arguments) {
  return record.connection.call<Out...>(kind, record.path, bus::job_interface, member, arguments...);
}

template <class... In>
Result<void> change_job(const std::shared_ptr<detail::JobRecord>& record, const char* member,
                        const In&... arguments) {
  if (record == nullptr) return no_job();
  auto result = call_job<>(*record, Kind::change, member, arguments...);
  if (!result) return public_error(*record, result.error(), true);
  return {};
}

}  // namespace backhaul::client
