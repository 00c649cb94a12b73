// SPDX-License-Identifier: Apache-2.0
// The sources of the site before the origin, as core/site_sources.h has their rules, and behind it the duplicates that it
// names: which is asked next for a file, and what becomes of one that fails or lies. What neighbours say among themselves is
// in asking.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "core/site_sources.h"
#include "engine/blaming.h"
#include "engine/draft.h"
#include "engine/runs.h"
#include "ports/events.h"

namespace backhaul::engine {

// `identified`: in this slice of the job its origin told what it has; otherwise only what is known before that counts.
core::NotAsked why_not_of_site(const Draft& draft, const base::JobId& id, std::uint32_t file, core::SiteSource source,
                               bool identified);
// The duplicate that is asked for it, now that its origin failed; unset: none, or it did not.
std::optional<std::string> next_duplicate(const Draft& draft, const base::JobId& id, std::uint32_t file);
// Unset: its origin.
std::optional<core::SiteSource> next_of_site(const Draft& draft, const base::JobId& id, std::uint32_t file,
                                             bool identified);
// Whose connection that takes; empty: nobody's of the network.
std::string server_of_site(const Draft& draft, const base::JobId& id, const Lane& lane, core::SiteSource source);
core::Source site_source(Draft& draft, const base::JobId& id, Lane& lane, core::SiteSource which);
// What comes by this lane may go on coming from where it comes.
bool may_go_on(const Draft& draft, const base::JobId& id, const Lane& lane);

void join_swarm(Draft& draft, const base::JobId& id, Lane& lane);
void on_swarm(Draft& draft, ports::SwarmAnswered& event);
// It is asked of nobody any more, and its swarm goes on without it.
void stop_asking(Draft& draft, Lane& lane);

// As long as this slice lasts the file comes from those behind it.
void pass(Draft& draft, const base::JobId& id, std::uint32_t file, core::SiteSource source);
// Its origin gave no more of the file of this lane, nor did a mirror. True: a duplicate is asked next, and the job is not
// told yet.
bool turn_to_duplicates(Draft& draft, const base::JobId& id, Run& run, Lane& lane);
// The next attempt is its origin's again.
void turn_from_duplicates(Draft& draft, const base::JobId& id, std::uint32_t file);
// A transfer from one of them, not from a neighbour, ended before all was here.
void site_failed(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const base::Error& error);
// Of those who sent some of what was found wrong these sources are taken out, and left alone.
void blame_site(Draft& draft, const base::JobId& id, const core::File& before, std::vector<std::string>& givers,
                const std::string& why, Denial denial);
// Other ones are laid down.
void forget_faults(Draft& draft);

}  // namespace backhaul::engine
