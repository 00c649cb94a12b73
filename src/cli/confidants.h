// SPDX-License-Identifier: Apache-2.0
// Who is told the secrets of a job: the servers of its addresses. Where an address is changed, what was
// meant for one server goes to another.
#pragma once

#include <backhaul/client.h>

#include <string>
#include <utility>
#include <vector>

namespace backhaul::cli {

// Of a file: before and after.
using Addresses = std::vector<std::pair<std::string, std::string>>;

// Servers that are asked afterwards and were not before for the same file, as scheme://host:port, each once.
std::vector<std::string> new_confidants(const Addresses& moved);

// What of a job goes to the servers of its addresses alone: "the credentials and the headers"; empty:
// nothing. `headers`: as they can be read; an error: they cannot.
std::string secrets_text(const JobInfo& info, const Result<std::string>& headers);

}  // namespace backhaul::cli
