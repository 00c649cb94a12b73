// SPDX-License-Identifier: Apache-2.0
// What the conversations of a world came to, in words: which way each request asked for its bytes, and
// what the answer meant. Counted, so that the swarm can be held to meeting all of them.
#pragma once

#include <optional>
#include <string>

#include "core/conversation.h"

namespace backhaul::sim {

// How `ask` asks, where `held` bytes of this version are here.
std::string way_of(const core::Ask& ask, const core::RemoteRecord& held);
std::string use_of(const core::Body& body, bool all_is_here);
std::string result_of(core::Sample sample, const core::Body& after);
std::string end_of(const std::optional<core::Ending>& ending);

}  // namespace backhaul::sim
