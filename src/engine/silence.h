// SPDX-License-Identifier: Apache-2.0
// A job that has the turn and of which nothing is heard: who is it that does not answer?
#pragma once

#include <optional>

#include "base/time.h"
#include "core/waiting.h"
#include "engine/runs.h"
#include "engine/table.h"

namespace backhaul::engine {

// What its transfers wait for when nothing was heard of them for a while: a file system (`directory`) or a server
// (`answer`); without since. Nothing: they go on.
std::optional<core::Waiting> silent(const Run& run, const Entry& entry, base::BootTime now);

}  // namespace backhaul::engine
