// SPDX-License-Identifier: Apache-2.0
// Calls that hand something over: the service asks whoever calls for it, as a descriptor. The connection of the
// program takes and sends none, so the call has one of its own, which ends with it.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "bus/process.h"
#include "bus/wire.h"
#include "client/connection.h"

namespace backhaul::client {

// `directory` is the program's; it may close it once this returns.
base::Result<std::tuple<>> add_files_in(detail::Connection& connection, const std::string& job, int directory,
                                        const std::vector<bus::NewFile>& files);
// `secrets` go as memory files.
base::Result<std::tuple<bus::ObjectPath>> enqueue_with(detail::Connection& connection, std::optional<int> directory,
                                                       const std::vector<bus::CredentialsTuple>& secrets,
                                                       bus::NewJob job, const std::vector<bus::NewFile>& files,
                                                       bool start);
base::Result<std::tuple<>> set_credentials_from(detail::Connection& connection, const std::string& job,
                                                const bus::CredentialsTuple& secret);

}  // namespace backhaul::client
