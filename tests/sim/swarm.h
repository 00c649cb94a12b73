// SPDX-License-Identifier: Apache-2.0
// One run of the swarm: a world whose faults are drawn from its seed, clients that do anything to
// their jobs and to those of others, a service that dies all the time. Then everything is healed and
// the queue must come to rest.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace backhaul::sim {

struct SwarmResult {
  std::vector<std::string> failures;
  std::vector<std::string> last_history;
  std::string drawn;           // the options, for people
  std::uint64_t happened = 0;  // events of the timeline
  std::uint64_t jobs = 0;
  std::uint64_t deaths = 0;
  std::uint64_t digest = 0;    // of everything that could be seen
  std::map<std::string, std::uint64_t> meetings;  // Stage::met
};

SwarmResult run_swarm(std::uint64_t seed, std::size_t history_lines = 80, bool traces = false);

}  // namespace backhaul::sim
