// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/cells.h"

#include <utility>

#define BH_STEP                                                                              \
  "_ZN8backhaul4core4stepERNS0_3JobENS0_8JobEventERKNS0_11StepContextESt8optionalINS0_9Error" \
  "InfoEE"

namespace backhaul::sim {
namespace {

CellCounts counts;

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
  ++counts[static_cast<std::size_t>(event)][static_cast<std::size_t>(job.state)];
  return real_step(job, event, context, std::move(error));
}

const CellCounts& touched_cells() { return counts; }

std::string describe_cells() {
  int possible = 0;
  int touched = 0;
  std::string missing;
  for (int e = 0; e < core::job_event_count; ++e) {
    const auto event = static_cast<core::JobEvent>(e);
    std::string states;
    for (int s = 0; s < base::job_state_count; ++s) {
      const auto state = static_cast<base::JobState>(s);
      if (lookup(state, event, {}).kind == core::CellKind::never) continue;
      ++possible;
      if (counts[static_cast<std::size_t>(e)][static_cast<std::size_t>(s)] != 0)
        ++touched;
      else
        states += " " + std::string(to_word(state));
    }
    if (!states.empty()) missing += "  " + std::string(to_word(event)) + " in" + states + "\n";
  }
  return std::to_string(touched) + " of " + std::to_string(possible) +
         " cells of the job table touched; not:\n" + missing;
}

}  // namespace backhaul::sim
