// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/cells.h"

#include <map>
#include <set>
#include <utility>

#define BH_STEP                                                                              \
  "_ZN8backhaul4core4stepERNS0_3JobENS0_8JobEventERKNS0_11StepContextESt8optionalINS0_9Error" \
  "InfoEE"

namespace backhaul::sim {
namespace {

using base::JobState;
using core::JobEvent;

std::map<TouchedCell, std::uint64_t> counts;

TouchedCell touched(JobState state, JobEvent event, const core::JobFacts& facts) {
  const core::Cell cell = core::lookup(state, event, facts);
  return {event, state, cell.kind, cell.target, cell.code};
}

// Uploads are refused where they are asked for. Without files a job is new, or was set aside because
// the service crashed at it; and of none of its files nothing is left to fetch.
bool can_be(JobState state, const core::JobFacts& facts) {
  if (facts.upload) return false;
  if (facts.has_files) return true;
  return !facts.nothing_left && (state == JobState::suspended || state == JobState::error);
}

}  // namespace

base::Result<core::Effects> real_step(core::Job& job, core::JobEvent event,
                                      const core::StepContext& context,
                                      std::optional<core::ErrorInfo> error) asm("__real_" BH_STEP);
base::Result<core::Effects> counted_step(core::Job& job, core::JobEvent event,
                                         const core::StepContext& context,
                                         std::optional<core::ErrorInfo> error)
    asm("__wrap_" BH_STEP);

base::Result<core::Effects> counted_step(core::Job& job, core::JobEvent event,
                                         const core::StepContext& context,
                                         std::optional<core::ErrorInfo> error) {
  ++counts[touched(job.state, event, core::facts_of(job, context.now))];
  return real_step(job, event, context, std::move(error));
}

std::vector<TouchedCell> possible_cells() {
  std::set<TouchedCell> cells;
  for (int e = 0; e < core::job_event_count; ++e)
    for (int s = 0; s < base::job_state_count; ++s)
      for (unsigned facts = 0; facts < 32; ++facts) {
        const core::JobFacts each{.has_files = (facts & 1) != 0,
                                  .upload = (facts & 2) != 0,
                                  .nothing_left = (facts & 4) != 0,
                                  .never_retry = (facts & 8) != 0,
                                  .asks_once = (facts & 16) != 0};
        const auto state = static_cast<JobState>(s);
        const TouchedCell cell = touched(state, static_cast<JobEvent>(e), each);
        if (can_be(state, each) && cell.kind != core::CellKind::never) cells.insert(cell);
      }
  return {cells.begin(), cells.end()};
}

void forget_touched_cells() { counts.clear(); }

std::uint64_t times_touched(const TouchedCell& cell) {
  const auto found = counts.find(cell);
  return found == counts.end() ? 0 : found->second;
}

std::string name_of(const TouchedCell& cell) {
  const std::string place =
      std::string(to_word(cell.event)) + " in " + std::string(to_word(cell.state)) + ": ";
  switch (cell.kind) {
    case core::CellKind::go: return place + "to " + std::string(to_word(cell.target));
    case core::CellKind::stay: return place + "stays";
    case core::CellKind::refuse: return place + base::symbol(cell.code);
    case core::CellKind::begin_complete: return place + "begins Complete";
    case core::CellKind::begin_cancel: return place + "begins Cancel";
    case core::CellKind::begin_take: return place + "begins to be taken over";
    case core::CellKind::never: break;
  }
  return place + "never";
}

}  // namespace backhaul::sim
