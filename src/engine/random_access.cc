// SPDX-License-Identifier: Apache-2.0
#include "engine/random_access.h"

#include <algorithm>
#include <utility>

#include "core/random_access.h"
#include "engine/allowance.h"
#include "engine/fetching.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"

namespace backhaul::engine {
namespace {

using base::Code;

base::Result<const core::File*> file_of(const Draft& draft, const base::JobId& id,
                                        std::uint32_t index) {
  const core::File* file = draft.file(id, index);
  if (file == nullptr)
    return base::Error(Code::BG_E_FILE_NOT_FOUND, "the job has no file " + std::to_string(index));
  BH_CHECK(core::may_access_at_random(*draft.job(id), *file));
  return file;
}

// A transfer that fetches the rest makes way; one that fetches what was asked for before comes to its
// end by itself.
void look_again(Draft& draft, const base::JobId& id, std::uint32_t file) {
  Run* run = draft.runs.edit(id);
  if (run == nullptr || !run->active || !moves(draft, id)) return;
  run->next_file = std::min(run->next_file, file);
  for (Lane& lane : run->lanes)
    if (lane.file == file && lane.phase == LanePhase::receiving && !lane.asked_only)
      leave_file(draft, *run, lane);
}

void keep(Draft& draft, const base::JobId& id, std::uint32_t file, core::Demand demand) {
  draft.edit_file(id, file, Weight::hard,
                  [&](core::File& row) { row.rare.set(&core::RareOfFile::demand, std::move(demand)); });
  BH_ASSERT(step(draft, id, core::JobEvent::change));
}

}  // namespace

base::Result<void> request_ranges(Draft& draft, const base::JobId& id, std::uint32_t index,
                                  const std::vector<core::WantedRange>& ranges) {
  BH_TRY(const core::File* file, file_of(draft, id, index));
  const bool here = file->state != core::FileState::waiting;
  BH_TRY(core::Demand demand, core::with_ranges(demand_of(*file), ranges, file->stored,
                                                file->remote_identity.size));
  BH_CHECK(take_octets(draft, id, ranges.size() * sizeof(core::Extent)));
  const bool more = !demand.asked.empty();
  keep(draft, id, index, std::move(demand));
  if (more && !here) look_again(draft, id, index);
  return {};
}

base::Result<void> set_position(Draft& draft, const base::JobId& id, std::uint32_t index,
                                std::uint64_t position) {
  BH_TRY(const core::File* file, file_of(draft, id, index));
  const bool elsewhere = file->state == core::FileState::waiting &&
                         demand_of(*file).position != position;
  BH_TRY(core::Demand demand,
         core::with_position(demand_of(*file), position, file->remote_identity.size));
  keep(draft, id, index, std::move(demand));
  if (elsewhere) look_again(draft, id, index);
  return {};
}

void leave_file(Draft& draft, Run& run, Lane& lane) {
  run.next_file = std::min(run.next_file, lane.file);
  close_lane(draft, lane);
}

bool give_up_demand(Draft& draft, const base::JobId& id, std::uint32_t index, base::Code why) {
  const core::File& file = *draft.file(id, index);
  if (!file.rare->demand || file.rare->demand->asked.empty()) return false;
  const bool without_ranges = why == Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
  if (!without_ranges && why != Code::BG_E_INVALID_RANGE) return false;
  const bool goes_on = without_ranges && !draft.job(id)->rare->on_demand_mode;
  draft.log(base::LogLevel::notice,
            "file " + std::to_string(index) + ": what was asked for of it is given up: " +
                base::symbol(why),
            id);
  draft.edit_file(id, index, Weight::hard, [&](core::File& row) {
    row.rare.edit().demand->asked.clear();
    if (goes_on) row.ranges_refused = true;
  });
  return goes_on;
}

}  // namespace backhaul::engine
