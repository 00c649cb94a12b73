// SPDX-License-Identifier: Apache-2.0
// What goes to each server, as the runs of this turn say.
#pragma once

#include <cstdint>
#include <string>

#include "core/job.h"
#include "core/origins.h"
#include "core/schedule.h"
#include "engine/draft.h"

namespace backhaul::engine {

// That of the address that is asked as the policy stands; empty: none, where a file of this machine is copied, or there is no file.
std::string server_of(const core::File* file, const core::AllowedOrigins& origins);
// Connections are those of lanes that are being opened, but for those that are ahead, or receive.
core::ServerUse use_of(const Draft& draft, const std::string& server);
// It has all the connections it gets. One more was not provided for where a part took too long to be opened.
bool is_served_fully(const Draft& draft, const std::string& server);
std::uint32_t connections(const Run& run, const std::string& server);

}  // namespace backhaul::engine
