// SPDX-License-Identifier: Apache-2.0
// What goes to each server, as the runs of this turn say.
#pragma once

#include <cstdint>
#include <string>

#include "core/fair_share.h"
#include "core/job.h"
#include "core/origins.h"
#include "core/schedule.h"
#include "engine/draft.h"

namespace backhaul::engine {

// That of the address that is asked as the policy stands; empty: none, where a file of this machine is copied, or there is no file.
std::string server_of(const core::File* file, const core::AllowedOrigins& origins);
// The run has a turn, and a connection there or is on its way: not one whose bytes are all here, or whose part takes too
// long to be opened.
bool is_at(const Draft& draft, const Entry& entry, const Run& run, const std::string& server);
// Connections are those of lanes that are being opened, but for those that are ahead, or receive.
core::ServerUse use_of(const Draft& draft, const std::string& server);
// What foreground jobs have of the places there, as many as there may be connections. The background job is in nobody's
// way: where there is no room it gives its turn back.
core::SharedLimit places_at(const Draft& draft, const std::string& server);
// It has all the connections it gets. One more was not provided for where a part took too long to be opened.
bool is_served_fully(const Draft& draft, const std::string& server);
std::uint32_t connections(const Run& run, const std::string& server);

}  // namespace backhaul::engine
