// SPDX-License-Identifier: Apache-2.0
// Neighbours before the origin (peer-caching.md §5): which of them a file is asked of, what becomes of their answers and
// of a transfer that fails. Whatever a neighbour does is no failure of the job: its file comes from another one, or from
// the next source (site_asking.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "core/job.h"
#include "core/neighbours.h"
#include "core/site_sources.h"
#include "engine/draft.h"
#include "engine/runs.h"
#include "ports/events.h"

namespace backhaul::engine {

// Null: nothing is known yet of how it comes.
const Approach* find_approach(const Draft& draft, const base::JobId& id, std::uint32_t file);
Approach& edit_approach(Draft& draft, const base::JobId& id, std::uint32_t file);

// What a lane does whose part is open.
enum class Way : std::uint8_t {
  origin,     // fetches from there
  identity,   // asks it what it has, and nothing more
  search,     // asks neighbours who has it
  neighbour,  // fetches from the first that offered it
  join,       // asks to be let into its swarm
  site,       // fetches from there, or from the site's cache or proxy
};
struct NextWay {
  Way way = Way::origin;
  core::SiteSource source = core::SiteSource::neighbours;  // join, site: which
};
NextWay way_of(const Draft& draft, const base::JobId& id, const Run& run, const Lane& lane);
// Whose connection that takes.
std::string server_of(const Draft& draft, const base::JobId& id, const Lane& lane, const NextWay& next);
void search(Draft& draft, const base::JobId& id, Lane& lane);
// In the order in which they are tried.
std::vector<core::NeighbourAnswer> offers_of(const Draft& draft, const base::JobId& id, std::uint32_t file);
void forget_offer(Draft& draft, const base::JobId& id, std::uint32_t file, const std::string& key);
core::Source neighbour_source(const Draft& draft, const core::NeighbourAnswer& offer);

// The origin told what it has. False: what is held does not belong to that.
void take_identity(Draft& draft, const base::JobId& id, const Run& run, const Lane& lane,
                   const ports::HeadReceived& head);
// It comes from the origin and from nobody else, as long as this slice lasts.
void settle_for_origin(Draft& draft, const base::JobId& id, const Run& run, std::uint32_t file);
void on_answers(Draft& draft, ports::NeighboursAnswered& event);
// Its transfer ended before all was here: the next one, or the origin.
void neighbour_failed(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const base::Error& error);

// Neighbours sent some of this file, which is whole, and nothing proves it any more: its server told no digest in the
// end, or colleagues are not believed since. Then all of it comes from the origin. False: it is as it should be.
bool give_up_unproven(Draft& draft, const base::JobId& id, std::uint32_t file);

// The job allows neighbours now, or does not any more, or the settings do: what is under way is asked anew.
void change_sources(Draft& draft, const base::JobId& id, bool others_are_trusted = false);
void change_sources(Draft& draft, const core::Policy& before);
// For a source: some neighbour that may be asked is known.
bool knows_neighbours(const Draft& draft, const base::JobId& id, const Approach* approach);
// A lane that waits for a neighbour asks again, or is not made to wait any more.
void look_at_waiting(Draft& draft);
base::BootTime next_asking(const Runs& runs);

}  // namespace backhaul::engine
