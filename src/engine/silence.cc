// SPDX-License-Identifier: Apache-2.0
#include "engine/silence.h"

#include <algorithm>

#include "core/http.h"
#include "core/mirrors.h"
#include "core/part_name.h"

namespace backhaul::engine {

// Reading a whole file again for its digest takes its time and is no wait.
std::optional<core::Waiting> silent(const Run& run, const Entry& entry, base::BootTime now) {
  const base::BootTime last = run.sign_of_life();
  if (!run.active || run.lanes.empty() || now - last < Run::opening_patience) return std::nullopt;
  const auto held_up = std::ranges::find_if(run.lanes, [](const Lane& lane) {
    return !lane.waits_for_request() && lane.phase != LanePhase::stored && lane.phase != LanePhase::failed &&
           lane.phase != LanePhase::searching && lane.phase != LanePhase::waiting;
  });
  if (held_up == run.lanes.end()) return std::nullopt;
  const core::File& file = entry.files[held_up->file];
  switch (held_up->phase) {
    case LanePhase::opening:
      if (held_up->part_open) return std::nullopt;  // for a connection of those that its server gets
      break;
    case LanePhase::receiving: {
      core::Waiting waiting{.kind = core::WaitingKind::answer, .arguments = {core::url_host(core::address(file))}};
      if (waiting.arguments.front().empty()) break;  // a file of this machine
      if (held_up->answered) waiting.arguments.emplace_back("more");
      return waiting;
    }
    case LanePhase::verifying: return std::nullopt;
    default: break;
  }
  return core::Waiting{.kind = core::WaitingKind::directory, .arguments = {core::parent_directory(file.local)}};
}

}  // namespace backhaul::engine
