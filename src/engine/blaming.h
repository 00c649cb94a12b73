// SPDX-License-Identifier: Apache-2.0
// Liars among the neighbours of this machine, and its other sources. What an owner expects of his file is his own word:
// whoever it denies is asked for nothing by his jobs, and by those of others as before. Only what the origin itself
// tells of its bytes proves to everybody that somebody lied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "core/job.h"
#include "engine/draft.h"
#include "ports/events.h"

namespace backhaul::engine {

enum class Denial : std::uint8_t {
  owner,   // a digest, a signature or a verdict of the owner
  origin,  // the digest that the origin told
};

// Whose jobs believe it: those of the owner; unset: all.
std::optional<std::uint32_t> believers_of(const Draft& draft, const base::JobId& id, Denial denial);

// This neighbour sent a piece of the file that is not what its owner expects, at this place.
void catch_liar(Draft& draft, const base::JobId& id, std::uint32_t file, const std::string& key, std::uint64_t place);
// The file is here and is what it should be, its origin says so too: then whoever was caught at it lied to all.
void convict_liars(Draft& draft, const base::JobId& id, std::uint32_t file, const ports::PartDigested& event);
// What was found wrong of a file: those of its bytes are gone that were in `before` and are not in the row. True:
// somebody else than its origin sent some of them. Jobs that believe it ask neighbours who did for nothing for a day, and
// other sources for a quarter of an hour. Whether others are asked for this file core::is_for_origin_alone says.
bool blame_neighbours(Draft& draft, const base::JobId& id, const core::File& before, const std::string& why,
                      Denial denial);

}  // namespace backhaul::engine
