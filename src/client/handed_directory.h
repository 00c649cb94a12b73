// SPDX-License-Identifier: Apache-2.0
// Job1.AddFilesIn: the service asks whoever calls for the directory, as a descriptor. The connection of the program
// takes and sends none, so the call has one of its own, which ends with it.
#pragma once

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

}  // namespace backhaul::client
